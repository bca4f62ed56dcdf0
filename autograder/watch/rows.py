"""Write the rows of what was graded: one thread does it, so that none is lost among others."""

from __future__ import annotations

from pathlib import Path

from autograder.assignment.plan import AssignmentPlan
from autograder.execute.engine import Result
from autograder.grade.gradebook.prepare import Grades
from autograder.grade.gradebook.read import read_marks_of
from autograder.grade.ledger import Ledger
from autograder.grade.recording import write_rows
from autograder.model import Mark, Submission
from autograder.watch.outage import Outage

__all__ = ["Rows"]


class Rows:
    """The results and the gradebook of a class.

    Args:
        book: the gradebook, prepared.
        plan: the assignment.
        ledger: has the results.
        outage: waits where they can't be written.
    """

    def __init__(self, book: Path, plan: AssignmentPlan, ledger: Ledger, outage: Outage) -> None:
        self._book, self._plan, self._ledger, self._outage = book, plan, ledger, outage

    def write(self, graded: Result, submission: Submission) -> None:
        """Write a submission's rows; where that fails for a disk, all of them again."""
        self._outage.keep_trying(lambda: self._write(graded, submission))

    def marks_of(self, student: str) -> tuple[Mark, ...]:
        """Return what people gave a student's hand-in before."""
        return self._outage.keep_trying(lambda: read_marks_of(self._book, student, self._plan.name))

    def _write(self, graded: Result, submission: Submission) -> None:
        """Write a submission's rows.

        The gradebook is opened each time: people mark in it between two hand-ins.
        """
        with Grades(self._book, self._plan) as grades:
            write_rows(self._ledger, grades, graded, submission)
