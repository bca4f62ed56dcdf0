"""Times as systems write them into names and files."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.collect.times import read_stamp, read_time, sort_key


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31)))  # noqa: DTZ001 - names have no zone
def test_twelve_hour_times_without_zero_or_colon(when: datetime) -> None:
    """`110 PM` is ten past one, and `1210 AM` ten past midnight."""
    text = f"{when:%b} {when.day}, {when.year} {when.hour % 12 or 12}{when:%M} {when:%p}"
    assert read_time(text) == when.replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("1. Jänner 2026 1330", 1),
        ("1 févr. 2026 13h30", 2),
        ("1. Mrz 2026 1330", 3),
        ("1 de abril de 2026 13:30", 4),
        ("1 maggio 2026 1330", 5),
        ("1 juin 2026 13h30", 6),
        ("1 de julho de 2026 1330", 7),
        ("1 août 2026 13h30", 8),
        ("1 września 2026 1330", 9),
        ("1 okt. 2026 1330", 10),
        ("1 Kas\u0131m 2026 1330", 11),
        ("1. Dez. 2026 1330", 12),
        ("2026-05-01 1330", 5),
        ("2026년 6월 1일 오후 1:30", 6),
        ("2026年7月1日 13:30", 7),
    ],
)
def test_months_in_many_languages(text: str, month: int) -> None:
    """Whole names, abbreviations, and dates in numbers with the year first."""
    assert read_time(text) == datetime(2026, month, 1, 13, 30)  # noqa: DTZ001 - names have no zone


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "03-04-2026 1330",
        "Ju 1, 2026 110 PM",
        "Mar 1, 2026",
        "Mar 31, 2026 1390",
        "Mar 1, 2026 1310 PM",
    ],
)
def test_what_cannot_be_told_is_not_guessed(text: str) -> None:
    """A month that may be two, a day that may be a month, a time that is none."""
    assert read_time(text) is None


def test_stamps_keep_their_zone() -> None:
    """By name, by offset, or none; the same moment in two zones is one."""
    utc = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
    assert read_stamp("2026-03-01 18:30:00.948203 UTC") == utc
    assert read_stamp("2026-03-01 10:30:00 America/Los_Angeles") == utc
    assert read_stamp("2026-03-01T19:30:00+01:00") == datetime(2026, 3, 1, 19, 30, tzinfo=timezone(timedelta(hours=1)))
    assert sort_key(read_stamp("2026-03-01 18:30:00 Nowhere/At_All")) == sort_key(utc)
    assert read_stamp("soon") is None
    assert read_stamp("2026-02-31 10:30:00") is None
    assert sort_key(None) < sort_key(utc)
