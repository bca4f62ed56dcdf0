"""The judging process: the instructor's cells, pristine data and model, and claims.

No student's code ever runs here.

Run as `python -m autograder.judging.process FD MAPS`; it talks over the socket FD with `judging.Judging`, which is trusted,
and asks for maps over the socket MAPS, as kernels do; -1 where it computes them itself.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import faulthandler
import functools
import importlib
import io
import logging
import os
import resource
import signal
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from autograder.assignment.names import parse_cell, python_of
from autograder.assignment.policy import SETTINGS, read_tables
from autograder.hidden.evidence import collect_evidence
from autograder.hidden.judge import Judge
from autograder.hidden.stored_reference import StoredReference
from autograder.judging.assertions import CELL, rewrite_plain_asserts, words_of
from autograder.judging.claims import Function, Opaque, parse_claims
from autograder.judging.functions import FUNCTIONS, CalledError, Calls, NeedsObjectError, StudentFunction
from autograder.judging.map_comparison import MapComparison
from autograder.judging.messages import (
    CallRequest,
    GivenCell,
    JudgingPlan,
    Question,
    QuestionHeader,
    ReadClaims,
    Ready,
    SubmissionMaps,
    TestOutcome,
)
from autograder.judging.references import has_network, open_reference
from autograder.log import log_suppressed, logged_suppress, show_log
from autograder.model import MapImages, StudentMap
from autograder.sandbox.calls import Call, CallResult
from autograder.sandbox.inside.patches.tsne import remember_maps
from autograder.sandbox.inside.process_memory import give_memory_back, hold_little_memory
from autograder.sandbox.inside.startup import without_collections
from autograder.sandbox.inside.wire import Service
from autograder.sandbox.sealed_files import SealedFile, StoredArray, socket_of

__all__ = ["JudgingNamespace", "NeedsObjectError", "embody", "main"]

_LOGGER = logging.getLogger("autograder.judging")  # this module is `__main__`
_READING_SECONDS = 5.0  # of computing, lost on claims that can't be read in time; 256 MB take less than one
_TESTS = 1.5  # times a test's limit, lost by all of a submission's tests that don't end in time
_LEAST_SECONDS = 0.5  # for a test, or for claims, once these are lost
_MOST_CHARACTERS = 10_000  # of what a test says, or prints: it may quote an answer of 20 MB
_OF_VALUES = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError)
_PACKAGE = str(Path(__file__).parents[1]) + os.sep
_MOST_BYTES = 3 * 2**29  # that tests may take; comparing a claim of 256 MB with something takes three times that


class CheckTimeoutError(BaseException):
    """A check took too long; no `except Exception` in it catches this."""


class _Magics:
    """Replaces `get_ipython()` in the judging process: magics do nothing."""

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


class JudgingNamespace:
    """The namespace of the instructor's given cells, and the test cells.

    Args:
        plan: the cells.
        call: calls a function in the kernel of the student whose answers are judged.
    """

    def __init__(self, plan: JudgingPlan, call: Call) -> None:
        self._tests = {test.name: test for test in plan.tests}
        self._seconds = plan.seconds
        self._limits = plan.limits
        self._maps = plan.maps
        self._call = call
        self._explain = plan.explain
        self._told = not _is_brief(Path(plan.folder))
        self._namespace: dict[str, Any] = {"__name__": "__main__", "get_ipython": _Magics}
        for cell in plan.given:
            self._run_given(cell)
        self._comparison: MapComparison | None = None
        self.stored: StoredReference | None = None
        if plan.stored and has_network(Path()):
            reference = open_reference(Path())
            Judge(reference).keep()
            if isinstance(reference, StoredReference):
                self.stored = reference
        if plan.maps:
            self._comparison = MapComparison(Judge.load().reference)

    @property
    def images(self) -> MapImages | None:
        """The images whose maps students make; None where they can't be shown.

        That costs pictures and no points.
        """
        with logged_suppress(Exception):
            return None if self._comparison is None else self._comparison.images()
        return None

    def ready(self) -> Ready:
        """Return this process's first word."""
        if self.stored is None:
            return Ready(self.images)
        predictions, layers = self.stored.files(), self.stored.layer_files()
        return Ready(
            self.images,
            {key: StoredArray(file.resolve(), "<f4", shape) for key, (file, shape) in predictions.items()},
            {name: StoredArray(file.resolve(), "<f4", shape) for name, (file, shape) in layers.items()},
        )

    def judge(
        self, questions: tuple[Question, ...], lost: float = 0.0
    ) -> Iterator[ReadClaims | TestOutcome | SubmissionMaps]:
        """Yield where each question's arrays lie and the outcomes of its tests, then the submission's maps.

        Args:
            questions: the tests, and what they look at.
            lost: seconds that earlier tests of this submission computed which came to no end in time.
        """
        namespace, maps = dict(self._namespace), list[StudentMap]()
        self._reading, self._lost = _READING_SECONDS, lost
        calls = Calls(self._call, self._limits)
        for question in questions:
            places = dict[int, int]()
            claims = self._read(question, places)
            yield ReadClaims(question.tests, places)
            for name in question.names:
                namespace.pop(name, None)
            functions = {name: claim for name, claim in claims.items() if isinstance(claim, Function)}
            namespace |= {name: embody(claim) for name, claim in claims.items() if name not in functions}
            namespace[FUNCTIONS] = {
                name: StudentFunction(name, claim, calls, namespace) for name, claim in functions.items()
            }
            namespace |= namespace[FUNCTIONS]
            for test in question.tests:
                outcome = self._check(test, namespace)
                calls.put_back()
                yield outcome
            maps += self._student_maps(question.tests, claims)
            for name in question.names:  # each may have 256 MB
                namespace.pop(name, None)
        yield SubmissionMaps(tuple(maps), self._lost - lost)

    @property
    def _testing(self) -> float:
        """How long the next test may compute."""
        return min(self._seconds, max(_LEAST_SECONDS, _TESTS * self._seconds - self._lost))

    def _read(self, question: Question, places: dict[int, int]) -> dict[str, Any]:
        """Return what was claimed; nothing where it takes longer to read than anything that the kernel's own code writes."""
        begin = time.process_time()
        with logged_suppress(Exception, CheckTimeoutError), _time_limit(self._reading):
            return parse_claims(question.claims, question.names, self._limits, places=places)
        self._reading = max(_LEAST_SECONDS, self._reading - (time.process_time() - begin))
        return {}

    def _student_maps(self, tests: tuple[str, ...], claims: dict[str, Any]) -> Iterator[StudentMap]:
        """Yield the maps that can be drawn from what some tests have looked at.

        One that can't costs a picture and no points.
        """
        for requested in self._maps:
            if requested.check in tests and self._comparison is not None:
                with logged_suppress(Exception, CheckTimeoutError), _time_limit(self._testing):
                    student_map = self._comparison.compare(requested, claims)
                    if student_map is not None:
                        yield student_map

    def _run_given(self, cell: GivenCell) -> None:
        """Run a given cell; let it fail where it needs a student's answer."""
        try:
            _execute(cell.source, self._namespace)
        except Exception as error:
            if not cell.needs_answers:
                raise RuntimeError(f"The given cell {cell.name!r} fails: {type(error).__name__}: {error}") from error
            log_suppressed(error)

    def _check(self, name: str, namespace: dict[str, Any]) -> TestOutcome:
        """Run one test cell on the claims, and note what it measures where that was asked for."""
        if not self._explain:
            return self._outcome(name, namespace)
        with collect_evidence() as evidence:
            outcome = self._outcome(name, namespace)
        return dataclasses.replace(outcome, evidence=tuple(evidence))

    def _outcome(self, name: str, namespace: dict[str, Any]) -> TestOutcome:
        """Run one test cell on the claims."""
        printed, begin = io.StringIO(), time.process_time()
        seconds = self._testing
        try:
            with (
                _time_limit(seconds),
                contextlib.redirect_stdout(printed),
                contextlib.redirect_stderr(io.StringIO()),
            ):
                value = _execute(self._tests[name].source, namespace, told=self._told)
        except CheckTimeoutError:
            self._lost += time.process_time() - begin
            reason = f"it computed for longer than {seconds:.3g} s"
            return TestOutcome(name, "CheckTimeoutError", reason, ours=True, again=True)
        except NeedsObjectError as error:
            return TestOutcome(name, "NeedsObjectError", str(error), ours=True)
        except CalledError as error:
            said = error.sentence[:_MOST_CHARACTERS]
            shown = printed.getvalue()[:_MOST_CHARACTERS]
            return TestOutcome(name, type(error).__name__, said, printed=shown, called=True)
        except Exception as error:  # noqa: BLE001 (an outcome like any other)
            plain = type(error) is AssertionError
            said = (words_of(error, python_of(self._tests[name].source)) if plain else str(error))[:_MOST_CHARACTERS]
            return TestOutcome(
                name,
                type(error).__name__,
                said,
                printed=printed.getvalue()[:_MOST_CHARACTERS],
                by_values=_is_by_values(error),
            )
        return TestOutcome(name, None, "", value, printed.getvalue()[:_MOST_CHARACTERS])


def _is_brief(folder: Path) -> bool:
    """Return whether students are told the kinds of their mistakes alone, and no values."""
    if not (folder / SETTINGS).is_file():
        return False
    return bool(read_tables(folder).get("messages", {}).get("detail") == "brief")


def _execute(source: str, namespace: dict[str, Any], *, told: bool = False) -> float | None:
    """Run a cell as a notebook does; return its last expression's value where it is shown as a number.

    Args:
        source: the cell.
        namespace: its names.
        told: whether an assert without a message says what was compared.
    """
    tree = parse_cell(source)
    if told:
        tree = rewrite_plain_asserts(tree, source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(tree, CELL, "exec"), namespace)  # noqa: S102 (the instructor's own code)
        if last is None:
            return None
        expression = ast.Expression(last.value)  # type: ignore[attr-defined]
        value = eval(compile(expression, CELL, "eval"), namespace)  # noqa: S307 (the same)
    return None if source.rstrip().endswith(";") else _shown_number(value)


def _shown_number(value: object) -> float | None:
    """Return what nbgrader takes for a score: the shown text of a value, read as a number."""
    with logged_suppress(Exception), contextlib.suppress(ValueError):
        return float(repr(value))
    return None


def _is_by_values(error: Exception) -> bool:
    """Return whether a cell's own lines failed on the values of answers, and no check of ours did.

    The gate has run the cell on right values, so that such an error is about wrong ones.
    """
    files = {frame.filename for frame in traceback.extract_tb(error.__traceback__)} - {__file__}
    return isinstance(error, _OF_VALUES) and not any(file.startswith(_PACKAGE) for file in files)


def embody(claim: Any) -> Any:
    """Return the value that represents a claim in a test's namespace."""
    if isinstance(claim, Opaque):
        return _stand_in(claim)
    if type(claim) in (list, tuple):
        return type(claim)(map(embody, claim))
    if type(claim) is dict:
        return {key: embody(value) for key, value in claim.items()}
    return claim


def _stand_in(claim: Opaque) -> Any:
    """Return an object that has the claimed type's name, and nothing else to say."""
    if claim.shape is not None:
        return np.broadcast_to(np.float32(np.nan), claim.shape)

    def refuse(self: object, name: str) -> NoReturn:
        raise NeedsObjectError(
            f"the check uses `.{name}` of a {claim.type_name}, which is no plain data and can't leave the sandbox"
        )

    return type(claim.type_name, (), {"__getattr__": refuse})()


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise `CheckTimeoutError` when the body computes for longer, on all processors together."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise CheckTimeoutError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _limit_memory() -> None:
    """Limit memory, so that a test that asks for too much ends with an error.

    The shape of an answer is a student's, and may be any.
    """
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("ascii").splitlines())
    most = int(status["VmData"].split()[0]) * 1024 + _MOST_BYTES
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def _alias_checks() -> None:
    """Let `import checks` find this package's own checks.

    A release's copy has the public ones alone, as other classes.
    """
    for name, module in list(sys.modules.items()):
        if name == "autograder.checks" or name.startswith("autograder.checks."):
            sys.modules[name.removeprefix("autograder.")] = module


def serve(connection: Connection, namespace: JudgingNamespace) -> None:
    """Judge until the other side is gone."""
    with contextlib.suppress(EOFError):
        while True:
            request = connection.recv()
            for outcome in namespace.judge(_with_files(connection, request.questions), request.lost):
                connection.send(outcome)
            del request
            if namespace.stored is not None:
                namespace.stored.let_go()
            give_memory_back()


def _call_through(connection: Connection, name: str, arguments: str) -> CallResult:
    """Have the grader call a function."""
    connection.send(CallRequest(name, arguments))
    reply = connection.recv()
    with socket_of(connection) as peer:
        return CallResult(SealedFile.receive(peer) if reply.written else None, reply.printed, reply.stopped)


def _with_files(connection: Connection, headers: tuple[QuestionHeader, ...]) -> tuple[Question, ...]:
    """Return the questions with the files that follow them."""
    with socket_of(connection) as peer:
        return tuple(
            Question(one.tests, one.names, SealedFile.receive(peer) if one.written else None) for one in headers
        )


def main(arguments: list[str]) -> None:
    """Take the plan, run the given cells, and serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, which closes the socket
    show_log(2)
    faulthandler.enable()
    hold_little_memory()
    connection = Connection(int(arguments[0]))
    try:
        plan: JudgingPlan = connection.recv()
        os.chdir(plan.folder)
        sys.path.insert(0, plan.folder)
        _alias_checks()
        if plan.maps or any(
            "sklearn" in text for text in (*(cell.source for cell in plan.given), *(test.source for test in plan.tests))
        ):
            importlib.import_module("sklearn.manifold")  # a second; what is remembered is put into it
        if (maps := int(arguments[1])) >= 0:
            remember_maps(Service(socket.socket(fileno=maps)))
        with without_collections():
            namespace = JudgingNamespace(plan, functools.partial(_call_through, connection))
        give_memory_back()
    except Exception as error:
        _LOGGER.exception("The given cells can't be run.")  # the grader raises it
        connection.send("".join(traceback.format_exception_only(error)).strip())
        return
    _limit_memory()
    connection.send(namespace.ready())
    serve(connection, namespace)


if __name__ == "__main__":
    main(sys.argv[1:])
