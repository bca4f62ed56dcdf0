"""The failure of a check: one sentence for the student, and an id that graders can read back."""

from __future__ import annotations

import re
import textwrap

from .cards import HEADINGS
from .meanings import Diagnosis

__all__ = ["CheckFailed", "CheckSkipped", "parse_failure"]

# The tail of the text, "[id]" or "[id: detail]". It is ours, and last: whatever a student's text
# contains stands before it.
_TAIL = re.compile(r"\A(?P<message>.*) \[(?P<diagnosis>[a-z_]+)(?:: (?P<detail>[^\[\]]*))?\]\s*\Z", re.DOTALL)

_RED, _PLAIN = "\x1b[31m", "\x1b[0m"
_WIDTH = 80  # `nbgrader validate` indents a line by 4 and cuts it off after 87


class CheckFailed(AssertionError):
    """Say that an answer is not right yet, and why.

    Args:
        diagnosis: the kind of mistake; a test of an instructor's own may give it another id, `[a-z_]+`.
        message: what was expected, what was found, what to look at.
        detail: what the diagnosis is about, where there is more to say than its kind.
    """

    status = "failed"

    def __init__(self, diagnosis: Diagnosis, message: str, detail: str | None = None) -> None:
        super().__init__(diagnosis, message, detail)
        self.diagnosis = diagnosis
        self.message = message
        self.detail = detail

    def __str__(self) -> str:
        """Return the message with the id in brackets behind it: graders parse this tail."""
        tail = self.diagnosis if self.detail is None else f"{self.diagnosis}: {self.detail}"
        return f"{self.message} [{tail}]"

    def _render_traceback_(self) -> list[str]:
        """Return what IPython prints in place of a traceback: the message itself, and no line of a test."""
        heading = f"{_RED}{type(self).__name__}: {HEADINGS[self.status]}{_PLAIN}"
        lines = [part for line in self.message.split("\n") for part in textwrap.wrap(line, _WIDTH) or [""]]
        return ["\n".join([heading, *lines, f"Kind of mistake: {self.diagnosis.replace('_', ' ')}"])]


class CheckSkipped(CheckFailed):
    """A check was skipped because another answer that it needs is missing or unusable."""

    status = "skipped"


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
