"""Marks of written answers, written into nbgrader's gradebook as formgrader writes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.errors import GradeError
from autograder.grade.folders import folder_name
from autograder.model import Mark
from autograder.peers.nbgrader import open_gradebook

__all__ = ["apply_marks"]


def apply_marks(path: Path, assignment: str, marks: Mapping[str, tuple[Mark, ...]]) -> int:
    """Write marks that people gave, all of them or none; every other mark stays.

    A score of None and a comment of "" leave what is there. Points replace the whole: extra credit that was given on top
    in formgrader is part of the score that people read, so that it goes with the old score.

    Args:
        path: `gradebook.db`.
        assignment: the assignment's name, which is its notebook's too.
        marks: by student, under the id of `results.jsonl`.

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
            for student, own in marks.items():
                notebook = gradebook.find_submission_notebook(assignment, assignment, folder_name(student))
                for mark in own:
                    _apply(notebook, mark)
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
    return sum(len(own) for own in marks.values())


def _apply(notebook: Any, mark: Mark) -> None:
    """Write one mark into a student's notebook.

    Raises:
        GradeError: the notebook has no such cell.
    """
    grade = next((grade for grade in notebook.grades if grade.name == mark.name), None)
    if grade is None:
        raise GradeError(f"The gradebook has no cell {mark.name!r}.", "Nothing was written.")
    if mark.score is not None:
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = mark.score, None, False
    for comment in notebook.comments:
        if comment.name == mark.name and mark.comment.strip():
            comment.manual_comment = mark.comment
