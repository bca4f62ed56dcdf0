"""Canvas's *Re-upload submissions*: each file is called as in its download, with the same two numbers."""

from __future__ import annotations

import re

from autograder.give_back.systems import ZipSystem, first_match

__all__ = ["SYSTEM"]

# Two numbers come before the name that the student gave: a user's and an attachment's, which Canvas reads again.
_NAME = re.compile(
    r"(?P<start>(?:LATE_)?(?:anon_(?:LATE_)?[A-Za-z0-9]{5}|.+?_(?:LATE_)?[1-9]\d*)_[1-9]\d*_)(?P<file>.+)", re.DOTALL
)


def _place(handed_in: str) -> str | None:
    """Return the page's name in the zip: the file's own, as HTML."""
    match = first_match(_NAME, handed_in)
    if match is None:
        return None
    stem = match["file"].rpartition(".")[0] or match["file"]
    return f"{match['start']}{stem}.html"


SYSTEM = ZipSystem(
    name="canvas",
    title="Canvas",
    next_step="On the assignment's page, choose Re-upload submissions: each page becomes a comment's attachment.",
    place=_place,
)
