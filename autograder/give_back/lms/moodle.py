"""Moodle: a zip of feedback files, in the folders of the download."""

from __future__ import annotations

import re

from autograder.give_back.systems import Recipient, ReturnSystem

__all__ = ["SYSTEM"]

_NAME = re.compile(r".+?_\d+_assignsubmission_[a-z]+_?", re.DOTALL)
"""Moodle before 4.1 ends a folder's name with `_`; both are read."""


def _place(recipient: Recipient) -> str | None:
    """Return the download's own folder, and the page in it; without folders, what stands before a file's own name."""
    match = next((match for part in recipient.parts if (match := _NAME.match(part))), None)
    if match is None:
        return None
    separator = "/" if match[0] == match.string else ""
    return f"{match[0]}{separator}{recipient.assignment}.html"


SYSTEM = ReturnSystem(
    name="moodle",
    title="Moodle",
    upload="Upload it in the assignment: Submissions, Upload multiple feedback files in a zip.",
    place=_place,
    convention="moodle",
)
