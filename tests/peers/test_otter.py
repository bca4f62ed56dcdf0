"""`otter run` is driven from outside, and its own verdict is not asked."""

import sys
import time
import zipfile

import pytest

from autograder.peers.otter import OtterError, _read_results, _run, otter_run


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


def test_a_run_that_does_not_end_is_killed_with_all_that_it_started():
    """otter sets no limit of its own."""
    start = time.monotonic()
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    assert _run([sys.executable, "-c", child], timeout=1) == "stopped after 1 s"
    assert time.monotonic() - start < 20
