"""Brightspace's *Add Feedback Files*: the folders are called as in its download."""

from __future__ import annotations

import re

from autograder.give_back.systems import ZipSystem, first_match

__all__ = ["SYSTEM"]

_NAME = re.compile(r"\d+-\d+ - .+ - .*\d.*", re.DOTALL)


def _place(handed_in: str) -> str | None:
    """Return the page's name in the zip."""
    match = first_match(_NAME, handed_in)
    return None if match is None else f"{match[0]}/feedback.html"


SYSTEM = ZipSystem(
    name="d2l",
    title="Brightspace",
    next_step="On the assignment's Submissions page, choose Add Feedback Files.",
    place=_place,
)
