"""The card that a check shows when it passes: HTML in a notebook, plain text elsewhere."""

from __future__ import annotations

import html
import sys
from dataclasses import dataclass

__all__ = ["HEADINGS", "Card"]

_COLOURS = {"passed": "#2e8b57", "failed": "#d1495b", "skipped": "#b8860b"}
HEADINGS = {"passed": "Looks right so far", "failed": "Not right yet", "skipped": "Could not be checked"}


@dataclass(frozen=True, repr=False)
class Card:
    """The result of a check, as the notebook shows it.

    Neither text form can be read as a number: nbgrader takes a result that `float()`
    accepts as partial credit.

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
        return "\n".join([f"{HEADINGS[self.status]}: {self.text}", *(f"  {note}" for note in self.notes)])

    def _ipython_display_(self) -> None:
        """Show the card as a display.

        nbgrader would try to read the cell's result as a number.
        """
        forms = {"text/plain": repr(self), "text/html": self._repr_html_()}
        sys.modules["IPython.display"].display(forms, raw=True)

    def _repr_html_(self) -> str:
        """Return HTML in the page's own colours, light or dark.

        Its classes are for pages that drop `style` from what a notebook shows,
        such as nbgrader's feedback.
        """
        colour = _COLOURS[self.status]
        faint = 'class="check-note" style="opacity:.75;font-size:90%"'
        notes = "".join(f"<div {faint}>{_escape(note)}</div>" for note in self.notes)
        return (
            f'<div role="status" class="check check-{self.status}" '
            f'style="border-left:5px solid {colour};padding:.4em .9em;margin:.3em 0;color:inherit">'
            f'<div class="check-heading" style="color:{colour};font-weight:bold">{HEADINGS[self.status]}</div>'
            f"<div>{_escape(self.text)}</div>{notes}</div>"
        )


def _escape(text: str) -> str:
    """Return the text as HTML, with `names` in backticks set as code."""
    parts = html.escape(text, quote=True).split("`")
    if len(parts) % 2 == 0:  # an odd number of backticks: nothing is paired for certain
        return "`".join(parts)
    return "".join(f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts))
