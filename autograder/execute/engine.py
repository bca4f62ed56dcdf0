"""Grade submissions: a warm sandbox runs the notebook, another process judges what it claims."""

from __future__ import annotations

import dataclasses
import resource
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import nbformat
from nbformat import NotebookNode

from autograder.assignment.plan import AssignmentPlan, PlannedCell
from autograder.bounded.processes import BoundedProcesses, OutOfBoundsError
from autograder.claims.packing import LayerFiles, Packing, TooMuchError
from autograder.execute.executor import Executor
from autograder.execute.kept_run import KeptRun, keep_run
from autograder.execute.kernel_sources import KernelSources
from autograder.execute.messages import OpenedNotebook, RunReport
from autograder.execute.notebook_file import UnreadableError
from autograder.execute.notebook_run import CollectedAnswers, Execution
from autograder.execute.shared_start import leading_given_cells
from autograder.execute.submission import WrongAssignmentError
from autograder.execute.submission_process import SubmissionProcess
from autograder.execute.verdicts import check_results, not_run, tell_unanswered
from autograder.judging.messages import Judgement, Question, Spent
from autograder.judging.server import Judging, join_judgements
from autograder.log import log_suppressed, logged_suppress
from autograder.model import (
    CheckResult,
    Isolation,
    MapImages,
    StudentMap,
    Submission,
    SubmissionResult,
    SubmissionStatus,
)
from autograder.reuse.service import ReuseService, ServiceEnd
from autograder.sandbox.calls import Call
from autograder.sandbox.fork import ForkFailedError
from autograder.sandbox.forkserver import Forkserver
from autograder.sandbox.inside.process_memory import give_memory_back, hold_little_memory
from autograder.sandbox.isolation import choose_isolation, describe_isolation
from autograder.sandbox.limits import Limits
from autograder.sandbox.unprivileged import refuse_readable
from autograder.stops import NOT_HANDED_IN, Stop
from autograder.totals import exact_sum

__all__ = ["BOUNDED_MODULES", "Engine", "FinishedRun", "Result"]

BOUNDED_MODULES = ("autograder.execute.submission_process",)
"""What the processes import that read and run submissions."""
_TOO_MUCH = (
    "Reading the notebook fails, or takes more memory or computing than any honest notebook needs: look at the file."
)
_MOST_KEPT = 2**27  # bytes of a submission's claims: the largest layer's activations have 87 MB
_MOST_FILES = 2**16  # open in one process of ours; a kernel has a thousand
_UNSEEN = "What its cells showed can't be shown here: it takes more memory or computing than is allowed."


@dataclass(frozen=True)
class Result:
    """What came of one submission.

    Attributes:
        result: what the machine says.
        executed: the notebook as it ran, with outputs, as JSON; tests with their hidden part and what they said. None when
            nothing could run.
        peak: the most memory that the kernel was seen to use, in bytes.
        maps: what feedback shows.
        blank: the written answers that are missing, empty, or as the release has them.
        run: what is kept of its run, so that it can be judged again; None where nothing is.
        kept: the bytes that are kept with it, compressed, by digest; those that were kept already are not among them.
        words: what was written as each written answer, by id; None where that isn't known.
    """

    result: SubmissionResult
    executed: bytes | None
    peak: int = 0
    maps: tuple[StudentMap, ...] = ()
    blank: frozenset[str] = frozenset()
    run: KeptRun | None = None
    kept: Mapping[str, bytes] = field(default_factory=dict)
    words: Mapping[str, str] | None = None

    @property
    def notebook(self) -> NotebookNode | None:
        """The notebook as it ran; what is in it may be large."""
        return None if self.executed is None else nbformat.v4.reads(self.executed.decode())


@dataclass(frozen=True)
class FinishedRun:
    """A submission that has run and is to be judged.

    Attributes:
        submission: what was handed in.
        opened: what was said of its notebook.
        report: what came of running it.
        process: has the notebook; it ends when the submission is judged.
        start: when it was taken up, by the monotonic clock.
    """

    submission: Submission
    opened: OpenedNotebook
    report: RunReport
    process: SubmissionProcess
    start: float

    @property
    def size(self) -> int:
        """How many bytes its answers and its notebook have: they are in memory until it is judged."""
        notebook = self.submission.notebook.stat().st_size if self.submission.notebook is not None else 0
        return notebook + sum(answers.claims.size for answers in self.process.collected if answers.claims is not None)


class Engine:
    """Grades submissions, several at a time from several threads; a context manager.

    Args:
        plan: the assignment.
        isolation: "auto" for the strongest sandbox that works here; "bubblewrap", "user", or "process" for none.
        limits: what each submission may use.
        service: answers for maps and predictions, and keeps them; None for one of this engine's own.
        threads: how many threads the numerical libraries of one submission start; 0 for one a core. With one, and a
            sandbox of its own, the cells that every notebook begins with run once for all.
        modules: what is imported before the first kernel is forked; None for what the assignment asks for.
        private: what submissions must not be able to read, beside the source; at the level "user" it is made sure.
        plain: the slow way, for appeals: each submission runs and is judged by libraries as they are, computes everything
            for itself, and begins at its beginning.
        processes: where the processes come from that read and run submissions; None for ones of this engine's own.
        have: whether bytes of a digest are kept already, where claims are kept; None where they aren't.
    """

    def __init__(  # noqa: PLR0913 (each of them is a decision of the caller's)
        self,
        plan: AssignmentPlan,
        *,
        isolation: str = "auto",
        limits: Limits | None = None,
        service: ReuseService | None = None,
        threads: int = 0,
        modules: tuple[str, ...] | None = None,
        private: tuple[Path, ...] = (),
        plain: bool = False,
        processes: BoundedProcesses | None = None,
        have: Callable[[str], bool] | None = None,
    ) -> None:
        self._plan = plan
        self._have = have
        self._layers: LayerFiles | None = None
        self._processes = processes or BoundedProcesses(*BOUNDED_MODULES)
        self.isolation: Isolation = choose_isolation(isolation)
        self.sandbox = describe_isolation(self.isolation)
        self._private = (plan.source, *private)
        self._limits = limits or Limits()
        self.service = None if plain else service or ReuseService()
        self._threads = threads
        self._modules = plan.modules if modules is None else modules
        self._plain = plain

    def __enter__(self) -> Self:
        if self.isolation == "user":
            refuse_readable(self._private)
        hold_little_memory()
        _open_many_files()
        with ExitStack() as stack:
            stack.enter_context(self._processes)
            self._sources = stack.enter_context(
                KernelSources(self._new_forkserver, self._leading_cells, self._limits, self._connect)
            )
            self._executor = Executor(self._sources, self._limits, self._connect)
            self._judging = stack.enter_context(
                Judging(self._plan, limits=self._limits, threads=self._threads, service=self.service)
            )
            if self.service is not None:
                stack.enter_context(self.service)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _connect(self) -> AbstractContextManager[ServiceEnd | None]:
        """Yield a kernel's end of what answers for maps and predictions, if anything does."""
        return nullcontext() if self.service is None else self.service.connect()

    def _new_forkserver(self) -> Forkserver:
        """Return a warm process, which is not started yet."""
        return Forkserver(
            self._plan.release,
            isolation=self.isolation,
            modules=self._modules,
            threads=self._threads,
            plain=self._plain,
        )

    @property
    def _leading_cells(self) -> tuple[PlannedCell, ...]:
        """The cells that run once for all, where a kernel has one thread and a sandbox."""
        alone = self._threads == 1 and self.isolation == "bubblewrap" and not self._plain
        return leading_given_cells(self._plan) if alone else ()

    @property
    def images(self) -> MapImages | None:
        """The images whose maps students make; None where the assignment asks for none."""
        return self._judging.images

    def warm_up(self) -> None:
        """Start what the first submission would wait for.

        What fails here fails again where it is needed, and is reported there.
        """
        with logged_suppress(Exception):
            self._processes.warm_up()
            if self.service is not None and any(module.startswith("sklearn") for module in self._modules):
                self.service.maps.start()
            self._sources.warm_up()
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
        run = self.execute(submission)
        return run if isinstance(run, Result) else self.judge(run)

    def execute(self, submission: Submission) -> FinishedRun | Result:
        """Run a submission's notebook, which `judge` goes on with; the result where there is nothing to judge.

        Raises:
            AutograderError: the sandbox cannot be started.
        """
        start = time.monotonic()
        if submission.notebook is None:
            return self._not_run(submission, "unreadable", submission.note or "There is no notebook in it.", start)
        try:
            with ExitStack() as stack:
                process = stack.enter_context(
                    SubmissionProcess(self._processes, self._plan, self._limits, self._judge_calls)
                )
                opened = process.open(submission.notebook)
                report = self._run(process, opened)
                stack.pop_all()  # it lives until it is judged
        except UnreadableError as error:
            return self._not_run(submission, "unreadable", _with_note(str(error), submission), start)
        except WrongAssignmentError as error:
            return self._not_run(submission, "wrong_assignment", _with_note(str(error), submission), start)
        except OutOfBoundsError as error:
            log_suppressed(error)
            return self._not_run(submission, "unreadable", _with_note(_TOO_MUCH, submission), start)
        except ForkFailedError as error:
            return self.not_started(submission, str(error), start)
        return FinishedRun(submission, opened, report, process, start)

    def _run(self, process: SubmissionProcess, opened: OpenedNotebook) -> RunReport:
        """Run the notebook; what it sends may be more than anybody can take."""
        try:
            return self._executor.execute(process, opened)
        except OutOfBoundsError as error:
            log_suppressed(error)
            collected = frozenset(test for answers in process.collected for test in answers.tests)
            return RunReport(ready=True, execution=Execution(collected, Stop.FLOOD))

    def judge(self, run: FinishedRun) -> Result:
        """Judge what a submission claims; one at a time, the others wait.

        Raises:
            AutograderError: the judging process cannot be started.
        """
        with run.process:
            questions = (self._question(answers, calls=False) for answers in run.process.collected)
            asked = tuple(question for question in questions if question.tests)
            judgement = self._judging.judge(asked, spent=run.process.spent)
            give_memory_back()
            return self._finish(run, join_judgements(*run.process.judged, judgement))

    def _judge_calls(self, answers: CollectedAnswers, call: Call, spent: Spent) -> Judgement:
        """Judge the tests that call functions."""
        return self._judging.judge((self._question(answers, calls=True),), call, spent)

    def _question(self, answers: CollectedAnswers, *, calls: bool) -> Question:
        """Return collected answers, for the tests that call functions or for the others, as the judging process wants them."""
        tests = [test for test in self._plan.tests if test.grade_id in answers.tests]
        names = tuple(dict.fromkeys(name for test in tests for name in test.answers))
        return Question(tuple(test.grade_id for test in tests if bool(test.functions) == calls), names, answers.claims)

    def _finish(self, run: FinishedRun, judgement: Judgement) -> Result:
        """Put the result together."""
        execution, tests = run.report.execution, self._plan.tests
        results = check_results(tests, judgement.outcomes, execution)
        checks = tell_unanswered(results, tests, run.opened.begun)
        executed, said, unseen = None, None, ""
        try:
            executed, said = run.process.finish(judgement.outcomes)
        except OutOfBoundsError as error:
            log_suppressed(error)
            unseen = _UNSEEN
        slow = f"Cells that took too long were interrupted: {', '.join(execution.slow)}." if execution.slow else ""
        cells = ", ".join(run.report.fatal) or "none of its cells"
        stop = execution.stop and execution.stop.sentence(f" in {cells}; answers to the other questions count")
        message = " ".join(filter(None, [stop, slow, unseen, run.submission.note, run.opened.note]))
        status = execution.stop.status if execution.stop else "graded"
        kept, new = self._keep(run, judgement)
        result = self._result(run.submission, status, checks, message, run.start)
        blank, words = (frozenset[str](), None) if said is None else (said.blank, said.words)
        return Result(result, executed, run.report.peak, judgement.maps, blank, kept, new, words)

    def _keep(self, run: FinishedRun, judgement: Judgement) -> tuple[KeptRun | None, dict[str, bytes]]:
        """Return what is kept of a run; None where nothing is, or it would be too much."""
        if self._have is None:
            return None, {}
        if self._layers is None:
            self._layers = LayerFiles(self._judging.layers)
        packing, collected = Packing(self._layers, self._have, _MOST_KEPT), run.process.collected
        try:
            kept = keep_run(self._plan, run.report.execution, run.opened.begun, collected, judgement, packing)
        except TooMuchError as error:
            log_suppressed(error)
            return None, {}
        return kept, packing.kept

    def not_started(self, submission: Submission, reason: str, start: float | None = None) -> Result:
        """Return the result of a submission that could not be run: our fault.

        Args:
            submission: what was handed in.
            reason: why, without the full stop.
            start: when it was taken up, by the monotonic clock; None for now.
        """
        message = f"This submission could not be run: {reason}. A person has to look at it."
        skipped = not_run(self._plan.tests, message)
        checks = tuple(dataclasses.replace(check, status="error") for check in skipped)
        start = time.monotonic() if start is None else start
        return Result(self._result(submission, "crashed", checks, message, start), None)

    def _not_run(self, submission: Submission, status: SubmissionStatus, message: str, start: float) -> Result:
        """Return the result of something that is no notebook of the assignment."""
        written = frozenset(cell.grade_id for cell in self._plan.cells if cell.kind == "written")
        result = self._result(submission, status, not_run(self._plan.tests, NOT_HANDED_IN), message, start)
        return Result(result, None, blank=written, words=dict.fromkeys(written, ""))

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
            score=exact_sum(check.score for check in checks),
            max_score=exact_sum(check.max_score for check in checks),
            isolation=self.isolation,
            seconds=round(time.monotonic() - start, 1),
            message=message or None,
            checks=checks,
            sandbox=self.sandbox,
            plain=self._plain,
            bonus=self._plan.bonus,
        )


def _open_many_files() -> None:
    """Let this process, and what it starts, have as many files open as the system allows.

    Files on their way between processes are counted for each user, and compared with what the sender may have open: a kernel
    that sends a thousand to itself would keep a grader that is the same user from starting anything.
    """
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    most = _MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, _MOST_FILES)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _with_note(reason: str, submission: Submission) -> str:
    """Return why something can't be run, with the note that was left where it was found."""
    return reason if submission.note in reason else f"{reason} {submission.note}"
