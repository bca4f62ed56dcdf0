"""`otter run` is driven from outside, and its own verdict is not asked."""

import time
import zipfile

import pytest

from autograder.errors import OutOfTimeError
from autograder.peers import otter
from autograder.peers.otter import OtterError, _read_results, otter_run


def test_cases_are_added_up_by_question():
    """A question has a public case without points and a hidden one with all of them."""
    tests = [
        {"name": "Public Tests", "score": 0, "max_score": 0, "output": "all fine"},
        {"name": "ex2_plot - 1", "score": 0, "max_score": 0, "output": "seen"},
        {"name": "ex2_plot - 2", "score": 2, "max_score": 2, "output": ""},
        {"name": "ex3_plot - 1", "score": 0, "max_score": 0, "output": ""},
        {"name": "ex3_plot - 2", "score": 0.0, "max_score": 1, "output": "CheckFailed"},
    ]
    plot, other = _read_results({"tests": tests})
    assert (plot.name, plot.status, plot.score, plot.max_score) == ("ex2_plot", "passed", 2, 2)
    assert (other.name, other.status, other.score, other.max_score) == ("ex3_plot", "failed", 0, 1)
    assert "CheckFailed" in other.message


def test_a_run_without_results_is_an_error_with_otters_last_words(tmp_path):
    """otter writes no results.json for what is no notebook."""
    with zipfile.ZipFile(tmp_path / "autograder.zip", "w") as archive:
        archive.writestr("otter_config.json", "{}")
        archive.writestr("tests/q.py", "OK_FORMAT = False\nname = 'q'\n")
        archive.writestr("files/data.txt", "1")
    (tmp_path / "essay.ipynb").write_text("Dear teacher,")
    with pytest.raises(OtterError, match=r"no results for essay\.ipynb: \S+"):
        otter_run(tmp_path / "autograder.zip", tmp_path / "essay.ipynb")


def test_a_run_that_does_not_end_is_killed_with_all_that_it_started(monkeypatch):
    """otter sets no limit of its own; what ran, how long it may take and what it had printed are told."""
    child = (
        "import subprocess, sys; print('half-way', flush=True);"
        "subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    )
    monkeypatch.setattr(otter, "_OTTER", ("-c", child))
    start = time.monotonic()
    with pytest.raises(OutOfTimeError) as caught:
        otter.run_otter(["run"], 3)
    assert caught.value.message == (
        "`otter run` was stopped: it may take 3 s, and had not ended by then. It had printed:\nhalf-way"
    )
    assert "busy" in caught.value.tip
    assert time.monotonic() - start < 30
