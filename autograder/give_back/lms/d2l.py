"""Brightspace (D2L): a zip of feedback files, in the folders of the download."""

from __future__ import annotations

import re

from autograder.give_back.systems import Recipient, ReturnSystem

__all__ = ["SYSTEM"]

_NAME = re.compile(r"\d+-\d+ - .+? - .*\d.*", re.DOTALL)


def _place(recipient: Recipient) -> str | None:
    """Return the folder of the download, and the page in it."""
    folder = next((part for part in recipient.parts if _NAME.fullmatch(part)), None)
    return f"{folder}/{recipient.assignment}.html" if folder else None


SYSTEM = ReturnSystem(
    name="d2l",
    title="Brightspace",
    upload="Upload it in the assignment: Submissions, Add Feedback Files.",
    place=_place,
    convention="d2l",
)
