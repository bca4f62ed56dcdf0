"""Run a prepared notebook in one kernel, and take the answers out after each question."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.assignment.names import names_if_python
from autograder.assignment.plan import PlannedCell
from autograder.execute.submission import Prepared
from autograder.sandbox.kernel import CellResult, Kernel
from autograder.sandbox.limits import Limits
from autograder.sandbox.sealed_files import SealedFile, read_claims
from autograder.stops import Stop

__all__ = ["CollectedAnswers", "Execution", "SharedOutputs", "run_notebook"]

SharedOutputs = Mapping[int, tuple[NotebookNode, ...]]
"""For each cell that has run before the kernel was forked, its index in the notebook, and what it showed."""
_MOST_NAMES = 100  # of one cell


@dataclass(frozen=True)
class CollectedAnswers:
    """What was taken out after one question.

    Attributes:
        tests: the ids of the tests that look at it.
        claims: what the kernel wrote about the answers; None where it wrote nothing that can be read.
        calls: whether the tests call functions: they are judged while the kernel waits.
    """

    tests: tuple[str, ...]
    claims: SealedFile | None
    calls: bool = False


@dataclass(frozen=True)
class Execution:
    """What came of running a notebook.

    Attributes:
        collected: the tests that answers were taken for; those behind a stop are not among them.
        stop: why the run ended early; None where it didn't.
        slow: the cells that were interrupted for taking too long.
        errors: for each cell that ended with an error, the error in one line.
        fatal: where in the notebook the cells stand that ended a kernel.
        own_names: for each cell of the student's own among `errors`, names that it should assign.
    """

    collected: frozenset[str] = frozenset()
    stop: Stop | None = None
    slow: tuple[str, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)
    fatal: tuple[int, ...] = ()
    own_names: dict[str, frozenset[str]] = field(default_factory=dict)


def run_notebook(  # noqa: PLR0913 (each of them is a part of the run)
    prepared: Prepared,
    executed: NotebookNode,
    kernel: Kernel,
    limits: Limits,
    collect: Callable[[CollectedAnswers], None],
    *,
    before: Execution | None = None,
    shared_outputs: SharedOutputs | None = None,
) -> Execution:
    """Run every cell but the tests.

    Args:
        prepared: the notebook.
        executed: a copy of it, which gets the outputs; tests stay as they were in the release, and are not run.
        kernel: a kernel that is ready; it is not ended here.
        limits: how much is taken out.
        collect: takes what was taken out, question by question.
        before: what an earlier kernel came to, before it ended. What it ran is run again, for the names; cells that
            ended it, or took too long, are left out, and what it took out is not taken again.
        shared_outputs: the cells that have run in this kernel already.
    """
    run = _NotebookRun(prepared, executed, collect, before or Execution(), shared_outputs or {})
    for tests, index in _steps(prepared):
        stop = run.collect_answers(tests, kernel, limits) if tests else run.cell(index, kernel)
        if stop is not None:
            return run.execution(stop)
    return run.execution(before.stop if before is not None else None)


class _NotebookRun:
    """What one kernel adds to a notebook's execution."""

    def __init__(
        self,
        prepared: Prepared,
        executed: NotebookNode,
        collect: Callable[[CollectedAnswers], None],
        before: Execution,
        shared_outputs: SharedOutputs,
    ) -> None:
        self._prepared = prepared
        self._shared_outputs = shared_outputs
        self._notebook = executed
        self._collect = collect
        self._collected = set(before.collected)
        self._slow = list(before.slow)
        self._errors = dict(before.errors)
        self._last_fatal = max(before.fatal, default=-1)
        self._fatal = before.fatal
        self._last: int | None = None

    def collect_answers(self, tests: tuple[PlannedCell, ...], kernel: Kernel, limits: Limits) -> Stop | None:
        """Take out answers, once; return why the kernel ended, if it did."""
        names = {test.grade_id for test in tests}
        if names <= self._collected:
            return None
        self._collect(_collect_answers(tests, kernel, limits))
        self._collected |= names
        stop = kernel.ended()
        if stop is not None and self._last is not None:
            self._end(self._last, stop)  # what it left behind ended the kernel
        return stop

    def cell(self, index: int, kernel: Kernel) -> Stop | None:
        """Run a cell; return why the kernel ended, if it did.

        What came of it is kept, unless an earlier kernel's is there.
        """
        name, cell = self._prepared.name_of(index), self._notebook.cells[index]
        if index in self._fatal or (index <= self._last_fatal and name in self._slow):
            return None
        if index in self._shared_outputs:
            cell.outputs, cell.execution_count = copy.deepcopy(list(self._shared_outputs[index])), index + 1
            return None
        result = kernel.run(cell.source)
        self._last = index
        if index > self._last_fatal:
            cell.outputs = result.outputs
            cell.execution_count = index + 1
            self._errors |= {name: error} if (error := _error(result)) else {}
            self._slow += [name] if result.interrupted else []
        if result.stop is not None:
            self._end(index, result.stop)
        return result.stop

    def _end(self, index: int, stop: Stop) -> None:
        """Note that a cell ended the kernel."""
        self._notebook.cells[index].outputs.append(_last_words(stop))
        self._errors.setdefault(self._prepared.name_of(index), f"the end of its process, which {stop.event}")
        self._fatal = tuple(sorted((*self._fatal, index)))

    def execution(self, stop: Stop | None) -> Execution:
        """Return the whole."""
        own = {self._prepared.name_of(i): i for i, planned in enumerate(self._prepared.cells) if planned is None}
        names = {
            name: frozenset(names_if_python(self._notebook.cells[own[name]].source).assigned[:_MOST_NAMES])
            for name in self._errors.keys() & own.keys()
        }
        return Execution(
            frozenset(self._collected),
            stop,
            tuple(self._slow),
            self._errors,
            self._fatal,
            names,
        )


def _steps(prepared: Prepared) -> Iterator[tuple[tuple[PlannedCell, ...], int]]:
    """Yield what to do, in order: (tests to take answers for, 0) or ((), a cell to run).

    Tests that stand together are taken for together: nothing runs between them.
    """
    waiting: list[PlannedCell] = []
    for index, planned in enumerate(prepared.cells):
        cell = prepared.notebook.cells[index]
        if planned is not None and planned.kind == "test":
            waiting.append(planned)
        elif cell.cell_type == "code" and cell.source.strip():
            if waiting:
                yield tuple(waiting), 0
            waiting = []
            yield (), index
    if waiting:
        yield tuple(waiting), 0


def _collect_answers(tests: tuple[PlannedCell, ...], kernel: Kernel, limits: Limits) -> CollectedAnswers:
    """Take out the answers that some tests look at."""
    names = tuple(dict.fromkeys(name for test in tests for name in test.answers))
    functions = tuple({name for test in tests for name in test.functions})
    file = f"taking-{secrets.token_hex(8)}"
    kernel.take(names, file, functions)
    claims = read_claims(kernel.answers, file, limits.answers)
    return CollectedAnswers(tuple(test.grade_id for test in tests), claims, bool(functions))


def _error(ran: CellResult) -> str:
    """Return the error that a cell ended with, in one line."""
    error = next((output for output in ran.outputs if output.output_type == "error"), None)
    if error is None:
        return _usage_error(ran)
    line = next(iter(error.evalue.strip().splitlines()), "")
    return f"{error.ename}: {line}".strip(": ")[:500]


def _usage_error(ran: CellResult) -> str:
    """Return the error of an unknown magic: IPython writes it to stderr, and stops the cell there."""
    texts = [output.text for output in ran.outputs if output.output_type == "stream" and output.name == "stderr"]
    last = next(iter(reversed("".join(texts).splitlines())), "")
    return last[:500] if last.startswith("UsageError: ") else ""


def _last_words(stop: Stop) -> NotebookNode:
    """Return the output that says why nothing follows."""
    output: NotebookNode = new_output("stream", name="stderr", text=f"[{stop.sentence(' here')}]\n")
    return output
