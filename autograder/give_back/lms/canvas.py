"""Canvas: a zip of files with the names of the download, for its re-upload of submissions."""

from __future__ import annotations

import re

from autograder.give_back.systems import Recipient, ReturnSystem

__all__ = ["SYSTEM"]

_NAME = re.compile(r".*?(?:_|^)(?:[1-9]\d*|anon_(?:LATE_)?[A-Za-z0-9]{5})_[1-9]\d*_.+", re.DOTALL)
_ENDING = re.compile(r"\.[^.]*$", re.DOTALL)


def _place(recipient: Recipient) -> str | None:
    """Return the name of the download; its ending is a page's."""
    name = next((part for part in recipient.parts if _NAME.fullmatch(part)), None)
    return f"{_ENDING.sub('', name)}.html" if name else None


SYSTEM = ReturnSystem(
    name="canvas",
    title="Canvas",
    upload="Upload it on the assignment's page: Re-Upload Submissions. Each page becomes a comment's file.",
    place=_place,
    convention="canvas",
)
