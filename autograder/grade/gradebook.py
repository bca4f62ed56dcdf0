"""nbgrader's gradebook of a graded class, so that formgrader, feedback and export work on it."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import GradeError
from autograder.grade.engine import Graded
from autograder.grade.folders import folder_name

if TYPE_CHECKING:
    from nbformat import NotebookNode

__all__ = ["prepare_gradebook", "record_grades"]


def prepare_gradebook(path: Path, blank: Path, assignment: str) -> None:
    """Make the gradebook from one that knows the assignment, or check that the one that is there fits.

    A gradebook that is there is kept: it holds the marks that people gave.

    Raises:
        GradeError: it was made for another assignment, or for other graded cells.
    """
    if not path.exists():
        partial = path.with_name(f".{path.name}.part")
        shutil.copyfile(blank, partial)
        partial.replace(path)
    elif _points(path, assignment) != _points(blank, assignment):
        raise GradeError(
            f"{path} was made for other graded cells than those of {assignment!r} as it is now.",
            "Grade into another folder with --out; marks by hand stay in the old one.",
        )


def _points(path: Path, assignment: str) -> dict[str, float] | None:
    """Return a gradebook's graded cells with their points; None when it does not know the assignment."""
    from nbgrader.api import Gradebook, MissingEntry  # four seconds to import, as everywhere in this module

    with Gradebook(f"sqlite:///{path.resolve()}") as gradebook:
        try:
            notebook = gradebook.find_notebook(assignment, assignment)
        except MissingEntry:
            return None
        return {cell.name: float(cell.max_score) for cell in notebook.grade_cells}


def record_grades(path: Path, graded: Graded) -> None:
    """Write one submission's scores; marks and comments given by people stay.

    Written answers stay open for a person, but for those that were left as they were: they are 0, as nbgrader has it.
    The gradebook's student is the name of the student's folder, where formgrader looks for the notebook; the id under
    which the student was handed in stands beside it as `lms_user_id`.
    """
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SAWarning

    result = graded.result
    student = folder_name(result.student)
    with Gradebook(f"sqlite:///{path.resolve()}") as gradebook:
        gradebook.update_or_create_student(student, lms_user_id=result.student)
        with warnings.catch_warnings(action="ignore", category=SAWarning):  # of nbgrader's own making
            submission = gradebook.update_or_create_submission(result.assignment, student)
        scores = {check.name: check.score for check in result.checks}
        for grade in submission.notebooks[0].grades:
            _record(grade, scores, graded.notebook)
        for comment in submission.notebooks[0].comments:
            comment.auto_comment = "No response." if _blank(graded.notebook, comment.name) else None
        gradebook.db.commit()


def _record(grade: Any, scores: dict[str, float], notebook: NotebookNode | None) -> None:
    """Set one grade as nbgrader's own SaveAutoGrades does."""
    written = grade.name not in scores
    if not written:
        grade.auto_score = scores[grade.name]
    else:
        grade.auto_score = 0.0 if notebook is None or _blank(notebook, grade.name) else None
    grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None


def _blank(notebook: NotebookNode | None, name: str) -> bool:
    """Tell whether a cell for an answer was left as the release has it."""
    from nbgrader.utils import compute_checksum, is_solution

    for cell in notebook.cells if notebook is not None else ():
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade_id") == name and is_solution(cell):
            return bool(marks.get("checksum") == compute_checksum(cell))
    return False
