"""Read and write numbers as an LMS does: with a point or a comma."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["DECIMALS", "read_number", "uses_comma", "write_number"]

DECIMALS = 2
"""What Canvas, Moodle, Blackboard and Brightspace show, and compare."""

_NUMBER = re.compile(r"[+-]?\d[\d.,\u00a0\u202f' ]*|[+-]?[.,]\d+")
_FINE = re.compile(r"[+-]?\d*[.,]\d{1,2}|[+-]?\d+")
_COMMA = re.compile(r"[+-]?[\d.\u00a0\u202f ]*,\d{1,2}|[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d+,\d{4,}")
_POINT = re.compile(r"[+-]?[\d,\u00a0\u202f' ]*\.\d{1,2}|[+-]?\d{1,3}(?:,\d{3})+\.\d+|[+-]?\d+\.\d{4,}")


def read_number(text: str, *, comma: bool) -> float | None:
    """Return the number that a field says; None where it says none.

    Args:
        text: such as `7.50`, `7,50`, `1.234,5`.
        comma: whether a lone sign before three digits is a decimal comma or point of that kind.
    """
    text = text.strip()
    if not _NUMBER.fullmatch(text):
        return None
    text = re.sub(r"[\s\u00a0\u202f']", "", text)
    if _FINE.fullmatch(text):  # one sign and one or two decimals: no thousands look like this
        return float(text.replace(",", "."))
    mark, other = (",", ".") if comma else (".", ",")
    try:
        return float(text.replace(other, "").replace(mark, "."))
    except ValueError:
        return None


def write_number(number: float, *, comma: bool) -> str:
    """Return a number without needless zeros, rounded to `DECIMALS` decimals."""
    text = f"{round(number, DECIMALS):.{DECIMALS}f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text


def uses_comma(fields: Iterable[str], delimiter: str) -> bool:
    """Return whether a file writes decimals with a comma.

    The fields decide. Where all of them are whole, the delimiter does: `;` is there because the comma was taken.
    """
    fields = [text.strip() for text in fields]
    commas = sum(bool(_COMMA.fullmatch(text)) for text in fields)
    points = sum(bool(_POINT.fullmatch(text)) for text in fields)
    return commas > points if commas != points else delimiter == ";"
