"""nbgrader: the course's `feedback/`, from which `nbgrader release_feedback` takes pages.

That command copies pages alone into the exchange, under names of its own: what lies beside a page stays behind, and so
pages hold all that they need. It reads when a student submitted, and the secret that the page is called by, from files
beside the page, and stops at the first student who has none.
"""

from __future__ import annotations

from autograder.give_back.systems import Recipient, ReturnSystem

__all__ = ["SYSTEM"]


def _place(recipient: Recipient) -> str | None:
    """Return where nbgrader looks for the page of a notebook: it has the notebook's name."""
    name = recipient.parts[-1]
    if not name.endswith(".ipynb") or "/" in recipient.student:
        return None
    return f"feedback/{recipient.student}/{recipient.assignment}/{name.removesuffix('.ipynb')}.html"


SYSTEM = ReturnSystem(
    name="nbgrader",
    title="nbgrader",
    upload="With --to COURSE it is the course's own: nbgrader release_feedback gives it out from there.",
    place=_place,
    convention="nbgrader",
    as_zip=False,
    beside=("timestamp.txt", "submission_secret.txt"),
)
