"""Bonus comes on top: it has a maximum of its own, and is counted as bonus on every page and in every export."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from autograder.export.changes import summarise
from autograder.export.lms.gradescope import results_json
from autograder.export.lms.spreadsheet import csv_bytes
from autograder.export.scores import count_scores
from autograder.grade.results import write_grades
from autograder.model import CheckResult, Mark, SubmissionResult
from autograder.report.class_page.page import render_class_page
from autograder.report.class_page.tallies import scores
from autograder.report.class_records import ClassRecords, Entry
from autograder.report.console import print_table
from autograder.report.feedback.page import PageContext, render_page
from autograder.report.marking.page import render_marking_page
from autograder.report.written_text import WrittenText
from autograder.totals import Total, add_up, total_of
from tests.report.classes import Page

MARKS = (Mark("ex1_written", 10.0, 10.0), Mark("ex3_written", 1.0, 3.0))


def _result(student: str = "ada", regular: float = 10.0, bonus: float = 3.0) -> SubmissionResult:
    """Return a result of 10 regular points and 7 of bonus."""
    checks = (
        CheckResult("ex2_plot", "passed", regular, 10.0),
        CheckResult("ex3_plot", "failed", bonus, 7.0, "no_labels", None, "No labels."),
    )
    named = ("ex3_plot", "ex3_written")
    return SubmissionResult(student, "hw", "graded", regular + bonus, 17.0, "process", 1.0, None, checks, bonus=named)


@pytest.mark.parametrize(
    ("total", "words"),
    [
        (Total(17.0, 20.0, 4.0, 10.0), "17 of 20, and 4 of 10 bonus"),
        (Total(17.5, 20.0), "17.5 of 20"),
        (Total(0.0, 0.0, 4.0, 10.0), "4 of 10 bonus"),
        (Total(0.0, 0.0), "0 of 0"),
    ],
)
def test_a_total_in_words(total: Total, words: str) -> None:
    """Bonus is named where there is any to be had."""
    assert str(total) == words


def test_points_are_added_up_apart() -> None:
    """By the machine and by people; an answer that waits counts as 0 of what it gives."""
    assert total_of(_result()) == Total(10.0, 10.0, 3.0, 7.0)
    assert total_of(_result(), MARKS) == Total(20.0, 20.0, 4.0, 10.0)
    assert add_up([Mark("ex3_written", None, 3.0)], ("ex3_written",)) == Total(0.0, 0.0, 0.0, 3.0)


def test_a_record_keeps_what_is_bonus() -> None:
    """Through `results.jsonl`, and lines without it can be read."""
    values = json.loads(json.dumps(_result().to_json()))
    assert SubmissionResult.from_json(values) == _result()
    del values["bonus"]
    assert SubmissionResult.from_json(values).bonus == ()


def test_exports_tell_bonus() -> None:
    """In a comment, in a spreadsheet, and for Gradescope, whose tests are named as ever."""
    (score,), _ = count_scores([_result()], {"ada": MARKS}, {}, "all")
    assert summarise(score).startswith("20 of 20, and 4 of 10 bonus points.")
    (row,) = csv.DictReader(io.StringIO(csv_bytes([score]).decode()))
    assert [row[name] for name in ("score", "max_score", "bonus", "max_bonus")] == ["24", "20", "4", "10"]
    told = results_json(score.result, score.counted)
    assert told["score"] == 24.0
    assert told["output"] == "20 of 20, and 4 of 10 bonus points."
    assert [test["name"] for test in told["tests"] if "tags" in test] == ["ex3_plot", "ex3_written"]
    assert told["tests"][1]["output"] == "Bonus. No labels."


def test_the_table_of_grades_tells_bonus(tmp_path: Path) -> None:
    """Beside what the record has."""
    write_grades(tmp_path / "grades.csv", [_result()])
    (row,) = csv.DictReader((tmp_path / "grades.csv").read_text().splitlines())
    assert [float(row[name]) for name in ("score", "max_score", "bonus", "max_bonus")] == [13.0, 17.0, 3.0, 7.0]


def test_the_terminal_tells_bonus() -> None:
    """In the score's own column."""
    console = Console(file=io.StringIO(), width=100)
    print_table([_result()], Path("out"), console)
    assert "10 / 10 + 3 / 7" in console.file.getvalue()  # type: ignore[attr-defined]


def test_pages_tell_bonus() -> None:
    """The student's, the class's and the one for marking."""
    text = Page(render_page("Tiny", _result(), None, PageContext(marks=MARKS))).text
    assert "10 of 10 points, and 3 of 7 bonus, checked by machine" in text
    assert "10 of 10 points, and 1 of 3 bonus, for answers in words" in text
    assert "Exercise 3 3 / 7 bonus" in text
    records = ClassRecords("hw", "Tiny", (Entry(_result(), marks=MARKS), Entry(_result("bob", 4.0, 7.0), marks=MARKS)))
    text = Page(render_class_page(records)).text
    assert "mean of 10 points and 7 bonus 12" in text
    assert "of that, bonus 5" in text
    assert "with all 10 regular points 1" in text
    assert "1 / 3 bonus" in text
    words = {
        name: {"ex1_written": (WrittenText("A."),), "ex3_written": (WrittenText("B."),)} for name in ("ada", "bob")
    }
    page = render_marking_page(records, words)  # its script says it, from the data
    assert re.search(r'"title": "Exercise 3[^}]*?"max": 3.0, "bonus": true', page)
    assert "of bonus" in page


def test_all_points_are_the_regular_ones() -> None:
    """Who makes up for a mistake with bonus has as many points, and not all of them."""
    spread = scores([Entry(_result()), Entry(_result("bob", 6.0, 7.0))])
    assert (spread.maximum, spread.max_bonus, spread.full) == (10.0, 7.0, 1)
    assert spread.bins[13].count == 2
