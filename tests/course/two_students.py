"""A graded folder of two, whose written answers wait."""

from __future__ import annotations

from pathlib import Path

from autograder.assignment.plan import make_plan
from autograder.grade.gradebook.prepare import Grades, prepare_gradebook
from autograder.grade.results import append_result
from autograder.model import CheckResult, SubmissionResult
from tests.grade.tiny import NAME, write_course

__all__ = ["graded_pair"]


def graded_pair(root: Path) -> Path:
    """Write a course with `out/` in it, and return that: ada and bob, one written answer of 2 points each."""
    assignment, release = write_course(root)
    folder = root / "out"
    folder.mkdir()
    plan = make_plan(assignment.folder, release)
    prepare_gradebook(folder / "gradebook.db", assignment, plan)
    for student in ("ada", "bob"):
        check = CheckResult("ex1_test", "passed", 3.0, 3.0)
        result = SubmissionResult(student, NAME, "graded", 3.0, 3.0, "process", 1.0, None, (check,))
        with Grades(folder / "gradebook.db", plan) as grades:
            grades.record(result, frozenset())
        append_result(folder / "results.jsonl", result)
    return folder
