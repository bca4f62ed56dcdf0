"""What an executed notebook says about each graded test: nbgrader's score, and the mistake that the check named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nbformat import NotebookNode

from autograder.assignment.cells import grade_id, is_graded, is_solution, is_test, points_of
from autograder.assignment.exercise_names import name_answer_cells
from autograder.assignment.names import names_if_python
from autograder.checks.failure import parse_failure
from autograder.checks.meanings import Diagnosis
from autograder.model import CheckResult, GradedCell
from autograder.stops import Stop

__all__ = ["answer_cells", "check_results", "graded_cells", "not_reached"]

_UNDEFINED = re.compile(r"name '(\w+)' is not defined")


def graded_cells(source: NotebookNode) -> tuple[GradedCell, ...]:
    """Return the cells of an instructor's notebook that carry points, in its order.

    Args:
        source: the instructor's notebook. A graded cell that is a solution too is marked by a person.
    """
    cells = []
    for cell in source.cells:
        if is_graded(cell):
            kind: Literal["test", "written"] = "test" if is_test(cell) else "written"
            cells.append(GradedCell(grade_id(cell), kind, float(points_of(cell))))
    return tuple(cells)


@dataclass(frozen=True)
class AnswerCell:
    """The cell that asks for an answer.

    Attributes:
        grade_id: nbgrader's id.
        words: what a student calls it.
    """

    grade_id: str
    words: str


def answer_cells(source: NotebookNode) -> dict[str, AnswerCell]:
    """Return the names that the solution cells assign, each with its cell."""
    answers: dict[str, AnswerCell] = {}
    words = name_answer_cells(source.cells)
    for cell in source.cells:
        if cell.cell_type == "code" and is_solution(cell):
            asking = AnswerCell(grade_id(cell), words[grade_id(cell)])
            answers |= dict.fromkeys(names_if_python(cell.source).assigned, asking)
    return answers


def check_results(
    tests: tuple[GradedCell, ...],
    scores: Mapping[str, float],
    executed: NotebookNode | None,
    answers: Mapping[str, AnswerCell],
    stopped: Stop = Stop.CRASHED,
) -> tuple[CheckResult, ...]:
    """Return one result for each graded test.

    Args:
        tests: the test cells, in the notebook's order.
        scores: what nbgrader gave to each; a cell that has none was lost from the submission.
        executed: the autograded notebook; None when nbgrader could not make one.
        answers: the names that a student assigns, each with the cell that asks for it.
        stopped: why the notebook was not run to its end, when it was not.
    """
    cells = {} if executed is None else {name: cell for cell in executed.cells if (name := grade_id(cell))}
    return tuple(_result(test, scores.get(test.grade_id, 0.0), cells, answers, stopped) for test in tests)


def _result(
    test: GradedCell, score: float, cells: Mapping[str, NotebookNode], answers: Mapping[str, AnswerCell], stopped: Stop
) -> CheckResult:
    """Judge one test cell by its score and its error output."""
    cell = cells.get(test.grade_id)
    if cell is None:
        message = not_reached(stopped) if not cells else "This check's cell is missing from the notebook."
        return CheckResult(test.grade_id, "skipped", 0.0, test.points, message=message)
    error = _error(cell)
    if error is None:
        return _without_error(test, score)
    status, diagnosis, detail, message = _explain(error, cells, answers, stopped)
    return CheckResult(test.grade_id, status, score, test.points, diagnosis, detail, message)  # type: ignore[arg-type]


def _without_error(test: GradedCell, score: float) -> CheckResult:
    """Return the result of a test cell that raised nothing: nbgrader takes a number that it returned as its score."""
    if score >= test.points:
        return CheckResult(test.grade_id, "passed", score, test.points)
    message = f"This check gave {score:g} of its {test.points:g} points."
    return CheckResult(test.grade_id, "failed", score, test.points, Diagnosis.UNKNOWN, message=message)


def _explain(
    error: NotebookNode, cells: Mapping[str, NotebookNode], answers: Mapping[str, AnswerCell], stopped: Stop
) -> tuple[str, str | None, str | None, str]:
    """Return status, diagnosis, detail and message for the error that a test cell ended with."""
    name, value = error.ename, error.evalue
    if name in ("CheckFailed", "CheckSkipped"):
        diagnosis, detail, message = parse_failure(name, value)
        return ("failed" if name == "CheckFailed" else "skipped"), diagnosis, detail, message
    if name == "NotRun":
        return "skipped", None, None, not_reached(stopped if value == Stop.CRASHED else value)
    undefined = _UNDEFINED.match(value) if name == "NameError" else None
    if undefined and undefined[1] in answers:
        return "failed", Diagnosis.MISSING, undefined[1], _missing(undefined[1], answers[undefined[1]], cells)
    if name == "AssertionError":
        return "failed", Diagnosis.UNKNOWN, None, value or "The check did not hold."
    return "error", None, None, f"The check itself stopped with {name}: {value}. A person has to look at it."


def not_reached(reason: str) -> str:
    """Say why a check was not reached; `reason` is text of an executed notebook, and may be any."""
    return (Stop.named(reason) or Stop.CRASHED).sentence(" before this question was answered")


def _missing(name: str, asking: AnswerCell, cells: Mapping[str, NotebookNode]) -> str:
    """Say that an answer is missing, and why where the cell that should assign it stopped with an error."""
    error = _error(cells[asking.grade_id]) if asking.grade_id in cells else None
    if error is None:
        return f"`{name}` is not defined: assign it in {asking.words}."
    cause = f"{error.ename}: {error.evalue}".strip(": ").removesuffix(".")
    return f"`{name}` is not defined: {asking.words} stopped with {cause}."


def _error(cell: NotebookNode) -> NotebookNode | None:
    """Return the first error among a cell's outputs."""
    return next((output for output in cell.get("outputs", []) if output.output_type == "error"), None)
