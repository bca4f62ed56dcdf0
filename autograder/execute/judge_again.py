"""Judge submissions from what was kept of their runs: no kernel starts."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Self

from autograder.assignment.plan import AssignmentPlan, PlannedCell
from autograder.claims.packing import GoneError, LayerFiles, PackedClaims, unpack
from autograder.execute.kept_run import KeptAnswers, KeptRun
from autograder.execute.verdicts import check_results, tell_unanswered
from autograder.judging.messages import Question, TestOutcome
from autograder.judging.server import Judging
from autograder.model import CheckResult, exercise_of
from autograder.reuse.service import ReuseService
from autograder.sandbox.limits import Limits
from autograder.texts import text_digest

__all__ = ["JudgeAgain"]


@dataclass(frozen=True)
class _Asked:
    """The tests that look at one file with claims.

    Attributes:
        tests: their ids.
        names: of the answers that they read.
        claims: what was kept of the file.
    """

    tests: tuple[str, ...]
    names: tuple[str, ...]
    claims: PackedClaims | None


class JudgeAgain:
    """Judges kept runs, several at a time from several threads; a context manager.

    Equal answers get their verdict once.

    Args:
        plan: the assignment as it is now.
        read: returns compressed bytes by their digest; raises `GoneError` where they are gone.
        service: answers for the maps that judging asks for.
        jobs: how many judge side by side.
        checks: the tests that are judged; None for all.
        explain: whether outcomes carry what the checks measured.
    """

    def __init__(
        self,
        plan: AssignmentPlan,
        *,
        read: Callable[[str], bytes],
        service: ReuseService,
        jobs: int = 1,
        checks: frozenset[str] | None = None,
        explain: bool = False,
    ) -> None:
        self._explain = explain
        self._plan = dataclasses.replace(plan, maps=())  # what feedback shows of maps hangs on no check
        self._read = read
        self._service = service
        self._jobs = jobs
        self._limits = Limits()
        self._tests = tuple(test for test in plan.tests if checks is None or test.grade_id in checks)
        self._idle: SimpleQueue[Judging] = SimpleQueue()
        self._known: dict[_Asked, Future[Mapping[str, TestOutcome]]] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(self._service)
            started = [
                stack.enter_context(
                    Judging(self._plan, limits=self._limits, threads=1, service=self._service, explain=self._explain)
                )
                for _ in range(self._jobs)
            ]
            for judging in started:
                judging.wait_until_ready()
                self._idle.put(judging)
            self._layers = LayerFiles(started[0].layers)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def judge(self, run: KeptRun) -> tuple[tuple[CheckResult, ...], dict[str, TestOutcome]]:
        """Return the result of each test that is judged, by the run and the claims of before, and what the tests said.

        Raises:
            GoneError: a test asks for what was not kept, or not taken out; the text says what.
        """
        asked, outcomes = self._questions(run), dict[str, TestOutcome]()
        for test in self._tests:
            if test.functions and test.grade_id in run.called:
                if run.checks.get(test.grade_id) != text_digest(test.check):
                    raise GoneError(f"`{test.grade_id}` calls functions, and has changed")
                outcomes[test.grade_id] = run.called[test.grade_id]
        for one in asked:
            outcomes |= self._outcomes(one)
        checks = check_results(self._tests, outcomes, run.execution)
        return tell_unanswered(checks, self._tests, run.begun), outcomes

    def _questions(self, run: KeptRun) -> tuple[_Asked, ...]:
        """Return what is to be judged of a run; of tests that its stop kept from being reached, nothing."""
        groups: dict[int, list[PlannedCell]] = {}
        for test in self._tests:
            if test.functions and test.grade_id in run.called:
                continue
            place = _place_of(test, run.answers)
            if place is not None and not test.functions:
                groups.setdefault(place, []).append(test)
            elif run.execution.stop is None:
                wanted = ", ".join(f"`{name}`" for name in test.answers)
                raise GoneError(f"`{test.grade_id}` asks for {wanted}, and that was not taken out")
        return tuple(
            _Asked(
                tuple(test.grade_id for test in tests),
                tuple(dict.fromkeys(name for test in tests for name in test.answers)),
                run.answers[place].claims,
            )
            for place, tests in sorted(groups.items())
        )

    def _outcomes(self, asked: _Asked) -> Mapping[str, TestOutcome]:
        """Return the outcomes of tests, by id: whoever asks first judges, and all others wait for that."""
        with self._lock:
            first = asked not in self._known
            future = self._known.setdefault(asked, Future())
        if first:
            try:
                outcomes = self._judge(asked)
                if any(outcome.again for outcome in outcomes.values()):
                    self._known.pop(asked)  # it may have been the machine
                future.set_result(outcomes)
            except BaseException as error:
                future.set_exception(error)
                raise
        return future.result()

    def _judge(self, asked: _Asked) -> Mapping[str, TestOutcome]:
        """Judge what was kept of a file with claims."""
        with self._turn() as judging:
            file = None if asked.claims is None else unpack(asked.claims, self._read, self._layers, self._limits.claims)
            return judging.judge((Question(asked.tests, asked.names, file),)).outcomes

    @contextmanager
    def _turn(self) -> Iterator[Judging]:
        """Yield a judging process that nobody else has meanwhile."""
        judging = self._idle.get()
        try:
            yield judging
        finally:
            self._idle.put(judging)


def _place_of(test: PlannedCell, answers: tuple[KeptAnswers, ...]) -> int | None:
    """Return which of a run's answers a test is about; None where none has all that it reads.

    A test that is new, or is called otherwise now, gets those of its exercise, or else the last ones.
    """
    fitting = [place for place, one in enumerate(answers) if set(test.answers) <= set(one.names)]
    same = [place for place in fitting if test.grade_id in answers[place].tests]
    exercise = exercise_of(test.grade_id)
    near = [place for place in fitting if exercise in map(exercise_of, answers[place].tests)]
    return next((places[-1] for places in (same, near, fitting) if places), None)
