"""A run that is killed or interrupted: nothing is lost, nothing is graded twice, and nothing goes on behind its back."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import psutil
import pytest

from tests.grade.tiny import NAME, submission, write_course
from tests.needs import strongest_level

STUDENTS = 7
STRONGEST = strongest_level()

pytestmark = pytest.mark.slow


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course whose first three students take a second each, the others four: what stops a run halfway has time to."""
    write_course(tmp_path)
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(STUDENTS):
        code = f"import time\ntime.sleep({1 if number < 3 else 4})\nanswer = {50 + number}"
        nbformat.write(submission(code), folder / f"student{number}.ipynb")
    return tmp_path


@contextmanager
def _grading(course: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the command until the end of the block."""
    command = [sys.executable, "-m", "autograder", "grade", "in", "--assignment", NAME, "--out", "out", "--jobs", "2"]
    with subprocess.Popen(
        [*command, "--isolation", STRONGEST],
        cwd=course,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _lines(course: Path) -> list[str]:
    results = course / "out" / "results.jsonl"
    return results.read_text().splitlines() if results.exists() else []


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def _stop_halfway(course: Path, number: signal.Signals) -> tuple[int, float, list[psutil.Process]]:
    """Send a signal when two results are there; return exit code, seconds until the end, and what it had started."""
    with _grading(course) as process:
        assert _wait(lambda: len(_lines(course)) >= 2 or process.poll() is not None, 180)
        assert process.poll() is None, process.communicate(timeout=5)
        started = psutil.Process(process.pid).children(recursive=True)
        start = time.monotonic()
        process.send_signal(number)
        return process.wait(60), time.monotonic() - start, started


def _finish(course: Path, before: list[str]) -> None:
    """Run the same command to the end: what was there stays as it is, and each of the others comes once."""
    with _grading(course) as process:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, out + err
    after = _lines(course)
    assert after[: len(before)] == before
    results = [json.loads(line) for line in after]
    assert sorted(result["student"] for result in results) == [f"student{number}" for number in range(STUDENTS)]
    assert {result["score"] for result in results} == {3.0}


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        signal.SIGKILL,
        pytest.param(signal.SIGINT, marks=pytest.mark.long),
        pytest.param(signal.SIGHUP, marks=pytest.mark.long),
    ],
)
def test_a_stopped_run_goes_on_where_it_was(course: Path, number: signal.Signals) -> None:
    """Killed, ended or interrupted halfway, the grader leaves whole lines and no process, and the same command does the rest."""
    code, seconds, started = _stop_halfway(course, number)
    if number != signal.SIGKILL:
        assert code == 128 + number
        assert seconds < 5
    assert _wait(lambda: not any(process.is_running() and process.status() != "zombie" for process in started), 15)
    before = _lines(course)
    assert 2 <= len(before) < STUDENTS
    _finish(course, before)
