"""One submission's own process: reads the notebook, runs it in a kernel, and writes down what it showed.

Whatever a student's bytes can make it take, the system bounds; see `bounded`.
"""

from __future__ import annotations

import copy
import secrets
import socket
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

import nbformat
from nbformat import NotebookNode

from autograder.assignment.misplaced import origin_of
from autograder.assignment.plan import AssignmentPlan
from autograder.bounded.memory import address_space, limit_memory
from autograder.bounded.processes import BoundedProcesses, OutOfBoundsError
from autograder.execute.messages import (
    Collected,
    ExecutedNotebook,
    Finish,
    Onward,
    OpenedNotebook,
    RunReport,
    RunRequest,
)
from autograder.execute.notebook_file import read_file
from autograder.execute.notebook_run import CollectedAnswers, Execution, run_notebook
from autograder.execute.submission import Prepared, begun_exercises, prepare
from autograder.execute.verdicts import blank_answers, show_outcomes, written_words
from autograder.judging.messages import CallReply, CallRequest, Judgement, Spent, TestOutcome
from autograder.log import log_suppressed
from autograder.sandbox.calls import Call, CallResult
from autograder.sandbox.fork import Fork
from autograder.sandbox.inside.process_memory import give_memory_back
from autograder.sandbox.kernel import Kernel
from autograder.sandbox.limits import Limits
from autograder.sandbox.sealed_files import SealedFile, socket_of
from autograder.sandbox.stopwatch import ServiceClock

__all__ = ["SubmissionProcess"]

_READING_MEMORY = 2**30  # bytes: a notebook of 100 MB takes half of it
_RUNNING_MEMORY = 2**28  # bytes, for what it shows: outputs are bounded to 20 MB
_READING_SECONDS = 60.0  # of computing
_RUNNING_SHARE = 0.25  # of the notebook's own time: what listens to it has little to do
_MOST_BYTES = 2**27  # of an executed notebook; its outputs are bounded to 20 MB


class SubmissionProcess:
    """The grader's side; a context manager that ends the process.

    Args:
        processes: where the process comes from.
        plan: the assignment.
        limits: what the notebook may use.
        judge: judges tests that call functions, while the kernel waits.

    Attributes:
        collected: what was taken out, in order.
        judged: what came of tests that call functions.
        spent: what judging it has cost.
    """

    def __init__(
        self,
        processes: BoundedProcesses,
        plan: AssignmentPlan,
        limits: Limits,
        judge: Callable[[CollectedAnswers, Call, Spent], Judgement],
    ) -> None:
        self._process = processes.start()
        self._plan = plan
        self._most = limits.claims
        self._seconds = _READING_SECONDS + _RUNNING_SHARE * limits.seconds
        self._judge = judge
        self.collected: list[CollectedAnswers] = []
        self.judged: list[Judgement] = []
        self.spent = Spent()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._process.connection.close()

    def open(self, path: Path) -> OpenedNotebook:
        """Have the notebook read.

        Raises:
            UnreadableError: it is none.
            WrongAssignmentError: it is another assignment's.
            OutOfBoundsError: reading it takes too much.
        """
        self._process.begin(_serve, path, self._plan, seconds=self._seconds, memory=_READING_MEMORY)
        word = self._process.receive()
        if not isinstance(word, OpenedNotebook):
            self._process.result(word)
            raise TypeError("the process said nothing of the notebook")
        return word

    def run(self, fork: Fork, run: RunRequest, clock: ServiceClock | None) -> RunReport:
        """Have the notebook run in a kernel; what is taken out is added to `collected`.

        Raises:
            OutOfBoundsError: what it sends takes too much.
        """
        if not run.onward:
            self.collected.clear()
            self.judged.clear()
        connection = self._process.connection
        files = [fork.report.fileno(), fork.answers, fork.guard, *([clock.file] if clock else [])]
        self._say(run, files)
        while isinstance(word := self._process.receive(), Collected):
            self._keep(word, _receive_file(connection) if word.written else None)
            if word.calls:
                self.judged.append(self._judge(self.collected[-1], self._call, self.spent))
                self._say(Onward(), [])
        if isinstance(word, RunReport):
            return word
        self._process.result(word)
        raise TypeError("the process said nothing of the run")

    def _keep(self, word: Collected, claims: SealedFile | None) -> None:
        """Keep what was taken out until it is judged; of what is too much, that it is not there."""
        size = sum(one.claims.size for one in self.collected if one.claims is not None) + (claims.size if claims else 0)
        self.collected.append(CollectedAnswers(word.tests, claims if size <= self._most else None, word.calls))

    def _call(self, name: str, arguments: str) -> CallResult:
        """Call a function in the kernel that waits; what goes wrong with its process is told there, and again by `run`."""
        try:
            self._say(CallRequest(name, arguments), [])
            reply = self._process.receive()
            if isinstance(reply, CallReply):
                claims = _receive_file(self._process.connection) if reply.written else None
                return CallResult(claims, reply.printed, reply.stopped)
        except (OutOfBoundsError, EOFError, OSError) as error:
            log_suppressed(error)
        return CallResult(None, stopped="can't be called any more: its process has ended")

    def finish(self, outcomes: dict[str, TestOutcome]) -> tuple[bytes | None, ExecutedNotebook]:
        """Return the executed notebook as JSON, and what is said of its written answers.

        Raises:
            OutOfBoundsError: writing it takes too much.
        """
        self._say(Finish(outcomes), [])
        word = self._process.receive()
        if not isinstance(word, ExecutedNotebook):
            self._process.result(word)
            raise TypeError("the process said nothing of the notebook")
        file = _receive_file(self._process.connection)
        return (file.read(0, file.size) if file.size <= _MOST_BYTES else None), word

    def _say(self, word: RunRequest | CallRequest | Onward | Finish, files: Sequence[int]) -> None:
        """Send a message, and open files behind it."""
        try:
            self._process.connection.send(word)
            with socket_of(self._process.connection) as peer:
                if files:
                    socket.send_fds(peer, [b"."], files)
        except OSError as error:
            raise OutOfBoundsError("the process has ended") from error


def _receive_file(connection: Connection) -> SealedFile:
    """Return the file that follows."""
    with socket_of(connection) as peer:
        return SealedFile.receive(peer)


def _serve(connection: Connection, path: Path, plan: AssignmentPlan) -> None:
    """Read a notebook, and do what the grader asks for; this runs in the bounded process."""
    notebook, unusual = read_file(path)
    prepared = prepare(notebook, plan)
    del notebook
    give_memory_back()
    limit_memory(address_space() + _RUNNING_MEMORY)
    note = " ".join(filter(None, [unusual, prepared.note]))
    connection.send(OpenedNotebook(note, _first_cells(prepared), begun_exercises(prepared)))
    executed, before = copy.deepcopy(prepared.notebook), None
    while isinstance(asked := connection.recv(), RunRequest):
        if not asked.onward:
            executed, before = copy.deepcopy(prepared.notebook), None
        report = _run(connection, prepared, executed, before, asked)
        before = report.execution if report.ready else before
        connection.send(report)
    show_outcomes(executed, plan.tests, asked.outcomes)
    connection.send(ExecutedNotebook(blank_answers(executed, plan), written_words(executed, plan)))
    _send_file(connection, SealedFile.from_bytes(nbformat.writes(executed).encode("utf-8", "replace")))


def _first_cells(prepared: Prepared) -> tuple[tuple[int, str], ...]:
    """Return where the code cells stand that a notebook begins with, up to the first that isn't the instructor's."""
    first = []
    for index, (cell, planned) in enumerate(zip(prepared.notebook.cells, prepared.cells, strict=True)):
        if cell.cell_type == "code" and cell.source.strip() and not origin_of(cell):
            if planned is None or planned.kind != "given":
                break
            first.append((index, planned.grade_id))
    return tuple(first)


def _run(
    connection: Connection, prepared: Prepared, executed: NotebookNode, before: Execution | None, asked: RunRequest
) -> RunReport:
    """Run the notebook in the kernel whose files follow."""
    with socket_of(connection) as peer:
        files = socket.recv_fds(peer, 1, 4)[1]
    fork = Fork(socket.socket(fileno=files[0]), files[1], files[2], asked.files)
    clock = ServiceClock(files[3]) if asked.waits else None

    def collect(answers: CollectedAnswers) -> None:
        """Hand over what was taken out."""
        connection.send(Collected(answers.tests, answers.claims is not None, answers.calls))
        if answers.claims is not None:
            _send_file(connection, answers.claims)
        if answers.calls:
            with kernel.waiting():
                _call_functions(connection, kernel)

    with Kernel(fork, asked.key, asked.limits, clock) as kernel:
        if not kernel.wait_until_ready():
            return RunReport(ready=False, execution=before or Execution())
        execution = run_notebook(
            prepared, executed, kernel, asked.limits, collect, before=before, shared_outputs=asked.shared_outputs
        )
        names = tuple(map(prepared.name_of, execution.fatal))
        return RunReport(ready=True, execution=execution, fatal=names, peak=kernel.peak, seconds=kernel.seconds)


def _call_functions(connection: Connection, kernel: Kernel) -> None:
    """Call what the tests call, until they are judged."""
    while isinstance(asked := _next_word(connection, kernel), CallRequest):
        result = kernel.call(asked.name, asked.arguments, f"calling-{secrets.token_hex(8)}")
        connection.send(CallReply(result.claims is not None, result.printed, result.stopped))
        if result.claims is not None:
            _send_file(connection, result.claims)


def _next_word(connection: Connection, kernel: Kernel) -> object:
    """Return what the grader says next; what the student left running keeps to its limits meanwhile."""
    kernel.watch_until(connection.poll)
    return connection.recv()


def _send_file(connection: Connection, file: SealedFile) -> None:
    """Send a file behind a message."""
    with socket_of(connection) as peer:
        file.send(peer)
