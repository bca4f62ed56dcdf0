"""The card that a check shows: HTML in a notebook, one line of plain text elsewhere."""

from __future__ import annotations

import html
from dataclasses import dataclass

__all__ = ["Card"]

_COLOURS = {"passed": "#2e8b57", "failed": "#d1495b", "skipped": "#b8860b"}
_HEADINGS = {"passed": "Looks right so far", "failed": "Not right yet", "skipped": "Could not be checked"}


@dataclass(frozen=True, repr=False)
class Card:
    """What a check has to say.

    Neither text form can be read as a number: nbgrader takes a result that `float()` accepts as partial credit.

    Attributes:
        status: "passed", "failed" or "skipped".
        text: the sentence that matters; shown as it is, never as HTML.
        notes: smaller lines below it.
    """

    status: str
    text: str
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return one line a sentence."""
        return "\n".join([f"{_HEADINGS[self.status]}: {self.text}", *(f"  {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        """Return HTML that keeps the page's own text colour and background, so that light and dark both read well."""
        colour = _COLOURS[self.status]
        notes = "".join(f'<div style="opacity:.75;font-size:90%">{_escape(note)}</div>' for note in self.notes)
        return (
            f'<div role="status" style="border-left:5px solid {colour};padding:.4em .9em;margin:.3em 0;color:inherit">'
            f'<div style="color:{colour};font-weight:bold">{_HEADINGS[self.status]}</div>'
            f"<div>{_escape(self.text)}</div>{notes}</div>"
        )


def _escape(text: str) -> str:
    """Return the text as HTML, with `names` in backticks set as code."""
    parts = html.escape(text, quote=True).split("`")
    if len(parts) % 2 == 0:  # an odd number of backticks: nothing is paired for certain
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
