"""Read the times that learning management systems write into names, in their languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = ["read_stamp", "read_time", "sort_key"]

# English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish, Danish, Norwegian, Polish, Turkish, Finnish: whole
# names; an abbreviation is the beginning of one, and of one month only.
_MONTHS = (
    "january januar jänner janvier enero gennaio janeiro januari stycznia styczeń ocak tammikuuta",
    "february februar februari février febrero febbraio fevereiro lutego luty şubat helmikuuta",
    "march märz mrz mars marzo março maart mar marts marca marzec mart maaliskuuta mrt",
    "april avril abril aprile kwietnia kwiecień nisan huhtikuuta avr abr",
    "may mai mayo maggio maio mei maj may\u0131s maja toukokuuta mag",
    "june juni juin junio giugno junho czerwca czerwiec haziran kesäkuuta giu",
    "july juli juillet julio luglio julho lipca lipiec temmuz heinäkuuta lug",
    "august août agosto augustus augusti sierpnia sierpień ağustos elokuuta aout ago",
    "september septembre septiembre settembre setembro września wrzesień eylül syyskuuta set sept",
    "october oktober octobre octubre ottobre outubro października październik ekim lokakuuta okt ott out",
    "november novembre noviembre novembro listopada listopad kas\u0131m marraskuuta",
    "december dezember décembre diciembre dicembre dezembro desember grudnia grudzień aral\u0131k joulukuuta dez dic",
)
_ISO = re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})(?!\d)")
_EAST_ASIAN = re.compile(r"(?P<year>\d{4})\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]\s*(?P<day>\d{1,2})\s*[日일]")
_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})(?:\.|º|er|st|nd|rd|th)?\s+(?:de\s+|of\s+)?(?P<word>[^\W\d_]{3,})\.?,?\s+(?:de\s+)?(?P<year>\d{4})\b"
)
_MONTH_FIRST = re.compile(r"(?P<word>[^\W\d_]{3,})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})\b")
_CLOCK = re.compile(
    r"(?P<before>오전|오후|上午|下午|午前|午後)?\s*(?P<hour>\d{1,2})\s*[:.h時时시]?\s*(?P<minute>\d{2})(?:[:.]?(?P<second>\d{2}))?"
    r"\s*[分분]?\s*(?P<half>[ap]\.?\s?m\b\.?|vorm\.|nachm\.)?",
    re.IGNORECASE,
)
_AFTERNOON = ("p", "nachm", "오후", "下午", "午後")


def read_time(text: str) -> datetime | None:
    """Return a date with a time such as `Mar 1, 2026 110 PM`; None where it can't be told.

    A date in numbers alone is read only with its year first: nobody knows which of 03-01 is the month.
    """
    for pattern in (_ISO, _EAST_ASIAN, _DAY_FIRST, _MONTH_FIRST):
        match = pattern.search(text)
        if match:
            month = int(match["month"]) if "month" in match.groupdict() else _month(match["word"])
            clock = _CLOCK.search(text, match.end())
            return _moment(int(match["year"]), month, int(match["day"]), clock)
    return None


def read_stamp(text: str) -> datetime | None:
    """Return the time of a stamp such as nbgrader's `2026-03-01 10:30:00.123 UTC`; None for none."""
    match = re.match(r"\s*(\d{4}-\d{2}-\d{2})[T ](\d{2}[:-]\d{2}[:-]\d{2})(?:\.\d+)?\s*([\w/+:.-]*)", text)
    if match is None:
        return None
    try:
        moment = datetime.fromisoformat(f"{match[1]}T{match[2].replace('-', ':')}")
        return moment.replace(tzinfo=_zone(match[3]))
    except ValueError:
        return None


def sort_key(moment: datetime | None) -> float:
    """Return what orders moments; those of a file without time zones are all of one."""
    if moment is None:
        return float("-inf")
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _moment(year: int, month: int | None, day: int, clock: re.Match[str] | None) -> datetime | None:
    """Return a moment from its parts; None where they are none, or the clock is missing."""
    if month is None or clock is None:
        return None
    hour = int(clock["hour"])
    half = (clock["before"] or clock["half"] or "").casefold()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + 12 * half.startswith(_AFTERNOON)
    try:
        return datetime(year, month, day, hour, int(clock["minute"]), int(clock["second"] or 0))  # noqa: DTZ001 - the file names no zone
    except ValueError:
        return None


def _month(word: str) -> int | None:
    """Return the number of the month that a word names or begins; None where it is none's, or several'."""
    folded = word.casefold()
    exact = {number for number, names in enumerate(_MONTHS, start=1) if folded in names.split()}
    longer = {
        number
        for number, names in enumerate(_MONTHS, start=1)
        if any(name.startswith(folded) for name in names.split())
    }
    months = exact or longer
    return next(iter(months)) if len(months) == 1 else None


def _zone(name: str) -> tzinfo | None:
    """Return a time zone by its name or its offset; None where there is none of that name."""
    if re.fullmatch(r"Z|[+-]\d{2}:?\d{2}", name):
        return datetime.fromisoformat(f"2000-01-01T00:00:00{name}").tzinfo
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
