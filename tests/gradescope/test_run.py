"""Every way out of grading leaves a result that Gradescope takes, and tells students nothing of the grader's inside."""

import dataclasses
import json
import shutil
import signal
import subprocess
import sys
import time
import zipfile

import nbformat
import pytest

from autograder.assignment.settings import read_source
from autograder.compile.gradescope_zip import write_gradescope_zip
from autograder.errors import AutograderError
from autograder.execute.engine import Result
from autograder.gradescope import run
from autograder.gradescope.__main__ import main
from autograder.gradescope.container import Container
from autograder.model import CheckResult, SubmissionResult
from autograder.sandbox.limits import GIB
from tests.grade import tiny
from tests.gradescope.schema import faults_of

SECRET = "the hidden test expects forty-two"  # noqa: S105 (a mark to look for)


@pytest.fixture
def container(tmp_path, monkeypatch):
    """A container with the tiny assignment and a submission; every signal is as it was afterwards."""
    kept = {
        number: signal.getsignal(number) for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    }
    assignment, release = tiny.write_course(tmp_path / "course")
    lock = tmp_path / "requirements.lock"
    lock.write_text("numpy==2.4.6\n")
    write_gradescope_zip(read_source(assignment.folder), release, lock, tmp_path / "tiny.zip")
    with zipfile.ZipFile(tmp_path / "tiny.zip") as opened:
        opened.extractall(tmp_path / "autograder" / "source")
    (tmp_path / "autograder" / "submission").mkdir()
    nbformat.write(tiny.submission(), tmp_path / "autograder" / "submission" / "tiny.ipynb")
    monkeypatch.setattr(run, "choose_isolation", lambda asked: "user")
    yield Container(tmp_path / "autograder")
    for number, handler in kept.items():
        signal.signal(number, handler)


class FakeEngine:
    """Stands for the engine: `work` is what it does with a submission."""

    def __init__(self, plan, **told):
        self.told = told

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def run(self, submission):
        """Do what the test wants."""
        return self.work(submission)


def engine(monkeypatch, work):
    """Let grading use an engine that does this."""
    monkeypatch.setattr(run, "Engine", type("Engine", (FakeEngine,), {"work": staticmethod(work)}))


def result(submission, status="graded", **more):
    """Return what an engine returns."""
    check = CheckResult("ex1_test", **({"status": "passed", "score": 3.0, "max_score": 3.0} | more))
    whole = SubmissionResult("ada", "tiny", status, check.score, 3.0, "user", 2.0, None, (check,))
    return Result(whole, None, blank=frozenset({"ex1_written"}))


def results(container):
    """Return the results, sound ones."""
    told = json.loads(container.results.read_text(encoding="utf-8"))
    assert faults_of(told) == []
    assert SECRET not in json.dumps(told)
    assert "Traceback" not in json.dumps(told)
    assert container.results.stat().st_mode & 0o077 == 0
    assert [path.name for path in container.results.parent.iterdir()] == ["results.json"]
    return told


def test_a_result_is_written(container, monkeypatch, capsys):
    """Points to the student, the whole to the instructor."""
    engine(monkeypatch, result)
    assert main([str(container.root)]) == 0
    told = results(container)
    assert (told["score"], told["extra_data"]) == (3, {"isolation": "user", "status": "graded"})
    assert "graded: 3 of 3" in capsys.readouterr().out


def test_no_sandbox(container, monkeypatch, capsys):
    """Nothing is run without one; the student is not to blame, and the instructor gets the reason."""

    def refuse(asked):
        raise AutograderError(f"No sandbox works here: {SECRET}.")

    monkeypatch.setattr(run, "choose_isolation", refuse)
    run.grade_container(container)
    told = results(container)
    assert (told["score"], told["extra_data"]) == (0, {"isolation": None, "status": "no_sandbox"})
    assert "no sandbox for it works" in told["output"]
    assert SECRET in capsys.readouterr().out


@pytest.mark.parametrize("error", [AutograderError(SECRET), RuntimeError(SECRET), MemoryError(SECRET)])
def test_the_graders_own_failure(container, monkeypatch, capsys, error):
    """A traceback could quote a hidden test: it goes where instructors look."""

    def fail(submission):
        raise error

    engine(monkeypatch, fail)
    run.grade_container(container)
    told = results(container)
    assert (told["score"], told["extra_data"]) == (0, {"isolation": "user", "status": "failed"})
    assert "the grader itself failed" in told["output"]
    assert SECRET in capsys.readouterr().out


def test_checks_that_all_failed_to_run(container, monkeypatch, capsys):
    """The message of a submission that could not be run is about the grader's inside."""
    engine(monkeypatch, lambda s: Result(_broken(), None, blank=frozenset({"ex1_written"})))
    run.grade_container(container)
    assert "the grader itself failed" in results(container)["output"]
    assert SECRET in capsys.readouterr().out


def _broken():
    check = CheckResult("ex1_test", "error", 0.0, 3.0, message=SECRET)
    return SubmissionResult("ada", "tiny", "crashed", 0.0, 3.0, "user", 2.0, SECRET, (check,))


def test_the_deadline(container, monkeypatch):
    """Something that never ends is ended, with a sentence."""
    monkeypatch.setenv("AUTOGRADER_SECONDS", "1")
    engine(monkeypatch, lambda submission: time.sleep(60))
    start = time.monotonic()
    assert run.grade_container(container) == 0
    signal.alarm(0)
    assert time.monotonic() - start < 20
    told = results(container)
    assert "did not end within 1 seconds" in told["output"]
    assert told["extra_data"]["status"] == "timeout"


def test_a_stop_from_outside(container, monkeypatch):
    """As when the container is told to end."""
    engine(monkeypatch, lambda submission: signal.raise_signal(signal.SIGTERM))
    assert run.grade_container(container) == 0
    signal.alarm(0)
    told = results(container)
    assert "stopped from outside" in told["output"]
    assert told["extra_data"]["status"] == "stopped"


LATE = """
import os, signal, sys
from autograder.gradescope.ending import Ending
with Ending(60, lambda deadline: print("OVERWRITTEN", flush=True)) as ending:
    with ending.writing():
        os.kill(os.getpid(), signal.SIGTERM)  # held back until the result is whole
        print("WRITTEN", flush=True)
    print("AFTER", flush=True)
"""


def test_a_late_signal_changes_no_result():
    """It waits while the result is written, and then ends the process."""
    ran = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout) == (0, "WRITTEN\n")


HANGING = """
import contextlib, time
from autograder.gradescope import ending
ending._TEARDOWN_SECONDS = 1
with contextlib.suppress(BaseException), ending.Ending(0.2, lambda deadline: print("WRITTEN", flush=True)):
    try:
        time.sleep(60)
    finally:
        time.sleep(60)  # taking down hangs
"""


def test_taking_down_may_not_hang():
    """The result is there; whoever doesn't end is ended."""
    start = time.monotonic()
    ran = subprocess.run([sys.executable, "-c", HANGING], capture_output=True, text=True, timeout=50, check=False)
    assert ran.stdout == "WRITTEN\n"
    assert time.monotonic() - start < 40


@pytest.mark.parametrize(("gib", "expected"), [(0.75, 0.25), (3, 1.5), (6, 4), (64, 4)])
def test_a_submission_gets_what_the_grader_leaves(gib, expected):
    """Of the container's memory, and of what is left of the time."""
    limits = run.limits_for(400, int(gib * GIB))
    assert (limits.seconds, limits.memory) == (300, expected)


def test_no_time_is_left():
    """Limits are limits even then."""
    assert run.limits_for(-3, GIB).seconds == 1


def test_an_open_folder_is_not_graded_in(container, monkeypatch, capsys):
    """At the level `user` permissions are the wall: run_autograder sets them, and the engine looks."""
    seen = {}

    class Watching(FakeEngine):
        def __init__(self, plan, **told):
            seen.update(told)
            super().__init__(plan, **told)

        work = staticmethod(result)

    monkeypatch.setattr(run, "Engine", Watching)
    run.grade_container(container)
    root = container.root
    assert set(seen["private"]) == {root / "source", root / "submission", root / "results"}
    assert seen["isolation"] == "user"


def test_setting_up_tells_the_levels(container, capsys):
    """For the build log of the image; this assignment has no network, whose reference would be made."""
    assert main(["--set-up", str(container.root)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["isolation level bubblewrap", "isolation level user"]
    assert "Submissions will" in lines[2] or "NO SANDBOX" in lines[2]


def test_a_container_without_its_files_fails_loudly(container):
    """What was written first stands then; run_autograder has put it there."""
    shutil.rmtree(container.root / "source")
    with pytest.raises(FileNotFoundError):
        run.grade_container(container)


def test_of_several_notebooks_the_assignments_own_counts(container, monkeypatch):
    """By the same rules as in a class; a tool's copies and links are left out."""
    folder, seen = container.submission, []
    (folder / "tiny.ipynb").rename(folder / "draft.ipynb")
    (folder / "work" / ".ipynb_checkpoints").mkdir(parents=True)
    for name in ("work/my tiny homework.ipynb", "work/.ipynb_checkpoints/tiny-9.ipynb"):
        nbformat.write(tiny.submission(), folder / name)
    (folder / "tiny-99.ipynb").symlink_to(container.source / "tiny.ipynb")

    def work(submission):
        seen.append(submission)
        return result(submission)

    engine(monkeypatch, work)
    run.grade_container(container)
    assert seen[0].notebook == folder / "work" / "my tiny homework.ipynb"
    assert seen[0].note.startswith("2 notebooks were handed in")


@pytest.mark.parametrize(
    ("words", "told"), [("YOUR ANSWER HERE", "Nothing was answered."), ("Because.", "Exercise 1: not answered.")]
)
def test_answers_in_words_are_seen(container, monkeypatch, words, told):
    """Who wrote something did not answer nothing, though no check sees it."""

    def blank(submission):
        ran = result(submission)
        check = CheckResult("ex1_test", "failed", 0.0, 3.0, "missing")
        blank = frozenset() if words == "Because." else frozenset({"ex1_written"})
        return Result(dataclasses.replace(ran.result, score=0.0, checks=(check,)), None, blank=blank)

    engine(monkeypatch, blank)
    run.grade_container(container)
    assert results(container)["output"].startswith(told)
