"""Times in nbgrader's gradebook: its own plug-in for late submissions goes by them.

nbgrader keeps them in UTC, without a zone.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from autograder.errors import GradeError
from autograder.grade.folders import folder_name
from autograder.lateness import by_clock, in_utc
from autograder.model import Deadline, SubmissionResult
from autograder.peers.nbgrader import open_gradebook

__all__ = ["set_times", "write_times"]


def write_times(path: Path, assignment: str, deadline: Deadline | None, results: Iterable[SubmissionResult]) -> None:
    """Write the deadline of an assignment, and the time and the extension of each hand-in.

    Raises:
        GradeError: the gradebook can't be written.
    """
    if not path.exists():  # nbgrader would make one
        return
    from nbgrader.api import MissingEntry  # four seconds to import
    from sqlalchemy.exc import DatabaseError

    try:
        with open_gradebook(path) as gradebook:
            due = None if deadline is None else in_utc(by_clock(deadline.at, deadline))
            gradebook.find_assignment(assignment).duedate = due
            by_student = {one.student_id: one for one in gradebook.assignment_submissions(assignment)}
            for result in results:
                if submission := by_student.get(folder_name(result.student)):
                    set_times(submission, result)
            gradebook.db.commit()
    except (DatabaseError, MissingEntry) as error:
        raise GradeError(
            f"{path} can't be written: {error}.", "Close what else is open on it, and try again."
        ) from error


def set_times(submission: Any, result: SubmissionResult) -> None:
    """Set when one of nbgrader's submissions was handed in, and how much longer its student had.

    A time without a zone is left out where no deadline says which one it is of.
    """
    late = result.late
    submission.timestamp = _utc(result.handed_in if late is None else late.handed_in)
    due, until = submission.assignment.duedate, _utc(late.until) if late is not None and late.extended else None
    submission.extension = until - due if until is not None and due is not None else None


def _utc(moment: str) -> datetime | None:
    """Return a moment as nbgrader keeps it; None where it has no zone, or is none."""
    try:
        when = datetime.fromisoformat(moment)
        return in_utc(when) if when.tzinfo else None
    except (ValueError, OverflowError):
        return None
