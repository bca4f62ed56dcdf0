"""Print what an export did."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.export.records import ExportOutcome, ExportRequest, FieldChange, Omission
from autograder.texts import printable

__all__ = ["print_outcome"]

_SHOWN_CHARACTERS = 60
"""Of a comment, in the table of changes."""


def print_outcome(outcome: ExportOutcome, request: ExportRequest, console: Console | None = None) -> None:
    """Print what was filled, what was not and why; on a dry run each change too.

    Args:
        outcome: of one export.
        request: what was requested.
        console: stdout when None.
    """
    console = console or Console()
    if request.dry_run and outcome.changes:
        console.print(_table(outcome.changes))
    for line in _lines(outcome, request):
        console.print(Text(printable(line)), soft_wrap=True)


def _table(changes: Sequence[FieldChange]) -> Table:
    """Return the table of changes."""
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, 2, 0, 0))
    for heading in ("student", "in the class list", "old", "new"):
        table.add_column(heading, overflow="fold")
    for change in changes:
        cells = (change.student or "(nothing)", change.label, change.old or "(blank)", change.new)
        table.add_row(*(Text(printable(_short(cell))) for cell in cells))
    return table


def _lines(outcome: ExportOutcome, request: ExportRequest) -> list[str]:
    """Return the sentences, each a line."""
    kept = "Students whose row stays as it is" if request.class_list else "Students whose score is not complete"
    return [
        _first(outcome, request),
        *outcome.notes,
        *_list("Results that no row was filled for", outcome.unmatched),
        *_list(kept, outcome.kept),
        *_names("Rows without a result, given 0", outcome.given_zero),
        *_names("Rows without a result, left as they are", outcome.without_result),
    ]


def _first(outcome: ExportOutcome, request: ExportRequest) -> str:
    """Return what was done, in one sentence."""
    if not request.class_list:
        students = f"{outcome.scores} student{'' if outcome.scores == 1 else 's'}"
        return f"Would write the results of {students}." if outcome.path is None else f"{students}: {outcome.path}"
    filled = len({change.row for change in outcome.changes if change.student})
    same = f"; {len(outcome.same)} had theirs already" if outcome.same else ""
    if outcome.path is None:
        return f"Would fill the rows of {filled} of {outcome.scores} students{same}. Nothing was written."
    return f"Filled the rows of {filled} of {outcome.scores} students{same}: {outcome.path}"


def _list(heading: str, kept: Sequence[Omission]) -> list[str]:
    """Return a heading and a line for each; nothing when there are none."""
    return [f"{heading}: {len(kept)}", *(f"  {one.who}: {one.why}." for one in kept)] if kept else []


def _names(heading: str, names: Sequence[str]) -> list[str]:
    """Return a heading and the names behind it; nothing when there are none."""
    return [f"{heading}: {len(names)}", f"  {'; '.join(names)}"] if names else []


def _short(text: str) -> str:
    """Return a text's beginning."""
    return text if len(text) <= _SHOWN_CHARACTERS else f"{text[:_SHOWN_CHARACTERS]}…"
