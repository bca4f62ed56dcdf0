"""Grade submissions: a warm sandbox runs the notebook, another process judges what it claims."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from nbformat import NotebookNode

from autograder.errors import AutograderError
from autograder.execute.forkservers import MODULES, Fork, ForkFailedError, Forkserver
from autograder.execute.isolation import choose_isolation
from autograder.execute.judging import Judging
from autograder.execute.judging_records import Judgement, Question
from autograder.execute.kernels import Kernel, kernel_request, new_key
from autograder.execute.limits import Limits
from autograder.execute.plan import AssignmentPlan
from autograder.execute.runs import Execution, Taking, run_notebook
from autograder.execute.submission import Prepared, UnreadableError, WrongAssignmentError, prepare, read_notebook
from autograder.execute.tsne_memory import MapMemory
from autograder.execute.verdicts import check_results, not_run, show_outcomes
from autograder.model import (
    CheckResult,
    Isolation,
    MapImages,
    StudentMap,
    Submission,
    SubmissionResult,
    SubmissionStatus,
)

__all__ = ["Engine", "Result"]

_NOTHING = "Nothing could be checked: no notebook of this assignment was handed in."


@dataclass(frozen=True)
class Result:
    """What came of one submission.

    Attributes:
        result: what the machine says.
        notebook: as it ran, with outputs; tests with their hidden part and what they said. None when nothing could run.
        peak: the most memory that the kernel was seen to use, in bytes.
        maps: what feedback shows.
    """

    result: SubmissionResult
    notebook: NotebookNode | None
    peak: int = 0
    maps: tuple[StudentMap, ...] = ()


class Engine:
    """Grades submissions, several at a time from several threads; a context manager that leaves nothing behind.

    Args:
        plan: the assignment.
        isolation: "auto" for the strongest sandbox that works here; "bubblewrap", or "process" for none.
        limits: what each submission may use.
        memory: maps that were computed before, to be used and added to; None for a memory of this engine's own.
        threads: how many threads the numerical libraries of one submission start; 0 for one a core.
        modules: what is imported before the first kernel is forked.
    """

    def __init__(
        self,
        plan: AssignmentPlan,
        *,
        isolation: str = "auto",
        limits: Limits | None = None,
        memory: MapMemory | None = None,
        threads: int = 0,
        modules: tuple[str, ...] = MODULES,
    ) -> None:
        self._plan = plan
        self.isolation: Isolation = choose_isolation(isolation)
        self._limits = limits or Limits()
        self.memory = memory or MapMemory()
        self._threads = threads
        self._modules = modules
        self._restart = threading.Lock()
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._forkserver = self._new_forkserver()
            stack.callback(self._end_forkserver)
            self._judging = stack.enter_context(Judging(self._plan))
            stack.enter_context(self.memory)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def images(self) -> MapImages | None:
        """The images whose maps students make; None where the assignment asks for none."""
        return self._judging.images

    def stop(self) -> None:
        """End what runs at once: each submission that is being run ends as if its kernel had died."""
        self._stopped.set()
        self._forkserver.__exit__()
        self._judging.stop()

    def run(self, submission: Submission) -> Result:
        """Grade one submission. A student's failure is a result; only our own bugs raise.

        Raises:
            AutograderError: the sandbox or the judging process cannot be started.
        """
        start = time.monotonic()
        try:
            prepared = self._prepare(submission)
        except UnreadableError as error:
            return self._not_run(submission, "unreadable", str(error), start)
        except WrongAssignmentError as error:
            return self._not_run(submission, "wrong_assignment", str(error), start)
        execution, peak = self._execute(prepared)
        judgement = self._judging.judge(tuple(map(self._question, execution.takings)))
        return self._finish(submission, prepared, execution, judgement, (start, peak))

    def _prepare(self, submission: Submission) -> Prepared:
        """Return the notebook that can be run."""
        if submission.notebook is None:
            raise UnreadableError(submission.note or "There is no notebook in it.")
        return prepare(read_notebook(submission.notebook), self._plan)

    def _execute(self, prepared: Prepared) -> tuple[Execution, int]:
        """Run a notebook in a kernel of its own; a second time where the warm process died under it."""
        for attempt in (1, 2):
            forkserver = self._living_forkserver()
            try:
                execution, peak = self._execute_once(prepared, forkserver)
            except ForkFailedError as error:
                if attempt == 2 or self._stopped.is_set():
                    raise AutograderError(f"The sandbox cannot start a kernel: {error}") from error
                continue
            if execution.stop != "crashed" or forkserver.alive or attempt == 2:
                return execution, peak
        raise AssertionError("one of two attempts returns or raises")

    def _execute_once(self, prepared: Prepared, forkserver: Forkserver) -> tuple[Execution, int]:
        """Run a notebook in a fresh kernel."""
        key = new_key()
        with self.memory.service() as maps:
            fork: Fork = forkserver.fork(kernel_request(key, self._limits), maps)
            with Kernel(fork, key, self._limits) as kernel:
                if not kernel.wait_until_ready():
                    raise ForkFailedError("the kernel does not answer")
                return run_notebook(prepared, kernel, self._limits), kernel.peak

    def _living_forkserver(self) -> Forkserver:
        """Return the forkserver; a new one where the old one has ended."""
        with self._restart:
            if not self._forkserver.alive and not self._stopped.is_set():
                self._forkserver.__exit__()
                self._forkserver = self._new_forkserver()
            return self._forkserver

    def _end_forkserver(self) -> None:
        """End the forkserver that there is now: it may have been replaced."""
        self._forkserver.__exit__()

    def _new_forkserver(self) -> Forkserver:
        """Return a forkserver that has started."""
        return Forkserver(
            self._plan.release, isolation=self.isolation, modules=self._modules, threads=self._threads
        ).__enter__()

    def _question(self, taking: Taking) -> Question:
        """Return a taking as the judging process wants it."""
        tests = [test for test in self._plan.tests if test.grade_id in taking.tests]
        asked = tuple(dict.fromkeys(name for test in tests for name in test.answers))
        runnable = tuple(test.grade_id for test in tests if not test.functions)
        return Question(runnable, asked, taking.claims)

    def _finish(
        self,
        submission: Submission,
        prepared: Prepared,
        execution: Execution,
        judgement: Judgement,
        spent: tuple[float, int],
    ) -> Result:
        """Put the result together."""
        show_outcomes(execution.notebook, self._plan.tests, judgement.outcomes)
        checks = check_results(self._plan.tests, judgement.outcomes, execution)
        slow = f"Cells that took too long were interrupted: {', '.join(execution.slow)}." if execution.slow else ""
        message = " ".join(filter(None, [_STOPS.get(execution.stop or ""), slow, submission.note, prepared.note]))
        result = self._result(submission, execution.stop or "graded", checks, message, spent[0])
        return Result(result, execution.notebook, spent[1], judgement.maps)

    def _not_run(self, submission: Submission, status: SubmissionStatus, message: str, start: float) -> Result:
        """Return the result of something that is no notebook of the assignment."""
        return Result(self._result(submission, status, not_run(self._plan.tests, _NOTHING), message, start), None)

    def _result(
        self,
        submission: Submission,
        status: SubmissionStatus,
        checks: tuple[CheckResult, ...],
        message: str,
        start: float,
    ) -> SubmissionResult:
        """Return the record of a submission."""
        return SubmissionResult(
            student=submission.student,
            assignment=submission.assignment,
            status=status,
            score=sum(check.score for check in checks),
            max_score=sum(check.max_score for check in checks),
            isolation=self.isolation,
            seconds=round(time.monotonic() - start, 1),
            message=message or None,
            checks=checks,
        )


_STOPS = {
    "timeout": "The notebook took too long and was stopped; answers given before count.",
    "memory": "The notebook used more memory than is allowed and was stopped; answers given before count.",
    "crashed": "The notebook's process ended by itself; answers given before count.",
}
