"""Read what people wrote into nbgrader's gradebook.

That is marks of written answers, and scores of tests that they changed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from autograder.errors import GradeError
from autograder.grade.folders import folder_name
from autograder.grade.marked_words import with_earlier
from autograder.model import NO_RESPONSE, Mark, has_written
from autograder.peers.nbgrader import open_gradebook

__all__ = ["read_marks", "read_marks_of", "read_overrides", "students_who_wrote"]


def read_marks(path: Path, assignment: str | None = None) -> dict[str, tuple[Mark, ...]]:
    """Return the written answers of each student, marked or not, in the notebook's order.

    An answer that was left as the release has it is blank, and nbgrader gives it 0 by itself. A mark stays when the class
    is graded again, as it does in formgrader.

    Args:
        path: `gradebook.db`; where there is none, there are no marks.
        assignment: whose answers; None for the only one that there is.

    Returns:
        For each student, under the id of `results.jsonl`, one mark for each written answer.

    Raises:
        GradeError: the file is no gradebook of nbgrader's, or has several assignments and none was named.
    """
    return _read(path, assignment, lambda grade, written: written)


def read_marks_of(path: Path, student: str, assignment: str) -> tuple[Mark, ...]:
    """Return one student's written answers as `read_marks` does, without reading the others'.

    Args:
        path: `gradebook.db`; it is there.
        student: the id of `results.jsonl`.
        assignment: whose answers.
    """
    from nbgrader.api import MissingEntry

    with open_gradebook(path) as gradebook:
        try:
            submission = gradebook.find_submission(assignment, folder_name(student))
        except MissingEntry:
            return ()
        own = tuple(mark for one in submission.notebooks for mark in _of_notebook(one, lambda _, written: written))
        return with_earlier(path.parent, assignment, student, own)


def students_who_wrote(out: Path, assignment: str | None = None) -> frozenset[str]:
    """Return the students who answered something of an assignment in words.

    The gradebook of a folder that `grade` wrote tells it.
    """
    marks = read_marks(out / "gradebook.db", assignment)
    return frozenset(student for student, own in marks.items() if has_written(own))


def read_overrides(path: Path, assignment: str | None = None) -> dict[str, tuple[Mark, ...]]:
    """Return the tests whose score a person changed in the gradebook, by student, as `read_marks` does.

    Raises:
        GradeError: the file is no gradebook of nbgrader's, or has several assignments and none was named.
    """
    return _read(path, assignment, lambda grade, written: not written and _is_touched(grade))


def _is_touched(grade: Any) -> bool:
    """Return whether a person gave this score, or points on top of it."""
    return grade.manual_score is not None or bool(grade.extra_credit)


def _read(path: Path, name: str | None, is_wanted: Callable[[Any, bool], bool]) -> dict[str, tuple[Mark, ...]]:
    """Return a record of each wanted grade, by student; students who have none are left out."""
    if not path.exists():  # nbgrader would make one
        return {}
    from sqlalchemy.exc import DatabaseError

    marks_of: dict[str, list[Mark]] = {}
    try:
        with open_gradebook(path) as gradebook:
            for submission in _submissions(gradebook, name, path):
                student = submission.student.lms_user_id or submission.student.id
                for notebook in submission.notebooks:
                    own = tuple(_of_notebook(notebook, is_wanted))
                    own = with_earlier(path.parent, submission.assignment.name, student, own)
                    marks_of.setdefault(student, []).extend(own)
    except DatabaseError as error:
        raise GradeError(
            f"{path} is no gradebook of nbgrader's: {error.orig}.",
            "Grade again into another folder; `gradebook.db` there is made anew.",
        ) from error
    return {student: tuple(marks) for student, marks in sorted(marks_of.items()) if marks}


def _submissions(gradebook: Any, name: str | None, path: Path) -> list[Any]:
    """Return the submissions of one assignment; of one that the gradebook doesn't know there are none."""
    names = [assignment.name for assignment in gradebook.assignments]
    if name is None and len(names) > 1:
        raise GradeError(f"{path} has several assignments: {', '.join(sorted(names))}.", "Choose with --assignment.")
    return [one for each in gradebook.assignments if name in (None, each.name) for one in each.submissions]


def _of_notebook(submitted: Any, is_wanted: Callable[[Any, bool], bool]) -> list[Mark]:
    """Return the wanted records of one notebook.

    A graded cell that is a solution cell too, or a task, is for a person.
    """
    cells = submitted.notebook
    for_people = {cell.name for cell in (*cells.solution_cells, *cells.task_cells)}
    comments = {comment.name: comment for comment in submitted.comments}
    order = {cell.name: number for number, cell in enumerate(cells.source_cells)}
    grades = [grade for grade in submitted.grades if is_wanted(grade, grade.name in for_people)]
    grades.sort(key=lambda grade: (order.get(grade.name, len(order)), grade.name))
    return [_mark(grade, comments.get(grade.name)) for grade in grades]


def _mark(grade: Any, comment: Any) -> Mark:
    """Return one grade as a record; of comments, what a person wrote."""
    decided = grade.manual_score is not None or grade.auto_score is not None
    words = (comment.manual_comment or "") if comment is not None else ""
    blank = comment is not None and comment.auto_comment == NO_RESPONSE and not _is_touched(grade)
    return Mark(grade.name, float(grade.score) if decided else None, float(grade.max_score), words, blank)
