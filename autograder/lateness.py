"""Tell how late a hand-in is by the clocks of the deadline's time zone, and put it into words."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder.errors import AutograderError
from autograder.model import Deadline, ExtensionMatch, Lateness, SubmissionResult

__all__ = [
    "Extensions",
    "by_clock",
    "cost_in_words",
    "deadline_in_words",
    "in_utc",
    "late_in_words",
    "lateness",
    "noteworthy",
    "time_in_words",
    "with_lateness",
]

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


class Extensions(Protocol):
    """A list of those who have longer than the class."""

    def match(self, students: Iterable[str]) -> ExtensionMatch:
        """Find each student's line."""


def with_lateness(result: SubmissionResult, deadline: Deadline | None, until: datetime | None) -> SubmissionResult:
    """Return a result with how late it is by a deadline; it replaces what was said before.

    Args:
        result: it has the time at which it was handed in.
        deadline: the class's; None for none.
        until: the student's own; None where the class's is the student's too.
    """
    return replace(result, late=None if deadline is None else lateness(result.handed_in, deadline, until))


def lateness(handed_in: str, deadline: Deadline, until: datetime | None = None) -> Lateness:
    """Return how late a hand-in is; of two deadlines the later one counts.

    A time without a zone is of the deadline's zone; one that the clocks show twice is the first of the two. A time that
    can't be read is as good as none.

    Args:
        handed_in: ISO 8601; "" where nobody knows.
        deadline: the class's.
        until: the student's own.
    """
    zone, for_all = _zone_of(deadline), by_clock(deadline.at, deadline)
    extended = until is not None and _instant(until) > _instant(for_all)
    own = until if until is not None and extended else for_all
    plain = Lateness("", own.astimezone(zone).isoformat(), deadline.zone, extended, per=deadline.per)
    try:
        when = datetime.fromisoformat(handed_in)
        when = when if when.tzinfo else min(_readings(when, zone), key=_instant)
        instant, here = _instant(when), when.astimezone(zone)
    except (ValueError, OverflowError):
        return plain
    known = replace(plain, handed_in=here.isoformat())
    free = _instant(own) + timedelta(minutes=deadline.grace_minutes)
    if instant <= free:
        return known
    seconds = math.ceil((instant - _instant(own)).total_seconds())
    if not deadline.percent:
        return replace(known, seconds=seconds)
    count = _hours(free, instant) if deadline.per == "hour" else _days(free.astimezone(zone), here)
    share = min(count * Fraction(str(deadline.percent)), Fraction(str(deadline.cap)))
    return replace(known, seconds=seconds, count=count, percent=float(share))


def _zone_of(deadline: Deadline) -> ZoneInfo:
    """Return a deadline's time zone.

    Raises:
        AutograderError: this machine has no data of it.
    """
    try:
        return ZoneInfo(deadline.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise AutograderError(
            f"This machine knows no time zone {deadline.zone!r}, in which the deadline is set.",
            "Install its data of time zones, such as the distribution tzdata.",
        ) from error


def by_clock(moment: datetime, deadline: Deadline) -> datetime:
    """Return until when it is on time: the moment that the clocks of the deadline's zone show, or its own zone's.

    Where they show it twice, the second time is meant, so that nobody is late by the first; where they leave it out, the
    moment that is as long after the last time before.
    """
    return moment if moment.tzinfo else max(_readings(moment, _zone_of(deadline)), key=_instant)


def _readings(clock: datetime, zone: ZoneInfo) -> list[datetime]:
    """Return what a time of the clock may mean: twice the same but where clocks are put forward or back."""
    return [clock.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]


def in_utc(moment: datetime) -> datetime:
    """Return a moment as nbgrader keeps it: in UTC, without the zone."""
    return _instant(moment).replace(tzinfo=None)


def _instant(moment: datetime) -> datetime:
    """Return a moment in UTC: moments of one zone are compared by their clocks, which are put back once a year."""
    return moment.astimezone(UTC)


def _hours(start: datetime, end: datetime) -> int:
    """Return how many hours passed, a part of one counted as one."""
    return -((start - end) // _HOUR)


def _days(start: datetime, end: datetime) -> int:
    """Return how many days passed by the clocks, a part of one counted as one.

    The day on which clocks are put forward or back ends at the same time as any other.
    """
    passed = end.replace(tzinfo=None) - start.replace(tzinfo=None)
    return max(1, -(-passed // _DAY))


def time_in_words(moment: str) -> str:
    """Return a moment for people, such as "1 March 2026, 23:59", by the clocks of its own zone."""
    when = datetime.fromisoformat(moment)
    clock = f"{when:%H:%M:%S}" if when.second else f"{when:%H:%M}"
    return f"{when.day} {when:%B %Y}, {clock}"


def late_in_words(late: Lateness) -> str:
    """Return how late a hand-in is, such as "2 days late" or "20 minutes late"; "" where it isn't, or nobody knows."""
    if not late.seconds:
        return ""
    if late.count:
        return f"{_many(late.count, late.per)} late"
    sizes = {"day": 86400, "hour": 3600, "minute": 60, "second": 1}
    unit = next(unit for unit, size in sizes.items() if late.seconds >= size)
    return f"{_many(late.seconds // sizes[unit], unit)} late"


def noteworthy(late: Lateness | None) -> Lateness | None:
    """Return what is to be said to a student: None for who is on time by the class's deadline, or by no known time."""
    return late if late is not None and (late.seconds or late.extended) else None


def cost_in_words(late: Lateness | None) -> str:
    """Return what being late costs, such as "2 days late, 20 % off"; "" where it costs nothing."""
    return f"{late_in_words(late)}, {late.percent:g} % off" if late is not None and late.percent else ""


def deadline_in_words(deadline: Deadline) -> str:
    """Return a deadline and what it costs to be late, in sentences."""
    due = f"Due {time_in_words(by_clock(deadline.at, deadline).isoformat())} ({deadline.zone})."
    if not deadline.percent:
        return f"{due} Nothing is taken off what comes later."
    grace = f", {deadline.grace_minutes:g} minutes of grace apart," if deadline.grace_minutes else ""
    rate = f"Each {deadline.per} that begins after it{grace} takes off {deadline.percent:g} % of the points reached"
    return f"{due} {rate}, bonus included" + (f"; {deadline.cap:g} % at most." if deadline.cap < 100 else ".")


def _many(count: int, unit: str) -> str:
    """Return a number of things."""
    return f"{count} {unit}{'' if count == 1 else 's'}"
