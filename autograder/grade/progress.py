"""Say who is being graded and how long is left: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from autograder.grade.workers import Tally
from autograder.model import SubmissionResult
from autograder.texts import printable

__all__ = ["ClassProgress", "show_progress"]


class ClassProgress(Protocol):
    """Is told how the run goes; `begin` comes from several threads."""

    def begin(self, student: str) -> None:
        """Tell that a submission is being graded."""

    def end(self, result: SubmissionResult) -> None:
        """Tell that a submission was graded."""


@contextmanager
def show_progress(
    console: Console | None, total: int, jobs: int, tally: Callable[[], Tally]
) -> Iterator[ClassProgress]:
    """Give the teller that fits the console.

    Args:
        console: where it is told; None says nothing.
        total: how many submissions there are to grade.
        jobs: how many run side by side.
        tally: says how many maps were computed and remembered.
    """
    if console is None:
        yield _Nothing()
        return
    if not console.is_terminal:
        yield _Lines(console, total, tally)
        return
    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("[dim]{task.fields[left]}"),
        TextColumn("[dim]{task.fields[maps]}"),
        TextColumn("{task.fields[who]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bar(progress, total, jobs, tally)


class _Nothing:
    """Silence."""

    def begin(self, student: str) -> None:
        """Say nothing."""

    def end(self, result: SubmissionResult) -> None:
        """Say nothing."""


class _Lines:
    """One line a submission, and one for the maps at the end."""

    def __init__(self, console: Console, total: int, tally: Callable[[], Tally]) -> None:
        self._console, self._total, self._done = console, total, 0
        self._tally = tally

    def begin(self, student: str) -> None:
        """Say nothing: a log is read afterwards."""

    def end(self, result: SubmissionResult) -> None:
        """Print the outcome."""
        self._done += 1
        outcome = "" if result.status == "graded" else f", {result.status}"
        points = f"{result.score:g} of {result.max_score:g}{outcome} ({result.seconds:.0f} s)"
        line = f"[{self._done}/{self._total}] {printable(result.student)[:60]}: {points}"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
        if self._done == self._total and (maps := _maps(self._tally())):
            self._console.print(maps, markup=False, highlight=False, soft_wrap=True)


class _Bar:
    """A bar with the names of those being graded, and the time left."""

    def __init__(self, progress: Progress, total: int, jobs: int, tally: Callable[[], Tally]) -> None:
        self._progress, self._total, self._jobs, self._tally = progress, total, jobs, tally
        self._task = progress.add_task("grading", total=total, left="", maps="", who="")
        self._running: list[str] = []
        self._seconds: list[float] = []
        self._start = monotonic()
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
            self._seconds.append(monotonic() - self._start)
            self._progress.advance(self._task)
            self._show()

    def _show(self) -> None:
        """Renew the names and the time left; those that began before these only wait for their judgement."""
        who = escape(", ".join(printable(student)[:60] for student in self._running[-self._jobs :]))
        self._progress.update(self._task, who=who, left=self._left(), maps=_maps(self._tally()))

    def _left(self) -> str:
        """Return the time left by the pace so far; nothing before the first result."""
        done = len(self._seconds)
        if not done or done == self._total:
            return ""
        left = (monotonic() - self._start) / done * (self._total - done)
        return f"{left:.0f} s left" if left < 90 else f"{left / 60:.0f} min left"


def _maps(tally: Tally) -> str:
    """Return how many maps were computed and remembered; "" where none was asked for."""
    if not tally.computed + tally.remembered:
        return ""
    return f"maps: {tally.computed} computed, {tally.remembered} remembered"
