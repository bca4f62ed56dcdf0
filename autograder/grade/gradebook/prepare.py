"""nbgrader's gradebook of a graded class, so that formgrader, feedback and export work on it."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Self

from autograder.assignment.plan import AssignmentPlan
from autograder.files import replacing
from autograder.grade.folders import folder_name
from autograder.grade.gradebook.change_cells import change_cells
from autograder.grade.gradebook.times import set_times, write_times
from autograder.grade.marked_words import AnswerWords, MarkedWords, put_aside
from autograder.model import NO_RESPONSE, Assignment, EarlierMark, SubmissionResult
from autograder.peers.nbgrader import make_gradebook, open_gradebook, update_gradebook
from autograder.sandbox.inside.patches.grader import flushing_only

__all__ = ["Grades", "prepare_gradebook"]


def prepare_gradebook(path: Path, assignment: Assignment, plan: AssignmentPlan) -> tuple[str, ...]:
    """Make the gradebook, by nbgrader's own steps, or bring the one that is there to the assignment's graded cells.

    A gradebook that is there is kept, with the marks that people gave and the other assignments that it knows.

    Returns:
        What changed in a gradebook that was made for other cells, in sentences.

    Raises:
        GradeError: nbgrader can't use the source, or the file is no gradebook.
    """
    changed: tuple[str, ...] = ()
    if not path.exists():
        with replacing(path) as partial:
            make_gradebook(partial, assignment)
    elif (points := _points(path, assignment.name)) is None:
        update_gradebook(path, assignment)
    elif points != {cell.grade_id: cell.points for cell in plan.graded}:
        changed = change_cells(path, assignment).sentences()
    if assignment.deadline is not None:
        write_times(path, assignment.name, assignment.deadline, ())
    return changed


def _points(path: Path, assignment: str) -> dict[str, float] | None:
    """Return a gradebook's graded cells with their points; None when it does not know the assignment."""
    from nbgrader.api import MissingEntry  # four seconds to import, as everywhere in this module

    with open_gradebook(path) as gradebook:
        try:
            notebook = gradebook.find_notebook(assignment, assignment)
        except MissingEntry:
            return None
        return {cell.name: float(cell.max_score) for cell in notebook.grade_cells}


class Grades:
    """Writes scores into a gradebook, one submission after another; a context manager.

    Args:
        path: the gradebook, prepared.
        plan: the assignment.
        plain: whether nbgrader's functions commit as they do.
    """

    def __init__(self, path: Path, plan: AssignmentPlan, *, plain: bool = False) -> None:
        self._path = path
        self._plan = plan
        self._plain = plain
        self._words = MarkedWords(path.parent, plan)

    def __enter__(self) -> Self:
        self._gradebook = open_gradebook(self._path)
        # The assignment with its cells stays as it was read: it is the same for each submission.
        self._gradebook.db().expire_on_commit = False
        self._held_objects: list[Any] = []
        return self

    def __exit__(self, *_: object) -> None:
        self._gradebook.close()

    def record(self, result: SubmissionResult, blank: Collection[str], words: Mapping[str, str] | None = None) -> None:
        """Write one submission's scores; marks and comments that people gave for these words stay.

        A mark that was given for other words is put aside, and comes back with them.

        Written answers stay open for a person, but for those that were left as they were: they are 0, as nbgrader has it.
        So does a check that could not be made: our own fault is nobody's zero.
        The gradebook's student is the name of the student's folder, where formgrader looks for the notebook; the id under
        which the student was handed in stands beside it as `lms_user_id`.

        Args:
            result: what the machine says.
            blank: the written answers that were left as they were.
            words: what was written as each written answer; None where that isn't known.
        """
        from sqlalchemy.exc import SAWarning

        student, book = folder_name(result.student), self._gradebook
        # nbgrader's own functions commit after each step: here one submission is one step.
        with contextlib.nullcontext() if self._plain else flushing_only():
            book.update_or_create_student(student, lms_user_id=result.student)
            with warnings.catch_warnings(action="ignore", category=SAWarning):  # of nbgrader's own making
                submission = book.update_or_create_submission(result.assignment, student)
        self._held_objects = [submission.assignment, *submission.assignment.notebooks]
        set_times(submission, result)
        scores = {check.name: check.score for check in result.checks if check.status != "error"}
        notebook, answers = submission.notebooks[0], self._words.read(result.student)
        comments = {comment.name: comment for comment in notebook.comments}
        for grade in notebook.grades:
            answer = (
                answers.setdefault(grade.name, AnswerWords("", "", "", {})) if grade.name in (words or {}) else None
            )
            key = "" if answer is None or words is None else self._words.key(grade.name, words[grade.name])
            _record(grade, scores, blank, same_words=answer is not None and answer.now == key)
            if answer is not None and answer.now not in ("", key):
                _let_in(grade, comments.get(grade.name), answer, key)
        if words is not None:
            self._words.write(result.student, answers)
        for comment in notebook.comments:
            comment.auto_comment = NO_RESPONSE if comment.name in blank else None
        book.db.commit()
        if words is not None:
            now = {
                name: AnswerWords(self._words.key(name, text), text, "", answers[name].marks)
                for name, text in words.items()
                if name in answers
            }
            self._words.write(result.student, answers | now)


def _let_in(grade: Any, comment: Any, answer: AnswerWords, key: str) -> None:
    """Let other words take an answer's place, with the mark that they have."""
    said = (comment.manual_comment or "") if comment is not None else ""
    given = grade.manual_score is not None
    mark = EarlierMark(grade.manual_score, grade.extra_credit, said, answer.text) if given else None
    back = put_aside(answer, key, mark)
    grade.manual_score, grade.extra_credit = (back.score, back.extra) if back else (None, None)
    if comment is not None and (given or back):
        comment.manual_comment = (back.comment if back else "") or None
    grade.needs_manual_grade = back is None and grade.auto_score is None


def _record(grade: Any, scores: dict[str, float], blank: Collection[str], *, same_words: bool) -> None:
    """Set one grade as nbgrader's own SaveAutoGrades does; a mark on the same words, and the same score, stays looked at."""
    before, grade.auto_score = grade.auto_score, scores.get(grade.name, 0.0 if grade.name in blank else None)
    if not (same_words and grade.manual_score is not None and grade.auto_score == before):
        grade.needs_manual_grade = grade.auto_score is None or grade.manual_score is not None
