"""Blackboard: a zip of pages with the names of the download's files."""

from __future__ import annotations

import re

from autograder.give_back.systems import Recipient, ReturnSystem

__all__ = ["SYSTEM"]

_NAME = re.compile(r".+?_[^_]+?_attempt_\d{4}(?:-\d\d){5}(?=_|\.txt)", re.DOTALL)


def _place(recipient: Recipient) -> str | None:
    """Return what the download writes before a file's own name, and the page's name."""
    match = next((match for part in recipient.parts if (match := _NAME.match(part))), None)
    return f"{match[0]}_{recipient.assignment}.html" if match else None


SYSTEM = ReturnSystem(
    name="blackboard",
    title="Blackboard",
    upload="Upload it where your Blackboard takes feedback files in bulk, or attach each page to the attempt it names.",
    place=_place,
    convention="blackboard",
)
