"""Text that goes into a spreadsheet's cell."""

from __future__ import annotations

__all__ = ["plain_text"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet run a cell's text (OWASP, "CSV Injection")."""


def plain_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula; an apostrophe goes before one that would be.

    What an LMS wrote itself isn't passed through here: it has to come back as it went.
    """
    return f"'{text}" if text.startswith(_FORMULA) else text
