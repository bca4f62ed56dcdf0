"""Read what people gave from a gradebook, and put the gradebooks of several folders together."""

from __future__ import annotations

import sqlite3
import warnings
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import GradeError
from autograder.grade.folders import folder_name
from autograder.peers.nbgrader import open_gradebook
from autograder.sandbox.inside.patches.grader import flushing_only

__all__ = ["Given", "read_given", "write_gradebook"]


@dataclass(frozen=True)
class Given:
    """What a person gave for one cell.

    Attributes:
        score: the points in place of the machine's; None for none.
        extra: points on top; None for none.
        comment: words; "" for none.
    """

    score: float | None = None
    extra: float | None = None
    comment: str = ""

    @property
    def points(self) -> tuple[float | None, float | None] | None:
        """Both kinds of points; None where no person gave any."""
        return None if self.score is None and not self.extra else (self.score, self.extra or None)


def read_given(path: Path, assignment: str) -> tuple[dict[str, float], dict[str, dict[str, Given]]]:
    """Return the points of an assignment's cells, and what people gave, by student and cell.

    Raises:
        GradeError: there is no gradebook of that assignment.
    """
    from nbgrader.api import MissingEntry  # four seconds to import, as below
    from sqlalchemy.exc import DatabaseError

    if not path.exists():  # nbgrader would make one
        raise GradeError(f"{path} is not there.", "`autograder grade` makes it: merge folders as they were graded.")
    try:
        with open_gradebook(path) as gradebook:
            notebook = gradebook.find_notebook(assignment, assignment)
            cells = (*notebook.grade_cells, *notebook.task_cells)
            points = {cell.name: float(cell.max_score) for cell in cells}
            submissions = gradebook.assignment_submissions(assignment)
            given = {one.student.lms_user_id or one.student.id: _given(one) for one in submissions}
    except (DatabaseError, MissingEntry) as error:
        raise GradeError(f"{path} is no gradebook of {assignment!r}: {error}.") from error
    return points, {student: own for student, own in given.items() if own}


def _given(submission: Any) -> dict[str, Given]:
    """Return what people gave for one submission, by cell."""
    given: dict[str, Given] = {}
    for notebook in submission.notebooks:
        for grade in notebook.grades:
            given[grade.name] = Given(grade.manual_score, grade.extra_credit or None)
        for comment in notebook.comments:
            points = given.get(comment.name, Given())
            given[comment.name] = Given(points.score, points.extra, (comment.manual_comment or "").strip())
    return {name: one for name, one in given.items() if one != Given()}


def write_gradebook(
    path: Path,
    books: Mapping[Path, tuple[str, ...]],
    assignment: str,
    given: Mapping[str, Mapping[str, Given]],
) -> None:
    """Write one gradebook from several.

    Args:
        path: the new one.
        books: the students whose rows are taken, by gradebook; the first is taken whole, as far as it is about the
            assignment.
        assignment: the assignment's name.
        given: what people gave, by student and cell, for each student whose rows are about to be seen.
    """
    first = next(iter(books))
    with closing(sqlite3.connect(first)) as old, closing(sqlite3.connect(path)) as new:
        old.backup(new)  # formgrader may be writing meanwhile
    with open_gradebook(path) as target:
        for other in [one.name for one in target.assignments if one.name != assignment]:
            target.remove_assignment(other)
        with flushing_only():  # nbgrader's functions commit after each step, which takes as long as the rest
            for book, students in books.items():
                if book != first:
                    _take_rows(target, book, students, assignment)
        _set_given(target, assignment, given)
        target.db.commit()


def _take_rows(target: Any, book: Path, students: tuple[str, ...], assignment: str) -> None:
    """Take students' rows over from another gradebook."""
    from sqlalchemy.exc import SAWarning

    with open_gradebook(book) as source:
        for student in map(folder_name, students):
            old = source.find_submission(assignment, student)
            about = {name: getattr(old.student, name) for name in ("first_name", "last_name", "email", "lms_user_id")}
            target.update_or_create_student(student, **about)
            with warnings.catch_warnings(action="ignore", category=SAWarning):  # of nbgrader's own making
                new = target.update_or_create_submission(assignment, student)
            new.timestamp, new.extension = old.timestamp, old.extension
            for ours, theirs in zip(new.notebooks, old.notebooks, strict=True):
                ours.late_submission_penalty, ours.flagged = theirs.late_submission_penalty, theirs.flagged
                _copy(ours.grades, theirs.grades, ("auto_score", "manual_score", "extra_credit", "needs_manual_grade"))
                _copy(ours.comments, theirs.comments, ("auto_comment", "manual_comment"))


def _copy(ours: Any, theirs: Any, fields: tuple[str, ...]) -> None:
    """Copy fields of rows that have the same cell."""
    by_name = {row.name: row for row in theirs}
    for row in ours:
        for field in fields:
            setattr(row, field, getattr(by_name[row.name], field))


def _set_given(target: Any, assignment: str, given: Mapping[str, Mapping[str, Given]]) -> None:
    """Set what people gave these students; a mark that came from elsewhere needs no other look."""
    for submission in target.assignment_submissions(assignment):
        own = given.get(submission.student.lms_user_id or submission.student.id)
        if own is None:
            continue
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                one = own.get(grade.name, Given())
                if (grade.manual_score, grade.extra_credit or None) != (one.score, one.extra):
                    grade.manual_score, grade.extra_credit = one.score, one.extra
                    grade.needs_manual_grade = one.score is None and grade.auto_score is None
            for comment in notebook.comments:
                comment.manual_comment = own.get(comment.name, Given()).comment or None
