"""Run a prepared notebook in one kernel, and take the answers out after each question."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.execute.answers import Claim, parse_claims, read_claims
from autograder.execute.kernels import Kernel, Ran, Stop
from autograder.execute.limits import Limits
from autograder.execute.plan import PlannedCell
from autograder.execute.submission import Prepared

__all__ = ["Execution", "Taking", "run_notebook"]


@dataclass(frozen=True)
class Taking:
    """What was taken out after one question.

    Attributes:
        tests: the ids of the tests that look at it.
        claims: the answers by name; those that weren't there are left out.
    """

    tests: tuple[str, ...]
    claims: dict[str, Claim]


@dataclass(frozen=True)
class Execution:
    """What came of running a notebook.

    Attributes:
        notebook: with outputs; tests as they were in the release, and not run.
        takings: what was taken out, in order; questions behind a stop have none.
        stop: why the run ended early; None where it didn't.
        slow: the cells that were interrupted for taking too long.
        errors: for each cell that ended with an error, the error in one line.
    """

    notebook: NotebookNode
    takings: tuple[Taking, ...] = ()
    stop: Stop | None = None
    slow: tuple[str, ...] = ()
    errors: dict[str, str] = field(default_factory=dict)


def run_notebook(prepared: Prepared, kernel: Kernel, limits: Limits) -> Execution:
    """Run every cell but the tests.

    Args:
        prepared: the notebook.
        kernel: a kernel that is ready; it is not ended here.
        limits: how much is taken out.
    """
    notebook = copy.deepcopy(prepared.notebook)
    takings: list[Taking] = []
    slow: list[str] = []
    errors: dict[str, str] = {}
    for tests, index in _steps(prepared):
        if tests:
            takings.append(_take(tests, kernel, limits))
            continue
        name = _name(prepared, index)
        ran = kernel.run(notebook.cells[index].source)
        notebook.cells[index].outputs = ran.outputs
        notebook.cells[index].execution_count = index + 1
        errors |= {name: error} if (error := _error(ran)) else {}
        if ran.interrupted:
            slow.append(name)
        if ran.stop is not None:
            notebook.cells[index].outputs.append(_last_words(ran.stop))
            return Execution(notebook, tuple(takings), ran.stop, tuple(slow), errors)
    return Execution(notebook, tuple(takings), None, tuple(slow), errors)


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


def _take(tests: tuple[PlannedCell, ...], kernel: Kernel, limits: Limits) -> Taking:
    """Take out the answers that some tests look at."""
    names = tuple(dict.fromkeys(name for test in tests for name in test.answers if name not in test.functions))
    file = f"taking-{secrets.token_hex(8)}"
    kernel.take(names, file)
    raw = read_claims(kernel.answers, file, limits)
    return Taking(tuple(test.grade_id for test in tests), parse_claims(raw, names, limits))


def _name(prepared: Prepared, index: int) -> str:
    """Return a cell's id; its number where it has none."""
    planned = prepared.cells[index]
    return planned.grade_id if planned is not None else f"cell {index + 1}"


def _error(ran: Ran) -> str:
    """Return the error that a cell ended with, in one line."""
    error = next((output for output in ran.outputs if output.output_type == "error"), None)
    return "" if error is None else f"{error.ename}: {error.evalue}".strip(": ")[:500]


_STOPS = {
    "timeout": "the notebook was stopped here: it took too long, and did not react to an interrupt",
    "memory": "the notebook was stopped here: it used more memory than is allowed",
    "crashed": "the notebook's process ended here",
}


def _last_words(stop: Stop) -> NotebookNode:
    """Return the output that says why nothing follows."""
    output: NotebookNode = new_output("stream", name="stderr", text=f"[{_STOPS[stop]}]\n")
    return output
