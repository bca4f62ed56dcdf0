"""Look at the inbox, have what is new graded side by side, and record in one thread what is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field

from autograder.execute.engine import Result
from autograder.grade.progress import outcome_line
from autograder.model import Submission
from autograder.watch.arrivals import Arrivals
from autograder.watch.class_page import ClassPage
from autograder.watch.copies import Copies
from autograder.watch.grader import Grader, HandedIn
from autograder.watch.request import WatchRequest
from autograder.watch.rows import Rows

__all__ = ["Loop"]

_LOOK_SHARE = 10  # looks at a large inbox take a tenth of the time at most


@dataclass
class Loop:
    """What watches an inbox.

    Attributes:
        request: what is watched.
        arrivals: what is new in the inbox.
        copies: of what is being graded.
        grader: grades a hand-in, in a thread.
        pool: the threads.
        threads: how many there are.
        rows: takes what is done.
        class_page: shows it.
        say: tells a sentence.
        tidy: tidies up when nothing runs.
    """

    request: WatchRequest
    arrivals: Arrivals
    copies: Copies
    grader: Grader
    pool: Executor
    threads: int
    rows: Rows
    class_page: ClassPage
    say: Callable[[str], None]
    tidy: Callable[[], None]
    _running: dict[Future[Result], Submission] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)

    def run(self) -> None:
        """Watch until nothing new came for as long as the request says."""
        while not self._is_idle_long():
            seconds = self.arrivals.look()
            self._work_until(time.monotonic() + max(self.request.between_looks, _LOOK_SHARE * seconds))

    def _work_until(self, end: float) -> None:
        """Begin and record until the next look."""
        while True:
            self._begin()
            self.class_page.renew(idle=not self._running)
            left = end - time.monotonic()
            if left <= 0:
                return
            if not self._running:
                self.tidy()
                time.sleep(left)
                return
            done, _ = wait(self._running, left, FIRST_COMPLETED)
            for future in done:
                self._record(future)

    def _begin(self) -> None:
        """Have new submissions graded, as many as there are threads for."""
        taken = self.arrivals.take(self.threads - len(self._running), self._busy)
        extensions = self.request.grading.extensions
        until = extensions.match(self.arrivals.students).until if taken and extensions is not None else {}
        for submission in taken:
            student = submission.student
            handed_in = HandedIn(submission, until.get(student), self.rows.marks_of(student))
            future = self.pool.submit(self.grader.grade, handed_in)
            self._running[future] = submission
            self._busy.add(student)

    def _record(self, future: Future[Result]) -> None:
        """Write the rows of what is done."""
        submission = self._running.pop(future)
        graded = future.result()
        self.rows.write(graded, submission)
        self._busy.remove(submission.student)
        self.copies.discard(submission)
        self.say(f"{time.strftime('%H:%M:%S')} {outcome_line(graded.result)}")
        self.class_page.note()
        self.arrivals.last_news = time.monotonic()

    def _is_idle_long(self) -> bool:
        """Return whether the end has come."""
        seconds = self.request.until_idle
        if seconds is None or self._running or not self.arrivals.is_empty:
            return False
        return time.monotonic() - self.arrivals.last_news >= seconds
