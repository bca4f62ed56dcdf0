"""What a run writes."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.errors import GradeError
from autograder.grade.results import append_result, keep_previous, read_results, write_grades
from autograder.model import CheckResult, SubmissionResult


def _result(student: str, message: str | None = None) -> SubmissionResult:
    checks = (CheckResult("ex1_test", "failed", 0.0, 3.0, "wrong_layer", "conv1", "No."),)
    return SubmissionResult(student, "tiny", "graded", 0.0, 3.0, "process", 1.5, message, checks)


def test_results_come_back_as_they_were_written(tmp_path: Path) -> None:
    """Any student's id survives, line by line."""
    path = tmp_path / "results.jsonl"
    results = tuple(map(_result, ["ada", "a\nb", "王\u2028", "\udcff"]))
    for result in results:
        append_result(path, result)
    assert read_results(path) == results


def test_half_a_line_is_no_result(tmp_path: Path) -> None:
    """Whoever reads while a line is being written leaves it as it is, so that it can be ended."""
    path = tmp_path / "results.jsonl"
    append_result(path, _result("ada"))
    append_result(path, _result("bob"))
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    assert read_results(path) == (_result("ada"),)
    assert path.read_bytes() == whole[:-30]
    with path.open("ab") as file:
        file.write(whole[-30:])
    assert read_results(path) == (_result("ada"), _result("bob"))


def test_what_was_before_is_kept_by_assignment(tmp_path: Path) -> None:
    """A change of one assignment's results leaves what was noted of the others."""
    path = tmp_path / "results.previous.jsonl"
    one, two, newer = (
        replace(_result(who), assignment=name) for who, name in (("a", "hw1"), ("b", "hw2"), ("c", "hw2"))
    )
    keep_previous(path, (one, two), "hw1")
    keep_previous(path, (one, two), "hw2")
    keep_previous(path, (newer,), "hw2")
    assert read_results(path) == (one, newer)


@pytest.mark.parametrize("line", ["no json", "[]", '{"student": "ada"}', "3"])
def test_a_foreign_line_is_told(tmp_path: Path, line: str) -> None:
    """A whole line that is no result is named, and nothing is thrown away."""
    path = tmp_path / "results.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(GradeError, match="line 1"):
        read_results(path)
    assert path.read_text() == line + "\n"


def test_names_cannot_become_formulas(tmp_path: Path) -> None:
    """A spreadsheet shows what begins with = + - @ as text."""
    students = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "ada"]
    write_grades(tmp_path / "grades.csv", [_result(student, "=cmd") for student in students])
    with (tmp_path / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["student"] for row in rows} == {"ada", *(f"'{student}" for student in students[:-1])}
    assert rows[0]["message"] == "'=cmd"
    assert rows[0]["ex1_test"] == "0.0"
