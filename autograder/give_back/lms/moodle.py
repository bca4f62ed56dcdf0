"""Moodle's *Upload multiple feedback files in a zip*: the folders are called as in its download."""

from __future__ import annotations

import re

from autograder.give_back.systems import ZipSystem, first_match

__all__ = ["SYSTEM"]

# Moodle reads a person's number behind the name, whichever of the assignment's plugins the folder is of.
_NAME = re.compile(r"(?P<who>.+?_\d+)_assignsubmission_[a-z]+_?.*", re.DOTALL)


def _place(handed_in: str) -> str | None:
    """Return the page's name in the zip."""
    match = first_match(_NAME, handed_in)
    return None if match is None else f"{match['who']}_assignsubmission_file_/feedback.html"


SYSTEM = ZipSystem(
    name="moodle",
    title="Moodle",
    next_step="In the assignment's list of submissions, choose Upload multiple feedback files in a zip.",
    place=_place,
)
