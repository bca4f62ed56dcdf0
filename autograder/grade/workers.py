"""Grade submissions side by side.

One sandboxed engine runs several on this machine, or workers run them on others.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol, Self

from threadpoolctl import threadpool_limits

from autograder.assignment.plan import AssignmentPlan
from autograder.bounded.processes import BoundedProcesses
from autograder.execute.engine import Engine, Result
from autograder.model import MapImages, Submission
from autograder.reuse.service import ReuseService
from autograder.sandbox.limits import Limits

__all__ = ["LocalWorkers", "Tally", "Turns", "Workers", "threads_of_each"]

# Submissions that wait for their judgement, for each that runs: a first map takes four seconds.
_WAITING = 2
_LARGE = 2**26  # bytes of answers, of which usual ones have 20 MB: what has more is judged before another one runs


@dataclass(frozen=True)
class Tally:
    """How many t-SNE maps were asked for.

    Attributes:
        misses: those that were computed.
        hits: those that were in the cache.
    """

    misses: int
    hits: int


class Workers(Protocol):
    """Grade submissions side by side; a context manager that leaves nothing behind."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    @property
    def images(self) -> MapImages | None:
        """The images whose maps students make; None where the assignment asks for none."""

    @property
    def sandbox(self) -> str:
        """What submissions run in, for people."""

    def tally(self) -> Tally:
        """Return how many maps were asked for up to now."""

    def grade(self, submissions: Sequence[Submission], begin: Callable[[str], None]) -> Iterator[Result]:
        """Yield results as they come, in any order.

        Args:
            submissions: what is to be graded.
            begin: is told the student whose submission is taken up; from several threads.
        """

    def stop(self) -> None:
        """End what runs at once."""


def threads_of_each(jobs: int) -> int:
    """Return how many threads each of so many submissions may use.

    Together they use each core once.
    """
    return max(1, (os.cpu_count() or 1) // jobs)


class Turns:
    """Lets so many submissions run at a time, while a few others wait for their judgement.

    Args:
        engine: grades them.
        jobs: how many run at a time.
        begin: is told the student whose submission is taken up; from several threads.

    Attributes:
        threads: how many threads can call `grade` with profit.
        over: is set when nothing more is to be graded.
    """

    def __init__(self, engine: Engine, jobs: int, begin: Callable[[str], None]) -> None:
        self._engine, self._begin = engine, begin
        self._free = threading.Semaphore(jobs)
        self.threads = (1 + _WAITING) * jobs
        self.over = threading.Event()

    def grade(self, submission: Submission) -> Result:
        """Run a submission in its turn, and have it judged.

        Raises:
            CancelledError: nothing more is to be graded.
            AutograderError: the sandbox or the judging process cannot be started.
        """
        with self._free:
            if self.over.is_set():
                raise CancelledError
            self._begin(submission.student)
            run = self._engine.execute(submission)
            if isinstance(run, Result):
                return run
            if run.size > _LARGE:
                return self._engine.judge(run)
        return self._engine.judge(run)

    def not_started(self, submission: Submission, reason: str) -> Result:
        """Return the result of a submission that fails on our side: a person has to look at it."""
        return self._engine.not_started(submission, reason)

    def end(self) -> None:
        """End what runs at once, and let nothing begin."""
        self.over.set()
        self._engine.stop()


class LocalWorkers:
    """Threads of this process, each of which drives processes of its own.

    Args:
        plan: the assignment.
        jobs: how many submissions run side by side.
        isolation: the sandbox level asked for.
        limits: what each submission may use.
        memory: a folder that keeps t-SNE maps for later runs; None keeps them for this run only.
        private: what submissions must not be able to read.
        plain: whether they are graded the slow way, for appeals.
        processes: where the processes come from that read and run submissions.
        have: whether bytes of a digest are kept already, where claims are kept; None where they aren't.
    """

    def __init__(  # noqa: PLR0913 (each of them is a decision of the caller's)
        self,
        plan: AssignmentPlan,
        *,
        jobs: int,
        isolation: str,
        limits: Limits,
        memory: Path | None = None,
        private: tuple[Path, ...] = (),
        plain: bool = False,
        processes: BoundedProcesses | None = None,
        have: Callable[[str], bool] | None = None,
    ) -> None:
        self._jobs = jobs
        self._service = ReuseService(folder=memory, at_once=jobs)
        self._engine = Engine(
            plan,
            isolation=isolation,
            limits=limits,
            service=self._service,
            threads=threads_of_each(jobs),
            private=private,
            plain=plain,
            processes=processes,
            have=have,
        )
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        # This process has small products only, and no core to spare for threads that wait busily.
        self._stack.enter_context(threadpool_limits(1, "blas"))
        self._stack.enter_context(self._engine)
        threading.Thread(target=self._engine.warm_up, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def images(self) -> MapImages | None:
        """The images whose maps students make; None where the assignment asks for none."""
        return self._engine.images

    @property
    def sandbox(self) -> str:
        """What submissions run in, for people."""
        return self._engine.sandbox

    def tally(self) -> Tally:
        """Return how many maps were asked for up to now."""
        return Tally(self._service.maps.misses, self._service.maps.hits)

    def grade(self, submissions: Sequence[Submission], begin: Callable[[str], None]) -> Iterator[Result]:
        """Yield results as they come, in any order.

        Submissions are judged one at a time, and as many as there are jobs run, while a few others wait for their judgement.
        """
        turns, rest = self.turns(begin), iter(submissions)
        with ThreadPoolExecutor(turns.threads) as pool:
            running = {pool.submit(turns.grade, submission) for submission in islice(rest, turns.threads)}
            try:
                while running:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    running |= {pool.submit(turns.grade, submission) for submission in islice(rest, len(done))}
                    yield from (future.result() for future in done)
            except BaseException:
                # Ctrl-C, or the reader went away: the pool would wait for its threads' notebooks.
                turns.end()
                raise

    def turns(self, begin: Callable[[str], None]) -> Turns:
        """Return what several threads grade through; `begin` is as for `grade`."""
        return Turns(self._engine, self._jobs, begin)

    def stop(self) -> None:
        """End what runs at once."""
        self._engine.stop()
