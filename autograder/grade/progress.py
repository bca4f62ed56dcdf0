"""Show who is being graded and how long is left: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.grade.workers import Tally
from autograder.model import SubmissionResult
from autograder.texts import printable
from autograder.totals import total_of

__all__ = ["ClassProgress", "outcome_line", "show_progress"]

_PACE_SECONDS = 24 * 3600  # the time left follows the pace of the whole run: rich's own 30 s hold no result


class ClassProgress(Protocol):
    """Shows how the run goes; `begin` is called from several threads."""

    def begin(self, student: str) -> None:
        """Show that a submission is being graded."""

    def end(self, result: SubmissionResult) -> None:
        """Show that a submission was graded."""


@contextmanager
def show_progress(
    console: Console | None, total: int, jobs: int, tally: Callable[[], Tally]
) -> Iterator[ClassProgress]:
    """Yield the progress display that fits the console.

    Args:
        console: where it is shown; None shows nothing.
        total: how many submissions there are to grade.
        jobs: how many run side by side.
        tally: counts hits and misses of the cache of maps.
    """
    console = console or Console(quiet=True, force_terminal=False)
    if not console.is_terminal:
        yield _Lines(console, total, tally)
        return
    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("[dim]left  {task.fields[maps]}"),
        TextColumn("{task.fields[who]}"),
    )
    with Progress(*columns, console=console, transient=True, speed_estimate_period=_PACE_SECONDS) as progress:
        yield _Bar(progress, total, jobs, tally)


class _Lines:
    """One line a submission, and one for the maps at the end."""

    def __init__(self, console: Console, total: int, tally: Callable[[], Tally]) -> None:
        self._console, self._total, self._done = console, total, 0
        self._tally = tally

    def begin(self, student: str) -> None:
        """Print nothing: a log is read afterwards."""

    def end(self, result: SubmissionResult) -> None:
        """Print the outcome."""
        self._done += 1
        line = f"[{self._done}/{self._total}] {outcome_line(result)}"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
        if self._done == self._total and (maps := _maps(self._tally())):
            self._console.print(maps, markup=False, highlight=False, soft_wrap=True)


class _Bar:
    """A bar with the names of those being graded, and the time left."""

    def __init__(self, progress: Progress, total: int, jobs: int, tally: Callable[[], Tally]) -> None:
        self._progress, self._jobs, self._tally = progress, jobs, tally
        self._task = progress.add_task("grading", total=total, maps="", who="")
        progress.advance(self._task, 0)  # the pace counts from here, and not from the first result
        self._running: list[str] = []
        self._lock = Lock()

    def begin(self, student: str) -> None:
        """Show a name."""
        with self._lock:
            self._running.append(student)
            self._show()

    def end(self, result: SubmissionResult) -> None:
        """Take the name away, and count."""
        with self._lock:
            self._running.remove(result.student)
            self._progress.advance(self._task)
            self._show()

    def _show(self) -> None:
        """Renew the names; those that began before these only wait for their judgement."""
        who = escape(", ".join(printable(student)[:60] for student in self._running[-self._jobs :]))
        self._progress.update(self._task, who=who, maps=_maps(self._tally()))


def outcome_line(result: SubmissionResult) -> str:
    """Return a line that says what came of a submission."""
    outcome = "" if result.status == "graded" else f", {result.status}"
    return f"{printable(result.student)[:60]}: {total_of(result)}{outcome} ({result.seconds:.0f} s)"


def _maps(tally: Tally) -> str:
    """Return how many maps were computed, and how many were in the cache; "" where there is none."""
    if not tally.misses + tally.hits:
        return ""
    return f"maps: {tally.misses} computed, {tally.hits} remembered"
