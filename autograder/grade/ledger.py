"""Keep which submission each result is of.

One that was handed in again is graded again, and no other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from autograder.execute.notebook_file import MAX_BYTES
from autograder.files import append_line, cut_half_line, write_file
from autograder.grade.results import keep_previous, read_results, write_results
from autograder.log import log_suppressed
from autograder.model import Submission, SubmissionResult

__all__ = ["Ledger", "digest_of"]


def digest_of(submission: Submission) -> str:
    """Return a digest of what a student handed in; "" for nothing.

    For what is too large to be graded it is the size.
    """
    if submission.notebook is None:
        return ""
    size = submission.notebook.stat().st_size
    if size > MAX_BYTES:  # a file with holes can have terabytes
        return f"{size} bytes"
    with submission.notebook.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Ledger:
    """`results.jsonl`, the results before the last change of it, and what each result was made from.

    The three files hold all assignments of a folder; what changes is one assignment's alone.

    Args:
        out: the folder of the three files; it exists.
    """

    def __init__(self, out: Path) -> None:
        self.results = out / "results.jsonl"
        self.previous = out / "results.previous.jsonl"
        self._digests = out / "submissions.jsonl"

    def forget(self, assignment: str) -> None:
        """Begin an assignment anew; what its results were stays beside them, and other assignments' stay."""
        before = read_results(self.results, forgiving=True)
        if before:
            keep_previous(self.previous, before, assignment)
        write_results(self.results, (one for one in before if one.assignment != assignment))
        lines = ([*key, digest] for key, digest in self.digests().items() if key[1] != assignment)
        write_file(self._digests, "".join(json.dumps(line) + "\n" for line in lines))

    def waiting(self, submissions: Iterable[Submission]) -> list[Submission]:
        """Return the submissions that have no result, or changed since.

        Results that are out of date are taken away, and so is half a line that a kill left: who calls this writes.
        """
        for path in (self.results, self._digests):
            cut_half_line(path)
        graded, digests = {_key(result) for result in read_results(self.results)}, self.digests()
        new, changed = [], []
        for submission in submissions:
            key = _key(submission)
            if key not in graded:
                new.append(submission)
            elif digests.get(key, digest := digest_of(submission)) != digest:
                changed.append(submission)
        if changed:
            self._take_away({_key(submission) for submission in changed})
        return [*new, *changed]

    def note_times(self, submissions: Iterable[Submission]) -> None:
        """Take over when work was handed in whose result stays: the same file may have come again, or with a time now."""
        times = {_key(one): one for one in submissions if one.handed_in or one.marked_late is not None}
        before = read_results(self.results)
        after = tuple(
            replace(result, handed_in=one.handed_in, marked_late=one.marked_late)
            if (one := times.get(_key(result)))
            else result
            for result in before
        )
        if after != before:
            write_results(self.results, after)

    def note(self, submission: Submission) -> None:
        """Write down what is about to be graded; its result's line comes after it."""
        append_line(self._digests, [submission.student, submission.assignment, digest_of(submission)])

    def run_again(self, students: Iterable[str], assignment: str) -> None:
        """Have the work of some students run by the next `grade` that finds it; until then their results stay."""
        cut_half_line(self._digests)
        for student in students:
            append_line(self._digests, [student, assignment, "to be run again"])

    def _take_away(self, stale: set[tuple[str, str]]) -> None:
        """Remove results, and keep the whole as it was."""
        before = read_results(self.results)
        for assignment in {assignment for _, assignment in stale}:
            keep_previous(self.previous, before, assignment)
        write_results(self.results, (result for result in before if _key(result) not in stale))

    def digests(self) -> dict[tuple[str, str], str]:
        """Return the digests by student and assignment.

        The last line counts, and one that a kill cut off doesn't.
        """
        digests = {}
        for line in self._digests.read_bytes().splitlines() if self._digests.exists() else []:
            try:
                student, assignment, digest = json.loads(line)
            except ValueError as error:
                log_suppressed(error)
                continue
            digests[student, assignment] = digest
        return digests


def _key(record: Submission | SubmissionResult) -> tuple[str, str]:
    """Return what tells submissions apart."""
    return record.student, record.assignment
