"""What is said while a class is graded."""

import io
import re

import pytest
from rich.console import Console

from autograder.grade.progress import show_progress
from autograder.grade.workers import Tally
from autograder.model import SubmissionResult


def _result(student: str, status: str = "graded") -> SubmissionResult:
    return SubmissionResult(student, "hw", status, 2.0, 3.0, "process", 4.0)  # type: ignore[arg-type]


def test_a_log_gets_a_line_for_each() -> None:
    """Where nobody watches, each submission is one plain line, whatever its name contains."""
    file = io.StringIO()
    with show_progress(Console(file=file), 2, 1, lambda: Tally(3, 5)) as progress:
        progress.begin("ada")
        progress.end(_result("ada"))
        progress.end(_result("[red]bob\n\x1b[2J", "timeout"))
    assert file.getvalue().splitlines() == [
        "[1/2] ada: 2 of 3 (4 s)",
        "[2/2] [red]bob??[2J: 2 of 3, timeout (4 s)",
        "maps: 3 computed, 5 remembered",
    ]


def test_a_terminal_gets_a_bar_with_names_and_time_left() -> None:
    """On a terminal the bar says who is being graded, how many are done, and how long is left."""
    file = io.StringIO()
    with show_progress(Console(file=file, force_terminal=True, width=100), 3, 2, lambda: Tally(1, 2)) as progress:
        progress.begin("ada")
        progress.begin("[red]bob")
        progress.end(_result("ada"))
    shown = re.sub(r"\x1b\[[0-9;]*m", "", file.getvalue())
    assert "ada" in shown or "bob" in shown
    assert re.search(r"1/3 +\d\d:\d\d +left", shown)  # by the first result's pace already
    assert "1 computed" in shown


def test_quiet_shows_nothing(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`--quiet` writes nothing, on a terminal or elsewhere."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    with show_progress(None, 1, 1, lambda: Tally(1, 1)) as progress:
        progress.begin("ada")
        progress.end(_result("ada"))
    assert capfd.readouterr() == ("", "")


def test_the_bar_names_those_that_run() -> None:
    """Who began before only waits for the judgement, and would fill the line."""
    file = io.StringIO()
    with show_progress(Console(file=file, force_terminal=True, width=100), 9, 2, lambda: Tally(0, 0)) as progress:
        for name in ("ada", "bob", "cyd"):
            progress.begin(name)
    last = file.getvalue().rsplit("grading", 1)[1]
    assert "bob, cyd" in last
    assert "ada" not in last
