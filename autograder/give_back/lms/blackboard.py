"""Blackboard's stamped names, as its download has them, for the bulk tools that take them back."""

from __future__ import annotations

import re

from autograder.give_back.systems import ZipSystem, first_match

__all__ = ["SYSTEM"]

_NAME = re.compile(r"(?P<start>.+?_attempt_\d{4}(?:-\d\d){5})_.+", re.DOTALL)


def _place(handed_in: str) -> str | None:
    """Return the page's name in the zip."""
    match = first_match(_NAME, handed_in)
    return None if match is None else f"{match['start']}_feedback.html"


SYSTEM = ZipSystem(
    name="blackboard",
    title="Blackboard",
    next_step=(
        "Give the zip to your site's tool for feedback in bulk. Where it has none, `autograder export --lms blackboard` "
        "brings the comments in."
    ),
    place=_place,
)
