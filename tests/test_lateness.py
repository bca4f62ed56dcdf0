"""How late a hand-in is, by the clocks of the deadline's time zone, and what that costs to the hundredth."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import AutograderError
from autograder.lateness import (
    by_clock,
    cost_in_words,
    deadline_in_words,
    late_in_words,
    lateness,
    time_in_words,
    with_lateness,
)
from autograder.model import Deadline, Lateness, SubmissionResult
from autograder.totals import Total, late_penalty, subtract

RATE = "takes off 10 % of the points reached, bonus included"


def due(at: str = "2026-03-01T23:59:00", zone: str = "Europe/Berlin", **policy: Any) -> Deadline:
    """Return a deadline; by default each day takes off a tenth."""
    return Deadline(datetime.fromisoformat(at), zone, **({"percent": 10.0} | policy))


@pytest.mark.parametrize(
    ("handed_in", "seconds", "count", "percent"),
    [
        ("2026-03-01T12:00:00", 0, 0, 0),
        ("2026-03-01T23:59:00", 0, 0, 0),  # the last moment that is on time
        ("2026-03-01T23:59:00.250000", 1, 1, 10),
        ("2026-03-01T23:59:01", 1, 1, 10),  # a part of a day counts as a day
        ("2026-03-02T23:59:00", 86400, 1, 10),
        ("2026-03-02T23:59:01", 86401, 2, 20),
        ("2026-04-01T12:00:00", 30 * 86400 + 12 * 3600 + 60 - 3600, 31, 100),  # and clocks were put forward
        ("2026-03-01T22:59:00+00:00", 0, 0, 0),  # a zone of its own: the same moment
        ("2026-03-01T23:59:00+00:00", 3600, 1, 10),
    ],
)
def test_days(handed_in: str, seconds: int, count: int, percent: float) -> None:
    """A time without a zone is of the deadline's zone, and one with another zone is converted."""
    late = lateness(handed_in, due())
    assert (late.seconds, late.count, late.percent, late.extended) == (seconds, count, percent, False)
    assert datetime.fromisoformat(late.handed_in).utcoffset() is not None
    assert late.until == "2026-03-01T23:59:00+01:00"


@pytest.mark.parametrize(
    ("handed_in", "count", "percent"),
    [
        ("2026-03-02T00:00:00", 1, 2.5),
        ("2026-03-02T00:59:00", 1, 2.5),
        ("2026-03-02T00:59:01", 2, 5),
        ("2026-03-02T10:00:00", 11, 20),
        ("2031-03-02T10:00:00", 43835, 20),
    ],
)
def test_hours_up_to_a_cap(handed_in: str, count: int, percent: float) -> None:
    """Sums of percents are exact, and end at the cap."""
    late = lateness(handed_in, due(percent=2.5, per="hour", cap=20.0))
    assert (late.count, late.percent) == (count, percent)
    assert lateness("2026-03-02T02:00:00", due(percent=3.3, per="hour")).percent == 9.9


@pytest.mark.parametrize(
    ("handed_in", "seconds", "count"),
    [("2026-03-02T00:14:00", 0, 0), ("2026-03-02T00:14:01", 901, 1), ("2026-03-03T00:14:00", 87300, 1)],
)
def test_grace(handed_in: str, seconds: int, count: int) -> None:
    """What comes within it is on time, and days count from its end."""
    late = lateness(handed_in, due(grace_minutes=15.0))
    assert (late.seconds, late.count) == (seconds, count)


@pytest.mark.parametrize(
    ("at", "handed_in", "days", "hours"),
    [
        ("2026-03-28T23:59:00", "2026-03-29T23:59:00", 1, 23),  # the day on which clocks are put forward has 23 hours
        ("2026-03-28T23:59:00", "2026-03-30T00:00:00", 2, 24),
        ("2026-10-24T23:59:00", "2026-10-25T23:59:00", 1, 25),  # and the one on which they are put back has 25
        ("2026-10-25T01:30:00", "2026-10-25T01:15:00+00:00", 1, 2),  # 02:15 for the second time
    ],
)
def test_clocks_that_are_put_forward_or_back(at: str, handed_in: str, days: int, hours: int) -> None:
    """A day ends at the same time of the clock as it began; an hour has sixty minutes."""
    assert lateness(handed_in, due(at)).count == days
    assert lateness(handed_in, due(at, per="hour")).count == hours


def test_a_time_that_comes_twice_is_read_for_the_student() -> None:
    """A deadline means the second time that the clocks show it, and a hand-in the first."""
    deadline = due("2026-10-25T02:30:00")
    assert by_clock(deadline.at, deadline).isoformat() == "2026-10-25T02:30:00+01:00"
    assert lateness("2026-10-25T02:45:00", deadline).seconds == 0
    assert lateness("2026-10-25T01:45:00+00:00", deadline).seconds == 900
    assert lateness("2026-10-25T02:29:00", due("2026-10-25T02:00:00", "Etc/GMT-2")).seconds == 1740
    late = lateness("2026-10-25T02:00:00+01:00", due("2026-10-25T02:30:00", "Etc/GMT-2"))
    assert (late.seconds, late.count) == (1800, 1)


def test_who_has_longer() -> None:
    """The later of the two deadlines counts, and days count from it."""
    longer = datetime.fromisoformat("2026-03-03T12:00:00+01:00")
    late = lateness("2026-03-03T12:00:01", due(), longer)
    assert (late.until, late.extended, late.seconds, late.count) == ("2026-03-03T12:00:00+01:00", True, 1, 1)
    assert lateness("2026-03-03T12:00:00", due(), longer).seconds == 0
    abroad = lateness("2026-03-03T12:00:01", due(), datetime.fromisoformat("2026-03-03T20:00:00+09:00"))
    assert (abroad.until, abroad.count) == ("2026-03-03T12:00:00+01:00", 1)
    earlier = lateness("2026-03-01T23:59:00", due(), longer - timedelta(days=9))
    assert (earlier.until, earlier.extended, earlier.seconds) == ("2026-03-01T23:59:00+01:00", False, 0)


@pytest.mark.parametrize("handed_in", ["", "yesterday", "0001-01-01T00:00:00", "9999-12-31T23:59:59-12:00"])
def test_a_time_that_nobody_knows(handed_in: str) -> None:
    """Nothing is taken off, and no time is made up; one beyond the calendar's end is none."""
    late = lateness(handed_in, due(zone="Asia/Tokyo"))
    assert (late.handed_in, late.seconds, late.count, late.percent) == ("", 0, 0, 0)


def test_without_a_policy() -> None:
    """It is told how late it was, and nothing is taken off."""
    late = lateness("2026-03-02T00:30:00", due(percent=0.0))
    assert (late.seconds, late.count, late.percent) == (1860, 0, 0)
    assert (late_in_words(late), cost_in_words(late)) == ("31 minutes late", "")


def test_without_data_of_the_zone() -> None:
    """It is told, and nobody is late or on time by a guess."""
    with pytest.raises(AutograderError, match="no time zone 'Europe/Nowhere'"):
        lateness("2026-03-01T12:00:00", due(zone="Europe/Nowhere"))


@pytest.mark.parametrize(
    ("handed_in", "policy", "words"),
    [
        ("2026-03-02T00:30:00", {}, "1 day late, 10 % off"),
        ("2026-03-04T00:30:00", {"cap": 25.0}, "3 days late, 25 % off"),
        ("2026-03-02T00:30:00", {"per": "hour", "percent": 0.5}, "1 hour late, 0.5 % off"),
        ("2026-03-01T23:59:00", {}, ""),
    ],
)
def test_the_cost_in_words(handed_in: str, policy: dict[str, Any], words: str) -> None:
    """How late by what counts, and the share; nothing where it costs nothing."""
    assert cost_in_words(lateness(handed_in, due(**policy))) == words
    assert cost_in_words(None) == ""


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ({"percent": 0.0}, "Nothing is taken off what comes later."),
        ({}, f"Each day that begins after it {RATE}."),
        (
            {"per": "hour", "cap": 50.0, "grace_minutes": 15.0},
            f"Each hour that begins after it, 15 minutes of grace apart, {RATE}; 50 % at most.",
        ),
    ],
)
def test_the_deadline_in_words(policy: dict[str, Any], words: str) -> None:
    """When, by whose clocks, and what it costs to be late."""
    assert deadline_in_words(due(**policy)) == f"Due 1 March 2026, 23:59 (Europe/Berlin). {words}"
    assert time_in_words("2026-03-01T23:59:30+01:00") == "1 March 2026, 23:59:30"


@pytest.mark.parametrize(
    ("points", "percent", "penalty", "left"),
    [
        (17.0, 10.0, 1.7, 15.3),
        (0.7 + 0.1 + 1 / 3 + 1 / 3 + 1 / 3, 50.0, 0.9, 0.9),  # 1.8, whatever floats make of it
        (1 / 3, 100.0, 0.33, 0.0033333333333333335),
        (0.25, 50.0, 0.12, 0.13),  # half of a hundredth is the student's
        (0.27, 50.0, 0.13, 0.14),
        (20.0, 100.0, 20.0, 0.0),
        (0.0, 100.0, 0.0, 0.0),
        (9.99, 0.0, 0.0, 9.99),
    ],
)
def test_points_are_exact(points: float, percent: float, penalty: float, left: float) -> None:
    """A penalty has two decimals, and what is left is the exact difference."""
    late = Lateness("", "", "UTC", percent=percent)
    assert late_penalty(Total(points, 20.0), late) == penalty
    assert subtract(points, penalty) == pytest.approx(left, abs=1e-12)
    assert late_penalty(Total(points, 20.0), None) == 0.0


def test_bonus_is_as_late_as_the_rest() -> None:
    """The share is of all points that were reached."""
    assert late_penalty(Total(17.0, 20.0, 4.0, 10.0), Lateness("", "", "UTC", percent=10.0)) == 2.1


@given(
    st.integers(0, 4000),
    st.integers(1, 10_000),
    st.integers(-(10**7), 10**8),
    st.integers(1, 10_000),
    st.integers(0, 90),
)
def test_a_penalty_stays_within_its_bounds(hundredths: int, percent: int, seconds: int, cap: int, grace: int) -> None:
    """It grows with the delay up to the cap, takes no more than there is, and nothing from who is on time."""
    deadline = due(percent=percent / 100, cap=cap / 100, grace_minutes=float(grace))
    start = by_clock(deadline.at, deadline).astimezone(UTC)
    late, later = (lateness((start + timedelta(seconds=seconds + more)).isoformat(), deadline) for more in (0, 5000))
    points = Total(hundredths / 100, 40.0)
    penalty = late_penalty(points, late)
    assert 0 <= late.percent <= later.percent <= deadline.cap
    assert bool(late.percent) is (seconds > grace * 60) is (late.seconds > 0)
    assert 0 <= penalty <= late_penalty(points, later) <= points.points
    exact = Fraction(hundredths, 100) * Fraction(str(late.percent)) / 100
    assert abs(Fraction(str(penalty)) - exact) <= Fraction(1, 200)
    assert math.isclose(subtract(points.points, penalty) + penalty, points.points, abs_tol=1e-9)


def test_a_result_keeps_it() -> None:
    """Written as JSON and read back it is the same, and a result of earlier releases has none."""
    result = SubmissionResult("ada", "hw", "graded", 3.0, 3.0, "process", 1.0, handed_in="2026-03-02T00:30:00")
    late = with_lateness(result, due(), None)
    assert late.late is not None
    assert (late.score, late.late.percent) == (3.0, 10.0)
    assert SubmissionResult.from_json(late.to_json()) == late
    values = result.to_json()
    for key in ("handed_in", "marked_late", "late"):
        del values[key]
    assert SubmissionResult.from_json(values).late is None
    assert with_lateness(late, None, None).late is None
