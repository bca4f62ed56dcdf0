"""`watch` as a process: stopped, killed and called again, it grades each hand-in once, and a second one is refused."""

from __future__ import annotations

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

pytestmark = pytest.mark.slow
COMMAND = [sys.executable, "-m", "autograder", "watch", "in", "--assignment", NAME, "--out", "out", "--jobs", "2"]


@contextmanager
def _watching(course: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """Run the command until the end of the block."""
    with subprocess.Popen(
        [*COMMAND, "--isolation", strongest_level(), *options],
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


def _students(course: Path) -> list[str]:
    results = course / "out" / "results.jsonl"
    return [json.loads(line)["student"] for line in results.read_text().splitlines()] if results.exists() else []


def _wait(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 120
    while time.monotonic() < end and not condition():
        time.sleep(0.05)
    return condition()


def _hand_in(course: Path, student: str, seconds: int = 0) -> None:
    code = f"import time\ntime.sleep({seconds})\nanswer = 42"
    nbformat.write(submission(code), course / "in" / f"{student}.ipynb")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_it_is_stopped_and_goes_on(tmp_path: Path, number: signal.Signals) -> None:
    """What was graded stays, what was running is graded next time, and nothing goes on behind its back."""
    write_course(tmp_path)
    (tmp_path / "in").mkdir()
    with _watching(tmp_path) as process:
        _hand_in(tmp_path, "ada")
        assert _wait(lambda: _students(tmp_path) == ["ada"])
        with _watching(tmp_path) as second:
            _, told = second.communicate(timeout=60)
            assert (second.returncode, told.splitlines()[0]) == (2, "autograder: Another run is grading into out.")
        _hand_in(tmp_path, "bob", 30)
        time.sleep(3)
        started = psutil.Process(process.pid).children(recursive=True)
        start = time.monotonic()
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
        assert time.monotonic() - start < 10
        if number != signal.SIGKILL:
            assert process.returncode == 128 + number
            assert told.endswith("autograder: stopped. The same command goes on where this one was.\n")
            assert (tmp_path / "out" / "report.html").is_file()
    assert _wait(lambda: not any(one.is_running() and one.status() != "zombie" for one in started))
    before = (tmp_path / "out" / "results.jsonl").read_text()
    assert _students(tmp_path) == ["ada"]
    _hand_in(tmp_path, "bob")
    with _watching(tmp_path, "--until-idle", "1") as process:
        printed, told = process.communicate(timeout=120)
        assert process.returncode == 0, told
    assert "bob" in printed
    assert _students(tmp_path) == ["ada", "bob"]
    assert (tmp_path / "out" / "results.jsonl").read_text().startswith(before)
