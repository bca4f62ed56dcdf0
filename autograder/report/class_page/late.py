"""Who handed in late or had longer, and what that costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.lateness import late_in_words, noteworthy, time_in_words
from autograder.model import Lateness
from autograder.report.class_records import Entry
from autograder.totals import late_penalty, subtract, total_of

__all__ = ["LateRow", "late_rows"]


@dataclass(frozen=True)
class LateRow:
    """One student.

    Attributes:
        entry: the student.
        words: how late it was; "on time" for those who had longer and were.
        handed_in: when, in words; "" where nobody knows.
        until: until when it was on time.
        extended: whether the student had longer.
        percent: what is taken off of the points that were reached.
        penalty: the same in points, of those that the machine and people have given by now.
        left: the points that are left.
    """

    entry: Entry
    words: str
    handed_in: str
    until: str
    extended: bool
    percent: float
    penalty: float
    left: float


def late_rows(entries: Iterable[Entry]) -> tuple[LateRow, ...]:
    """Return those who were late or had longer, the latest first."""
    found = [(late, entry) for entry in entries if (late := noteworthy(entry.result.late))]
    found.sort(key=lambda pair: -pair[0].seconds)
    return tuple(_row(late, entry) for late, entry in found)


def _row(late: Lateness, entry: Entry) -> LateRow:
    """Return one student's row."""
    total = total_of(entry.result, entry.marks)
    penalty = late_penalty(total, late)
    return LateRow(
        entry,
        late_in_words(late) or "on time",
        time_in_words(late.handed_in) if late.handed_in else "",
        time_in_words(late.until),
        late.extended,
        late.percent,
        penalty,
        subtract(total.points, penalty),
    )
