"""A folder for a web server: each student's pages have an address that nobody guesses."""

from __future__ import annotations

from autograder.give_back.systems import Recipient, ReturnSystem

__all__ = ["SYSTEM"]


def _place(recipient: Recipient) -> str | None:
    """Return the page's place below the student's token."""
    return f"{recipient.token}/{recipient.assignment}.html"


SYSTEM = ReturnSystem(
    name="folder",
    title="a web server",
    upload="Copy it to the web server, and send each student the address: feedback-links.csv in OUT says whose it is.",
    place=_place,
    as_zip=False,
    hidden_names=True,
    shares_library=True,
)
