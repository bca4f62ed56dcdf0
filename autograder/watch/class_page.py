"""Write the class page while results come: not too often, and beside the grading."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from autograder.course.reports import write_pages
from autograder.errors import AutograderError
from autograder.files import held
from autograder.grade.results import read_results, write_grades
from autograder.graded_folder import read_class
from autograder.late_work import LateWork, renew_pages
from autograder.log import log_suppressed
from autograder.watch.outage import is_passing

__all__ = ["ClassPage"]

_IDLE_SECONDS = 5.0  # without a result: nobody waits for this machine's cores


class ClassPage:
    """The class page and `OUT/grades.csv`, as old as results may make them.

    Args:
        out: the folder that is graded into.
        assignment: the assignment's name.
        root: the folder that holds `source/`.
        seconds: from one page to the next, while results come.
        say: tells a sentence.
    """

    def __init__(self, out: Path, assignment: str, root: Path, seconds: float, say: Callable[[str], None]) -> None:
        self._out, self._assignment, self._root = out, assignment, root
        self._seconds, self._say = seconds, say
        self._is_old = False
        self._written = self._result = time.monotonic()
        self._thread: threading.Thread | None = None
        self._told = ""

    def note(self) -> None:
        """Note that there is a result which the page doesn't have."""
        self._is_old = True
        self._result = time.monotonic()

    def renew(self, *, idle: bool) -> None:
        """Begin to write the page where it is time; another thread does it.

        Args:
            idle: whether nothing is being graded.
        """
        now = time.monotonic()
        due = now - self._written >= self._seconds or (idle and now - self._result >= _IDLE_SECONDS)
        if not self._is_old or not due or (self._thread is not None and self._thread.is_alive()):
            return
        work = self._follow()
        if work is not None:
            self._thread = threading.Thread(target=self._write, args=(work,), daemon=True)
            self._thread.start()

    def finish(self) -> None:
        """Write the page a last time, where it is old, and wait for it."""
        if self._thread is not None:
            self._thread.join()
        work = self._follow() if self._is_old else None
        if work is not None:
            self._write(work)
        if self._is_old:
            self._say("The class page is older than the results: `autograder report` makes a new one.")

    def _follow(self) -> LateWork | None:
        """Write the table, and follow the deadline; None where that can't be now.

        The thread that writes results does it.
        """
        self._written = time.monotonic()
        try:
            with held(self._out / "gradebook.db"):
                write_grades(self._out / "grades.csv", read_results(self._out / "results.jsonl"))
                work = renew_pages(self._out, self._assignment, self._root, is_held=True)
        except (AutograderError, BlockingIOError) as error:  # a mistake in a file, or `report` is at work
            self._pass_over(error)
        except Exception as error:
            if not is_passing(error):
                raise
            self._pass_over(error)
        else:
            self._is_old = False
            return work
        return None

    def _write(self, work: LateWork) -> None:
        """Write the page."""
        try:
            records = read_class(self._out, self._assignment)
            records = replace(records, deadline=work.in_words, late_notes=work.notes)
            write_pages(self._out, self._root, records)
        except Exception as error:  # noqa: BLE001 (a page; results are safe, and another one comes)
            self._is_old = True
            self._pass_over(error)
        else:
            self._told = ""

    def _pass_over(self, error: Exception) -> None:
        """Say once why there is no new page; a full disk is told by who writes results."""
        log_suppressed(error)
        told = f"The class page can't be written now: {error}"
        if told != self._told and not isinstance(error, BlockingIOError) and not is_passing(error):
            self._say(told)
        self._told = told
