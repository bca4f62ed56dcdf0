"""Marks of written answers, written into nbgrader's gradebook as formgrader writes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.errors import GradeError
from autograder.grade.folders import folder_name
from autograder.model import MarkChange
from autograder.peers.nbgrader import open_gradebook

__all__ = ["apply_marks"]


def apply_marks(path: Path, assignment: str, changes: Mapping[str, tuple[MarkChange, ...]]) -> int:
    """Write marks that people gave, all of them or none; every other mark stays.

    Points replace the whole: extra credit that was given on top in formgrader is part of the score that people read, so
    that it goes with the old score. Where points are taken back, the answer waits for a person again.

    Args:
        path: `gradebook.db`.
        assignment: the assignment's name, which is its notebook's too.
        changes: by student, under the id of `results.jsonl`.

    Returns:
        How many marks were written.

    Raises:
        GradeError: the gradebook doesn't know a student or a cell, or can't be written.
    """
    if not path.exists():  # nbgrader would make one
        raise GradeError(f"{path} is not there.", "`autograder grade` makes it.")
    from nbgrader.api import MissingEntry  # four seconds to import
    from sqlalchemy.exc import DatabaseError

    try:
        with open_gradebook(path) as gradebook:
            for student, own in changes.items():
                notebook = gradebook.find_submission_notebook(assignment, assignment, folder_name(student))
                for change in own:
                    _apply(notebook, change)
            gradebook.db.commit()
    except MissingEntry as error:
        raise GradeError(
            f"{path} does not know this: {error}.", "Nothing was written. Grade the class again."
        ) from error
    except DatabaseError as error:
        raise GradeError(
            f"{path} can't be written: {error.orig}.",
            "Nothing was written. Close what else is open on it, and try again.",
        ) from error
    return sum(len(own) for own in changes.values())


def _apply(notebook: Any, change: MarkChange) -> None:
    """Write one mark into a student's notebook.

    Raises:
        GradeError: the notebook has no such cell.
    """
    name = change.before.name
    grade = next((grade for grade in notebook.grades if grade.name == name), None)
    if grade is None:
        raise GradeError(f"The gradebook has no cell {name!r}.", "Nothing was written.")
    if change.score != change.before.typed:
        grade.manual_score, grade.extra_credit = change.score, None
        grade.needs_manual_grade = change.score is None and grade.auto_score is None
    for comment in notebook.comments:
        if comment.name == name and change.comment.strip() != change.before.comment.strip():
            comment.manual_comment = change.comment or None
