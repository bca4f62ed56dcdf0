"""Show what judging a class again would change, and why: on the terminal, and as a table for spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.files import write_file
from autograder.model import CheckResult
from autograder.rejudge.again import CheckChange, ClassAgain
from autograder.texts import guard_formula, printable

__all__ = ["print_changes", "summary_lines", "write_changes"]

_HEAD = ("student", "check", "before", "after", "score_before", "score_after", "counts", "why")
_MOST_CHARACTERS = 300  # of a message
_MOST_GONE = 20


def print_changes(again: ClassAgain, console: Console) -> None:
    """Print one line for each check that would change."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for title in ("student", "check", "before", "after", "why"):
        table.add_column(title, overflow="fold")
    changes = [change for one in again.judged for change in one.changes]
    for change in changes:
        after = f"{_words(change.after)} (kept as it was)" if change.kept else _words(change.after)
        cells = (change.student, change.name, _words(change.before), after, _why(change))
        table.add_row(*(Text(printable(cell)) for cell in cells))
    if changes:
        console.print(table)
    for line in summary_lines(again):
        console.print(line, highlight=False, soft_wrap=True)


def summary_lines(again: ClassAgain) -> Iterator[str]:
    """Yield how many results change, and whose could not be judged."""
    changed = again.changed
    up = sum(one.after.score > one.before.score for one in changed)
    down = sum(one.after.score < one.before.score for one in changed)
    judged = len(again.judged) - len(again.gone)
    yield f"{judged} results judged again: {len(changed)} change, {up} of them up and {down} down."
    for student, why in list(again.gone.items())[:_MOST_GONE]:
        yield f"{printable(student)} keeps the old result, and has to be run again to be judged: {why}."
    if len(again.gone) > _MOST_GONE:
        yield f"So have {len(again.gone) - _MOST_GONE} others; the table has them all."


def write_changes(again: ClassAgain, path: Path) -> None:
    """Write the changes as a table, and those who have to be run again."""
    rows: list[list[object]] = [list(_HEAD)]
    for one in again.judged:
        rows += [_row(change) for change in one.changes]
    rows += [
        [guard_formula(student), "", "", "", "", "", "no", guard_formula(f"to be run again: {why}")]
        for student, why in again.gone.items()
    ]
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
    write_file(path, text.getvalue())


def _row(change: CheckChange) -> list[object]:
    """Return a line of the table."""
    scores = ["" if one is None else one.score for one in (change.before, change.after)]
    words = [guard_formula(_words(change.before)), guard_formula(_words(change.after))]
    counts = "no" if change.kept else "yes"
    return [guard_formula(change.student), change.name, *words, *scores, counts, guard_formula(_why(change))]


def _words(check: CheckResult | None) -> str:
    """Return a result in a few words."""
    if check is None:
        return "not there"
    about = f" {check.diagnosis}" if check.diagnosis else ""
    return f"{check.score:g} of {check.max_score:g},{about or ' ' + check.status}"


def _why(change: CheckChange) -> str:
    """Return what the check says now, or how it differs from before."""
    before, after = change.before, change.after
    if before is None:
        return "the check is new"
    if after is None:
        return "the check is gone"
    if before.max_score != after.max_score and before.status == after.status:
        return f"the check has {after.max_score:g} points now"
    return " ".join((after.message or "it passes now").split())[:_MOST_CHARACTERS]
