"""Gradescope, which takes no feedback for a class at once: its results come from its autograder.

Pages are called by their submission's number, so that a person finds each one's.
"""

from __future__ import annotations

import re

from autograder.give_back.systems import Recipient, ReturnSystem

__all__ = ["SYSTEM"]

_NAME = re.compile(r"submission_\d+")


def _place(recipient: Recipient) -> str | None:
    """Return the submission's folder in the export, and the page in it."""
    name = next((match[0] for part in recipient.parts if (match := _NAME.match(part))), None)
    return f"{name}/{recipient.assignment}.html" if name else None


SYSTEM = ReturnSystem(
    name="gradescope",
    title="Gradescope",
    upload="Gradescope takes no feedback for a class at once: upload the autograder and let it run, or send these "
    "pages by hand.",
    place=_place,
    convention="gradescope",
)
