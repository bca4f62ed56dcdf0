"""Compare two gradings: whose score, status or mistakes differ, who is new, who is gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.model import CheckResult, SubmissionResult, exercise_of
from autograder.report.class_records import Entry
from autograder.totals import subtract

__all__ = ["Changes", "ResultChange", "compare"]


@dataclass(frozen=True)
class ResultChange:
    """A student whose result changed.

    Attributes:
        entry: the student as of now.
        before: the earlier result.
        what: one line for each thing that changed.
    """

    entry: Entry
    before: SubmissionResult
    what: tuple[str, ...]

    @property
    def gained(self) -> float:
        """Points; below 0 where the score fell."""
        return subtract(self.entry.result.score, self.before.score)


@dataclass(frozen=True)
class Changes:
    """The difference between two gradings.

    Attributes:
        changed: whose result changed, the largest change of the score first.
        new: who was not there before.
        gone: the ids of those who were.
        same: how many results say the same.
    """

    changed: tuple[ResultChange, ...]
    new: tuple[Entry, ...]
    gone: tuple[str, ...]
    same: int


def compare(previous: Iterable[SubmissionResult], entries: Iterable[Entry], assignment: str) -> Changes:
    """Return what changed in an assignment's results.

    Args:
        previous: the earlier results, of any assignment.
        entries: the class as of now.
        assignment: whose results count.
    """
    before = {result.student: result for result in previous if result.assignment == assignment}
    now = tuple(entries)
    common = [(entry, before[entry.student]) for entry in now if entry.student in before]
    changes = [ResultChange(entry, old, _differences(old, entry.result)) for entry, old in common]
    changed = sorted((change for change in changes if change.what), key=lambda change: -abs(change.gained))
    new = tuple(entry for entry in now if entry.student not in before)
    gone = tuple(sorted(before.keys() - {entry.student for entry in now}))
    return Changes(tuple(changed), new, gone, len(common) - len(changed))


def _differences(old: SubmissionResult, new: SubmissionResult) -> tuple[str, ...]:
    """Return what differs: the status, each check's score and mistake; not the time spent."""
    lines = [f"status: {_words(old.status)} → {_words(new.status)}"] if old.status != new.status else []
    before, now = _outcomes(old), _outcomes(new)
    for name, is_now in now.items():
        was = before.get(name, "not there")
        if was != is_now:
            lines.append(f"`{name}`: {was} → {is_now}")
    lines.extend(f"`{name}`: {was} → not there" for name, was in before.items() if name not in now)
    if not lines and old.score != new.score:
        lines.append("score")
    return tuple(lines)


def _outcomes(result: SubmissionResult) -> dict[str, str]:
    """Return what came of each check, by name."""
    left = result.unanswered
    return {
        check.name: "not answered" if exercise_of(check.name) in left else _outcome(check) for check in result.checks
    }


def _outcome(check: CheckResult) -> str:
    """Return a check's outcome in a few words."""
    mistake = _words(check.diagnosis) if check.diagnosis else ""
    about = f"{mistake}, {check.detail}" if check.detail else mistake
    points = f" {check.score:g}" if 0 < check.score < check.max_score else ""
    return f"{check.status}{points} ({about})" if about else f"{check.status}{points}"


def _words(name: str) -> str:
    """Return an id as words."""
    return name.replace("_", " ")
