"""Print the class: one row a student, one column an exercise, one sign a check."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.checks.meanings import Diagnosis
from autograder.lateness import cost_in_words
from autograder.model import CheckResult, SubmissionResult, exercise_of
from autograder.texts import printable
from autograder.totals import total_of

__all__ = ["print_table"]

_SIGNS = {"passed": ("✓", "green"), "failed": ("✗", "red"), "skipped": ("·", "dim"), "error": ("!", "yellow")}
_UNANSWERED = ("-", "dim")
_MIN_NAME, _MAX_NAME = 6, 40  # columns of a terminal
_MIN_MISTAKES = 12
_PADDING = 2


def print_table(
    results: Sequence[SubmissionResult], out: Path, console: Console | None = None, *, wrote: Collection[str] = ()
) -> None:
    """Print the results of a class, and where everything lies.

    Args:
        results: of one assignment.
        out: the folder that holds the rest.
        console: stdout when None.
        wrote: the students who answered something in words, which no check sees.
    """
    console = console or Console()
    names = list(dict.fromkeys(check.name for result in results for check in result.checks))
    table = Table(box=None, header_style="dim", pad_edge=False, padding=(0, _PADDING, 0, 0))
    rows = [_row(result, names, wrote=result.student in wrote) for result in results]
    titles = ("score", *_by_exercise(names))
    widths = [max([cell_len(title), *(row[n].cell_len for row in rows)]) for n, title in enumerate(titles, start=1)]
    # A long name gives way; scores and signs never do.
    room = console.width - sum(widths) - _MIN_MISTAKES - _PADDING * (len(widths) + 2)
    table.add_column("student", no_wrap=True, overflow="ellipsis", max_width=max(_MIN_NAME, min(_MAX_NAME, room)))
    for title, width in zip(titles, widths, strict=True):
        table.add_column(title, justify="right" if title == "score" else "left", no_wrap=True, min_width=width)
    table.add_column("what went wrong", min_width=_MIN_MISTAKES)
    for row in rows:
        table.add_row(*row)
    console.print(table)
    console.print(_legend(results, names, out), soft_wrap=True, highlight=False)


def _row(result: SubmissionResult, names: Sequence[str], *, wrote: bool) -> list[Text]:
    """Return one student's cells."""
    checks = dict.fromkeys((check.name for check in result.checks), _UNANSWERED)
    checks |= {check.name: _SIGNS[check.status] for check in result.begun_checks}
    total = total_of(result)
    score = Text(f"{total.regular:g}", "bold").append(f" / {total.maximum:g}", "dim")
    if total.max_bonus:
        score.append(f" + {total.bonus:g}", "bold").append(f" / {total.max_bonus:g}", "dim")
    marks = [
        Text(" ").join(Text(*checks.get(name, (" ", ""))) for name in group) for group in _by_exercise(names).values()
    ]
    return [Text(printable(result.student)), score, *marks, _mistakes(result, wrote=wrote)]


def _by_exercise(names: Sequence[str]) -> dict[str, list[str]]:
    """Return the checks of each exercise."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(exercise_of(name), []).append(name)
    return groups


def _mistakes(result: SubmissionResult, *, wrote: bool) -> Text:
    """Return what a person would ask first: what stopped the notebook, its mistakes, what was left out."""
    stopped = [result.status.replace("_", " ")] if result.status != "graded" else []
    stopped += [cost] if (cost := cost_in_words(result.late)) else []
    left_out = [printable(text)] if (text := result.not_answered(wrote=wrote)) else []
    wrong = [check for check in result.begun_checks if check.status in ("failed", "error")]
    # What is missing is mostly what an earlier mistake kept from being made.
    telling = [check for check in wrong if check.diagnosis != Diagnosis.MISSING] or wrong[:1]
    return Text(", ".join([*stopped, *dict.fromkeys(map(_mistake, telling)), *left_out]))


def _mistake(check: CheckResult) -> str:
    """Return a check's diagnosis in words."""
    if check.status == "error":
        return f"{check.name} needs a person"
    words = (check.diagnosis or Diagnosis.UNKNOWN).replace("_", " ")
    return printable(f"{words} ({check.detail})" if check.detail else words)


def _legend(results: Sequence[SubmissionResult], names: Sequence[str], out: Path) -> Text:
    """Return the lines below the table."""
    sandbox = ", ".join(sorted({result.sandbox or result.isolation for result in results}))
    order = (
        f"{exercise}: {', '.join(name.partition('_')[2].replace('_', ' ') or name for name in group)}"
        for exercise, group in _by_exercise(names).items()
    )
    lines = (
        ";  ".join(order),
        "✓ holds   ✗ a mistake   - not answered   · not looked at: what it needs is missing or wrong   ! needs a person",
        f"Written answers are marked by a person, in {out / 'gradebook.db'}. Sandbox: {sandbox}.",
        f"Feedback pages: {out / 'feedback'}",
    )
    return Text("\n" + "\n".join(lines))
