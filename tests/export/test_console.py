"""What an export tells the person who ran it."""

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from autograder.export import ExportRequest, export
from autograder.export.changes import MAX_SUMMARY_CHARACTERS, summarise
from autograder.export.console import print_outcome
from autograder.export.records import Score
from autograder.model import CheckResult, SubmissionResult
from tests.export.class_lists import CANVAS, CLASS, NAME, TITLE, WRITTEN, result


@pytest.fixture
def say(tmp_path: Path) -> Any:
    """Run an export, and return what it tells."""

    def run(**options: Any) -> str:
        given = tmp_path / "given.csv"
        given.write_bytes(options.pop("data", CANVAS))
        told = {"lms": "canvas", "results": CLASS, "title": TITLE, "folder_name": str, "class_list": given} | options
        request = ExportRequest(out=tmp_path / "out", **told)
        text = io.StringIO()
        print_outcome(export(request), request, Console(file=text, width=200))
        return text.getvalue()

    return run


def test_what_was_done_is_told(say: Any) -> None:
    """How many rows, where, who stays and why, and which rows have no result."""
    told = say(results=(*CLASS, result("zoe")))
    assert "Filled the rows of 2 of 6 students; 1 had theirs already: " in told
    assert "Results that no row was filled for: 1\n  zoe: matches no row.\n" in told
    assert "Students whose row stays as it is: 2\n" in told
    assert "  alan: is excused ('EX').\n" in told
    assert "Rows without a result, left as they are: 1\n  Student, Test\n" in told
    assert "(blank)" not in told


def test_a_dry_run_shows_each_change(say: Any) -> None:
    """Student, row, old and new, and that nothing was written."""
    told = say(dry_run=True, replace=True)
    lines = [line.split() for line in told.splitlines()]
    assert ["ada", "Lovelace,", "Ada", "(blank)", "11"] in lines
    assert ["eve", "=SUM(A1),", "Eve", "3.00", "0"] in lines
    assert "Would fill the rows of 3 of 5 students; 1 had theirs already. Nothing was written." in told


def test_a_terminal_is_not_obeyed(say: Any) -> None:
    """Control characters and markup of a name are shown, and not acted on."""
    told = say(data=CANVAS.replace(b"Lovelace", b"[red]\x1b[31mLove"), dry_run=True)
    assert "\x1b" not in told
    assert "[red]?[31mLove, Ada" in told


@pytest.mark.parametrize("lms", ["csv", "gradescope"])
def test_files_without_a_list_are_told(say: Any, lms: str) -> None:
    """The number of students and the place; a student without a score is named."""
    told = say(lms=lms, class_list=None, results=(result("ada"), result("eve", check="error")))
    assert told.startswith("2 students: ")
    assert "Students whose score is not complete: 1\n  eve: the grader itself failed" in told
    assert say(lms=lms, class_list=None, dry_run=True).startswith("Would write the results of 5 students.")


def test_a_summary_is_one_line() -> None:
    """Points, what cost some, what stopped the notebook, and a person's comment where marks count."""
    one = result("ada", status="timeout")
    assert summarise(Score(one, WRITTEN["ada"], 14.5, WRITTEN["ada"])) == (
        "14.5 of 27 points. Stopped: timeout. ex2_activations: 9 of 15. No <b>layer</b>. "
        "ex1_written: 2.5 of 4. Say <i>why</i>. ex2_written: 1 of 6."
    )
    assert "ex1_written" not in summarise(Score(one, WRITTEN["ada"], 11.0))


def test_a_summary_is_short() -> None:
    """A message without end is cut."""
    check = CheckResult("ex2_plot", "failed", 0.0, 2.0, message="long\n" * 10_000)
    one = SubmissionResult("ada", NAME, "graded", 0.0, 2.0, "process", 1.0, None, (check,))
    text = summarise(Score(one, (), 0.0))
    assert len(text) == MAX_SUMMARY_CHARACTERS + 1
    assert "\n" not in text


def test_a_summary_names_what_was_left_out_once() -> None:
    """Not check by check: there is nothing to say about each."""
    checks = tuple(CheckResult(name, "failed", 0.0, 2.0, "missing", None, "x") for name in ("ex3_a", "ex3_b"))
    one = SubmissionResult("ada", NAME, "graded", 0.0, 4.0, "process", 1.0, None, checks)
    assert summarise(Score(one, (), 0.0)) == "0 of 4 points. Nothing was answered."
