"""The grader's side of the judging process: starts it, hands it claims, and ends it when it hangs."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

from autograder.assignment.names import names_if_python
from autograder.assignment.plan import AssignmentPlan
from autograder.errors import AutograderError
from autograder.judging.given_cells import needed_cells
from autograder.judging.messages import (
    CallReply,
    CallRequest,
    GivenCell,
    Judgement,
    JudgingPlan,
    Question,
    QuestionHeader,
    QuestionHeaders,
    ReadClaims,
    Ready,
    Spent,
    SubmissionMaps,
    Test,
    TestOutcome,
)
from autograder.judging.references import has_network, open_reference
from autograder.log import LoggedProcess, log_suppressed
from autograder.model import MapImages
from autograder.reuse.service import ReuseService
from autograder.sandbox.calls import Call, CallResult
from autograder.sandbox.limits import Limits
from autograder.sandbox.sealed_files import StoredArray, socket_of
from autograder.sandbox.stopwatch import ServiceClock, Stopwatch
from autograder.threads import thread_limits

__all__ = ["Judging", "join_judgements", "make_reference"]

_START_SECONDS = 900.0  # imports, the model, and the maps of the given cells, which `--plain` computes there
_HARD_SECONDS = 30.0  # beyond a test's own limit, for reading claims, and code that doesn't let itself be interrupted
_FAILURES = 3  # of the process, for one submission: what is left then stays undecided
_LOOK_SECONDS = 0.5
_MOST_QUEUED = 20.0  # times a limit: what waiting for a processor may add to it
_MORE = "Where a class is graded, `logs/judging.log` in its folder has the traceback."
_SETTINGS = {
    "MPLBACKEND": "Agg",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "OMP_WAIT_POLICY": "passive",
    "TF_ONEDNN_USE_SYSTEM_ALLOCATOR": "1",  # TensorFlow's own keeps what was needed once
}


def _no_call(name: str, arguments: str) -> CallResult:
    """Stand for calls where no kernel waits for any."""
    return CallResult(None, stopped="can't be called here")


class Judging:
    """A long-lived process that runs the instructor's test cells on claims.

    Several threads may use it; it judges one submission at a time. A submission at which the process fails waits until
    nobody else does before it is gone on with: it costs the others one failure.

    Args:
        plan: the assignment.
        limits: how large claims may be.
        seconds: how long one test may compute.
        threads: how many threads the numerical libraries start; 0 for one a core.
        service: answers for the maps that the process asks for, and is told where predictions lie; None to let it
            compute everything for itself, and run the given cells whole.
        explain: whether outcomes carry what the checks measured.

    Attributes:
        layers: where each layer's activations lie, by its name; empty before it is ready, and where they lie nowhere.
    """

    def __init__(
        self,
        plan: AssignmentPlan,
        *,
        limits: Limits,
        seconds: float = 60.0,
        threads: int = 0,
        service: ReuseService | None = None,
        explain: bool = False,
    ) -> None:
        self._explain = explain
        self._plan = plan
        self._limits = limits
        self._threads = threads
        self._seconds = seconds
        self._service = service
        self._connected = contextlib.ExitStack()
        self._lock = threading.Lock()
        self._pressing = 0  # submissions that wait for their first turn, or have it
        self._nobody_pressing = threading.Condition()
        self._ready = False
        self._failed = ""
        self._stopped = False
        self._images: MapImages | None = None
        self.layers: Mapping[str, StoredArray] = {}
        self._clock: ServiceClock | None = None

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="autograder-judging-", ignore_cleanup_errors=True)
        try:
            _fill(Path(self._folder.name), self._plan)
            self._start()
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._folder.cleanup()

    def wait_until_ready(self) -> None:
        """Wait until the given cells have run.

        Raises:
            AutograderError: they fail, or take too long.
        """
        with self._lock:
            self._wait()

    def stop(self) -> None:
        """Kill the process; what is being judged gets no outcome."""
        self._stopped = True
        self._process.kill()

    def judge(self, questions: tuple[Question, ...], call: Call = _no_call, spent: Spent | None = None) -> Judgement:
        """Judge one submission; a test that ends the process, or hangs in it, is an outcome too.

        Such a test is tried once more behind the others, since a machine can be at fault as well.

        Args:
            questions: its tests, with what they look at.
            call: calls a function of the student's.
            spent: what judging it has cost up to now; it is brought up to date.
        """
        spent = spent or Spent()
        whole = self._judge_first(questions, call, spent)
        failed = {name for name, outcome in whole.outcomes.items() if outcome.again and not outcome.untried}
        untried = {name for name, outcome in whole.outcomes.items() if outcome.untried}
        for names in filter(None, (untried, failed)):
            others = {name: outcome for name, outcome in whole.outcomes.items() if name not in names}
            with self._patient_turn():
                part = self._judge_all(_without(questions, others), _FAILURES, call, spent, again=True)
            whole = join_judgements(whole, part)
        return whole

    def _judge_first(self, questions: tuple[Question, ...], call: Call, spent: Spent) -> Judgement:
        """Judge up to the process's next failure."""
        with self._nobody_pressing:
            self._pressing += 1
        try:
            with self._lock:
                most = min(spent.failures + 1, _FAILURES)
                return self._judge_all(questions, most, call, spent, again=False)
        finally:
            with self._nobody_pressing:
                self._pressing -= 1
                self._nobody_pressing.notify_all()

    @contextlib.contextmanager
    def _patient_turn(self) -> Iterator[None]:
        """Wait until no submission waits for its first turn, and hold the process."""
        with self._nobody_pressing:
            self._nobody_pressing.wait_for(lambda: not self._pressing or self._stopped)
        with self._lock:
            yield

    def _judge_all(
        self, questions: tuple[Question, ...], most: int, call: Call, spent: Spent, *, again: bool
    ) -> Judgement:
        """Judge until each test has an outcome, or the process has failed so often."""
        whole, left = Judgement({}), questions
        while (left := _without(left, whole.outcomes)) and not self._stopped:
            if spent.failures >= most:
                rest = _undecided(left, "others before it ended the process", untried=True)
                return Judgement(whole.outcomes | rest, whole.maps, whole.arrays)
            self._wait()
            whole = join_judgements(whole, self._judge_once(left, call, spent, again=again))
        return whole

    @property
    def images(self) -> MapImages | None:
        """The images whose maps students make; None where the assignment asks for none."""
        self.wait_until_ready()
        return self._images

    def _judge_once(self, questions: tuple[Question, ...], call: Call, spent: Spent, *, again: bool) -> Judgement:
        """Judge until the end, or until the process fails on one test.

        A failure after the tests costs the maps alone.
        """
        outcomes: dict[str, TestOutcome] = {}
        arrays: dict[str, Mapping[int, int]] = {}
        try:
            self._ask(questions, spent.lost_again if again else spent.lost)
            while self._says(self._seconds + _HARD_SECONDS):
                word = self._connection.recv()
                if isinstance(word, SubmissionMaps):
                    spent.lost += 0.0 if again else word.lost
                    spent.lost_again += word.lost if again else 0.0
                    return Judgement(outcomes, word.maps, arrays)
                if isinstance(word, ReadClaims):
                    arrays |= dict.fromkeys(word.tests, word.arrays)
                elif isinstance(word, CallRequest):
                    self._reply(call(word.name, word.arguments))
                else:
                    outcomes[word.name] = word
            reason = f"it took longer than {self._seconds:g} s, and could not be interrupted"
        except (EOFError, OSError) as error:
            log_suppressed(error)
            reason = "it ended the judging process"
        if self._stopped:
            return Judgement(outcomes)
        outcomes |= dict(list(_undecided(_without(questions, outcomes), reason).items())[:1])
        spent.failures += 1
        self._end()
        self._start()
        return Judgement(outcomes, arrays=arrays)

    def _reply(self, result: CallResult) -> None:
        """Send what came of a call."""
        self._connection.send(CallReply(result.claims is not None, result.printed, result.stopped))
        if result.claims is not None:
            with socket_of(self._connection) as peer:
                result.claims.send(peer)

    def _says(self, seconds: float) -> bool:
        """Wait for the process's next word; False where it takes longer, without waiting for maps or a processor."""
        stopwatch = Stopwatch(self._clock, seconds * _MOST_QUEUED)
        end = stopwatch.now() + seconds
        while not self._connection.poll(_LOOK_SECONDS):
            stopwatch.look([self._process.pid])
            if stopwatch.now() > end:
                return False
        return True

    def _ask(self, questions: tuple[Question, ...], lost: float) -> None:
        """Send questions, and the files with the claims behind them."""
        headers = tuple(QuestionHeader(one.tests, one.names, one.claims is not None) for one in questions)
        self._connection.send(QuestionHeaders(headers, lost))
        with socket_of(self._connection) as peer:
            for one in questions:
                if one.claims is not None:
                    one.claims.send(peer)

    def _wait(self) -> None:
        """Wait for the process's word, once."""
        if self._ready:
            return
        if self._failed:
            raise AutograderError(self._failed, _MORE)
        word: Ready | str = "it does not answer"
        if self._says(_START_SECONDS):
            try:
                word = self._connection.recv()
            except EOFError:
                word = "it ended"
        if not isinstance(word, Ready):
            self._failed = f"The tests of {self._plan.name} cannot be run: {word}"
            raise AutograderError(self._failed, _MORE)
        self._images, self.layers = word.images, word.layers
        if self._service is not None:
            self._service.predictions = word.predictions
        self._ready = True

    def _start(self) -> None:
        """Start the process and send it the plan."""
        ours, theirs = socket.socketpair()
        maps, self._clock = -1, None
        if self._service is not None:
            end = self._connected.enter_context(self._service.connect(trusted=True))
            maps, self._clock = end.peer.fileno(), end.clock
        with theirs:
            self._process = LoggedProcess(
                "judging",
                [sys.executable, "-P", "-m", "autograder.judging.process", str(theirs.fileno()), str(maps)],
                env={**os.environ, **_SETTINGS, **thread_limits(self._threads or None)},
                pass_fds=[theirs.fileno(), *([] if maps < 0 else [maps])],
            )
        self._connection = Connection(ours.detach())
        self._ready, self._failed = False, ""
        stored = self._service is not None
        plan = _judging_plan(self._plan, self._folder.name, self._seconds, self._limits, stored=stored)
        self._connection.send(dataclasses.replace(plan, explain=self._explain))

    def _end(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.end()
        self._connected.close()


def _without(questions: tuple[Question, ...], outcomes: dict[str, TestOutcome]) -> tuple[Question, ...]:
    """Return the questions with the tests that have no outcome yet."""
    left = (Question(tuple(t for t in q.tests if t not in outcomes), q.names, q.claims) for q in questions)
    return tuple(question for question in left if question.tests)


def join_judgements(*parts: Judgement) -> Judgement:
    """Return judgements of parts of a submission as one; the last counts of those that say something."""
    outcomes = {name: outcome for part in parts for name, outcome in part.outcomes.items()}
    maps = {shown.check: shown for part in parts for shown in part.maps}
    arrays = {name: each for part in parts for name, each in part.arrays.items()}
    return Judgement(outcomes, tuple(maps.values()), arrays)


def _undecided(questions: tuple[Question, ...], reason: str, *, untried: bool = False) -> dict[str, TestOutcome]:
    """Return the outcomes of tests that the process came to no end with, or that were not tried."""
    names = (test for question in questions for test in question.tests)
    return {name: TestOutcome(name, "JudgingStopped", reason, ours=True, again=True, untried=untried) for name in names}


def _judging_plan(plan: AssignmentPlan, folder: str, seconds: float, limits: Limits, *, stored: bool) -> JudgingPlan:
    """Return the message that starts the judging process."""
    answers = {name for test in plan.tests for name in test.answers}
    given = tuple(
        GivenCell(cell.grade_id, cell.source, bool(answers.intersection(names_if_python(cell.source).read)))
        for cell in plan.cells
        if cell.kind == "given" and cell.cell_type == "code"
    )
    tests = tuple(Test(test.grade_id, test.check) for test in plan.tests)
    if stored:
        given = needed_cells(given, [test.source for test in tests])
    return JudgingPlan(folder, given, tests, seconds, limits, plan.maps, stored)


def make_reference(plan: AssignmentPlan) -> None:
    """Have the reference of an assignment's network made, so that no class waits for it."""
    with tempfile.TemporaryDirectory(prefix="autograder-reference-") as folder:
        _fill(Path(folder), plan)
        if has_network(Path(folder)):
            open_reference(Path(folder))


def _fill(folder: Path, plan: AssignmentPlan) -> None:
    """Put the release's files and the instructor's settings into a folder.

    The release's copy of the public checks is left out.
    """
    for entry in plan.release.iterdir():
        if entry.name != "checks":
            copy = shutil.copytree if entry.is_dir() else shutil.copyfile
            copy(entry, folder / entry.name)
    for settings in plan.source.glob("*.toml"):
        shutil.copyfile(settings, folder / settings.name)
