"""Complete what came of a submission, and write its rows: its line in results.jsonl comes last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from autograder.execute.engine import Result
from autograder.grade.gradebook.prepare import Grades
from autograder.grade.ledger import Ledger, digest_of
from autograder.grade.receipts import own_digests
from autograder.grade.results import append_result, log_result
from autograder.lateness import with_lateness
from autograder.model import Deadline, Submission

__all__ = ["complete", "write_rows"]


def complete(
    graded: Result,
    submission: Submission,
    digests: Mapping[str, str],
    deadline: Deadline | None,
    until: datetime | None,
) -> Result:
    """Return what came of a submission with its time, how late that is, and its receipt.

    Args:
        graded: what the workers say.
        submission: what was handed in.
        digests: of what everybody is judged by.
        deadline: the class's; None for none.
        until: the student's own; None for the class's.
    """
    dated = replace(graded.result, handed_in=submission.handed_in, marked_late=submission.marked_late)
    receipt = {**digests, **own_digests(graded, digest_of(submission))}
    return replace(graded, result=replace(with_lateness(dated, deadline, until), receipt=receipt))


def write_rows(ledger: Ledger, grades: Grades, graded: Result, submission: Submission) -> None:
    """Write a submission's rows.

    The line in results.jsonl, which says that it is done, comes last.
    """
    ledger.note(submission)
    grades.record(graded.result, graded.blank, graded.words)
    append_result(ledger.results, graded.result)
    log_result(graded.result)
