"""What a check raises: one sentence for the student, and an id that graders can read back."""

from __future__ import annotations

import re
import sys
from typing import Any

from .cards import Card

__all__ = ["CheckFailed", "CheckSkipped", "parse_failure"]

# The tail of the text, "[id]" or "[id: detail]". It is ours, and last: whatever a student's text contains stands before it.
_TAIL = re.compile(r"\A(?P<message>.*) \[(?P<diagnosis>[a-z_]+)(?:: (?P<detail>[^\[\]]*))?\]\s*\Z", re.DOTALL)


class CheckFailed(AssertionError):
    """Say that an answer is not right yet, and why.

    Args:
        diagnosis: the kind of mistake, an id such as "not_flattened".
        message: what was expected, what was found, what to look at.
        detail: what the diagnosis is about, where there is more to say than its kind.
    """

    status = "failed"
    _shown = False

    def __init__(self, diagnosis: str, message: str, detail: str | None = None) -> None:
        super().__init__(diagnosis, message, detail)
        self.diagnosis = diagnosis
        self.message = message
        self.detail = detail

    def __str__(self) -> str:
        """Return the message with the id in brackets behind it: graders parse this tail."""
        tail = self.diagnosis if self.detail is None else f"{self.diagnosis}: {self.detail}"
        return f"{self.message} [{tail}]"

    def _render_traceback_(self) -> list[str]:
        """Return what IPython prints in place of a traceback; in a notebook a short line, below the card."""
        display = getattr(sys.modules.get("IPython.display"), "display", None)
        if display is None or not _in_a_notebook():
            return [f"{type(self).__name__}: {self}"]
        if not self._shown:  # IPython asks twice
            self._shown = True
            display(self.card())
        return [f"{type(self).__name__}: {self.diagnosis.replace('_', ' ')} (see above)"]

    def card(self) -> Card:
        """Return the failure as a card."""
        return Card(self.status, self.message, (f"Kind of mistake: {self.diagnosis.replace('_', ' ')}",))


class CheckSkipped(CheckFailed):
    """Say that an answer could not be looked at, because what it builds on is missing or unusable."""

    status = "skipped"


def _in_a_notebook() -> bool:
    """Tell whether a front end that shows HTML is listening: a kernel is, a plain terminal is not."""
    shell: Any = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")


def parse_failure(ename: str, evalue: str) -> tuple[str | None, str | None, str]:
    """Take the text of a raised check apart.

    Args:
        ename: the exception's class name, as a notebook's error output has it.
        evalue: its text.

    Returns:
        (diagnosis, detail, message); diagnosis is None where the text is not a check's.
    """
    match = _TAIL.match(evalue)
    if ename.rpartition(".")[2] not in ("CheckFailed", "CheckSkipped") or match is None:
        return None, None, evalue
    return match["diagnosis"], match["detail"], match["message"]
