"""Make a text that others wrote harmless to write, to print, and to open in a spreadsheet.

The standard library alone: the judging process has no use for more, and starts for a class.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

__all__ = ["guard_formula", "printable", "replace_surrogates", "strip_controls", "text_digest", "unguard_formula"]

_FULL_WIDTH = ("\uff1d", "\uff0b", "\uff0d", "\uff20")  # of = + - @, as East Asian keyboards write them
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *_FULL_WIDTH, "'")
"""What makes a spreadsheet run a cell's text (OWASP, "CSV Injection"), and the sign that we put before it."""

# Links and titles too, which nbconvert's `strip_ansi` leaves.
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b.?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAX_DEPTH = 50


def guard_formula(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula.

    What an LMS wrote itself isn't passed through here: it has to come back as it went.
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def unguard_formula(cell: str) -> str:
    """Return the text that `guard_formula` was given, or that a person typed."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def replace_surrogates(value: Any, depth: int = 0) -> Any:
    """Replace lone surrogates in a value of JSON by question marks, so that it can be written as UTF-8.

    Raises:
        ValueError: it is nested too deeply for a notebook.
    """
    if depth > _MAX_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [replace_surrogates(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {replace_surrogates(key, depth + 1): replace_surrogates(item, depth + 1) for key, item in value.items()}
    return value


def printable(text: str, instead: str = "?", keep: str = "") -> str:
    """Replace each character that a terminal would obey, or can't show, but for those in `keep`."""
    return "".join(letter if letter.isprintable() or letter in keep else instead for letter in text)


def strip_controls(text: str) -> str:
    """Remove colours and control characters from a text of many lines."""
    return _CONTROL.sub("", _ANSI.sub("", text))


def text_digest(text: str) -> str:
    """Return what tells a text from others; "" for none."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest() if text else ""
