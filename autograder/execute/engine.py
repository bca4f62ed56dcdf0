"""Grade submissions: a warm sandbox runs the notebook, another process judges what it claims."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from nbformat import NotebookNode

from autograder.assignment.plan import AssignmentPlan
from autograder.execute.executor import Executor
from autograder.execute.notebook_file import UnreadableError, read_file
from autograder.execute.notebook_run import CollectedAnswers, Execution
from autograder.execute.submission import (
    Prepared,
    WrongAssignmentError,
    begun_exercises,
    prepare,
)
from autograder.execute.verdicts import check_results, not_run, show_outcomes, tell_unanswered
from autograder.judging.messages import Judgement, Question
from autograder.judging.server import Judging
from autograder.model import (
    CheckResult,
    Isolation,
    MapImages,
    StudentMap,
    Submission,
    SubmissionResult,
    SubmissionStatus,
)
from autograder.reuse.map_cache import MapCache
from autograder.reuse.prediction_cache import PredictionCache
from autograder.sandbox.fork import ForkFailedError
from autograder.sandbox.forkserver import MODULES
from autograder.sandbox.inside.process_memory import give_memory_back, hold_little_memory
from autograder.sandbox.isolation import choose_isolation, describe_isolation
from autograder.sandbox.limits import Limits
from autograder.sandbox.unprivileged import refuse_readable

__all__ = ["Engine", "FinishedRun", "Result"]

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


@dataclass(frozen=True)
class FinishedRun:
    """A submission that has run and is to be judged.

    Attributes:
        submission: what was handed in.
        prepared: the notebook that could be run of it.
        execution: what came of running it.
        peak: the most memory that the kernel was seen to use, in bytes.
        start: when it was taken up, by the monotonic clock.
    """

    submission: Submission
    prepared: Prepared
    execution: Execution
    peak: int
    start: float

    @property
    def size(self) -> int:
        """How many bytes its answers have: they are in memory until it is judged."""
        return sum(answers.claims.size for answers in self.execution.collected if answers.claims is not None)


class Engine:
    """Grades submissions, several at a time from several threads; a context manager that leaves nothing behind.

    Args:
        plan: the assignment.
        isolation: "auto" for the strongest sandbox that works here; "bubblewrap", "user", or "process" for none.
        limits: what each submission may use.
        memory: maps that were computed before, to be used and added to; None for a memory of this engine's own.
        threads: how many threads the numerical libraries of one submission start; 0 for one a core.
        modules: what is imported before the first kernel is forked.
        private: what submissions must not be able to read, beside the source; at the level "user" it is made sure.
    """

    def __init__(  # noqa: PLR0913 (each of them is a decision of the caller's)
        self,
        plan: AssignmentPlan,
        *,
        isolation: str = "auto",
        limits: Limits | None = None,
        memory: MapCache | None = None,
        threads: int = 0,
        modules: tuple[str, ...] = MODULES,
        private: tuple[Path, ...] = (),
    ) -> None:
        self._plan = plan
        self.isolation: Isolation = choose_isolation(isolation)
        self.sandbox = describe_isolation(self.isolation)
        self._private = (plan.source, *private)
        self._limits = limits or Limits()
        self.memory = memory or MapCache()
        self._threads = threads
        self._modules = modules

    def __enter__(self) -> Self:
        if self.isolation == "user":
            refuse_readable(self._private)
        hold_little_memory()
        with ExitStack() as stack:
            judging = self._judging = Judging(
                self._plan, limits=self._limits, threads=self._threads, memory=self.memory
            )
            predictions = PredictionCache(lambda: judging.predictions, judging.predict)
            stack.callback(predictions.close)
            self._executor = stack.enter_context(self._new_executor(predictions))
            stack.enter_context(judging)
            stack.enter_context(self.memory)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _new_executor(self, predictions: PredictionCache) -> Executor:
        """Return what runs the notebooks."""
        return Executor(
            self._plan,
            isolation=self.isolation,
            limits=self._limits,
            memory=self.memory,
            predictions=predictions,
            threads=self._threads,
            modules=self._modules,
        )

    @property
    def images(self) -> MapImages | None:
        """The images whose maps students make; None where the assignment asks for none."""
        return self._judging.images

    def warm_up(self) -> None:
        """Start what the first submission would wait for; what fails here fails again where it is needed, and is told there."""
        with contextlib.suppress(Exception):
            self.memory.start()
            self._executor.warm_up()
            self._judging.wait_until_ready()  # says what it can predict: kernels compute that otherwise

    def stop(self) -> None:
        """End what runs at once: each submission that is being run ends as if its kernel had died."""
        self._executor.stop()
        self._judging.stop()

    def run(self, submission: Submission) -> Result:
        """Grade one submission. A student's failure is a result; only our own bugs raise.

        Raises:
            AutograderError: the sandbox or the judging process cannot be started.
        """
        ran = self.execute(submission)
        return ran if isinstance(ran, Result) else self.judge(ran)

    def execute(self, submission: Submission) -> FinishedRun | Result:
        """Run a submission's notebook, which `judge` goes on with; the result where there is nothing to judge.

        Raises:
            AutograderError: the sandbox cannot be started.
        """
        start = time.monotonic()
        try:
            prepared = self._prepare(submission)
        except UnreadableError as error:
            return self._not_run(submission, "unreadable", _with_note(error, submission), start)
        except WrongAssignmentError as error:
            return self._not_run(submission, "wrong_assignment", _with_note(error, submission), start)
        try:
            execution, peak = self._executor.execute(prepared)
        except ForkFailedError as error:
            return self._not_started(submission, str(error), start)
        return FinishedRun(submission, prepared, execution, peak, start)

    def judge(self, ran: FinishedRun) -> Result:
        """Judge what a submission claims; one at a time, the others wait.

        Raises:
            AutograderError: the judging process cannot be started.
        """
        judgement = self._judging.judge(tuple(map(self._question, ran.execution.collected)))
        give_memory_back()
        return self._finish(ran, judgement)

    def _prepare(self, submission: Submission) -> Prepared:
        """Return the notebook that can be run."""
        if submission.notebook is None:
            raise UnreadableError(submission.note or "There is no notebook in it.")
        notebook, unusual = read_file(submission.notebook)
        prepared = prepare(notebook, self._plan)
        return dataclasses.replace(prepared, note=" ".join(filter(None, [unusual, prepared.note])))

    def _question(self, answers: CollectedAnswers) -> Question:
        """Return a taking as the judging process wants it."""
        tests = [test for test in self._plan.tests if test.grade_id in answers.tests]
        asked = tuple(dict.fromkeys(name for test in tests for name in test.answers))
        runnable = tuple(test.grade_id for test in tests if not test.functions)
        return Question(runnable, asked, answers.claims)

    def _finish(self, ran: FinishedRun, judgement: Judgement) -> Result:
        """Put the result together."""
        execution, notebook = ran.execution, ran.execution.notebook
        show_outcomes(notebook, self._plan.tests, judgement.outcomes)
        results = check_results(self._plan.tests, judgement.outcomes, execution)
        checks = tell_unanswered(results, self._plan.tests, begun_exercises(ran.prepared))
        slow = f"Cells that took too long were interrupted: {', '.join(execution.slow)}." if execution.slow else ""
        cells = ", ".join(map(ran.prepared.name_of, execution.fatal)) or "none of its cells"
        stop = _STOPS.get(execution.stop or "", "").format(cells=cells)
        message = " ".join(filter(None, [stop, slow, ran.submission.note, ran.prepared.note]))
        status = "crashed" if execution.stop == "disk" else execution.stop or "graded"
        result = self._result(ran.submission, status, checks, message, ran.start)
        return Result(result, notebook, ran.peak, judgement.maps)

    def _not_started(self, submission: Submission, reason: str, start: float) -> Result:
        """Return the result of a submission that no kernel could be started for: our fault, and for a person to see."""
        message = f"This submission could not be run: {reason}. A person has to look at it."
        skipped = not_run(self._plan.tests, message)
        checks = tuple(dataclasses.replace(check, status="error") for check in skipped)
        return Result(self._result(submission, "crashed", checks, message, start), None)

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
            sandbox=self.sandbox,
        )


def _with_note(error: Exception, submission: Submission) -> str:
    """Return why something can't be run, and what was noted where it was found: that it is the last of two, say."""
    told = str(error)
    return told if submission.note in told else f"{told} {submission.note}"


_STOPS = {
    "timeout": "The notebook took too long, in {cells}, and was stopped there; answers that were given in time count.",
    "disk": "The notebook wrote more files than is allowed, in {cells}; answers to the other questions count.",
    "memory": "The notebook used more memory than is allowed, in {cells}; answers to the other questions count.",
    "crashed": "The notebook's process ended by itself, in {cells}; answers to the other questions count.",
}
