"""Read each graded test's outcome from an executed notebook: nbgrader's score, and the diagnosis."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.assignment.exercise_names import name_answer_cells
from autograder.checks.failure import parse_failure
from autograder.model import CheckResult, GradedCell

__all__ = ["NOT_RUN_MESSAGES", "answer_cells", "check_results", "graded_cells"]

NOT_RUN_MESSAGES = {
    "timeout": "Not reached: the time for the notebook was over before this check.",
    "memory": "Not reached: the notebook needed more memory than it may have, and was stopped before this check.",
    "crashed": "Not reached: the notebook's Python process ended before this check.",
}

_UNDEFINED = re.compile(r"name '(\w+)' is not defined")


def graded_cells(source: NotebookNode) -> tuple[GradedCell, ...]:
    """Return the cells of an instructor's notebook that carry points, in its order.

    Args:
        source: the instructor's notebook. A graded cell that is a solution too is marked by a person.
    """
    cells = []
    for cell in source.cells:
        marks = cell.metadata.get("nbgrader", {})
        if marks.get("grade"):
            by_person = marks.get("solution") or cell.cell_type != "code"
            cells.append(GradedCell(marks["grade_id"], "written" if by_person else "test", float(marks["points"])))
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
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marks.get("solution"):
            asking = AnswerCell(marks["grade_id"], words[marks["grade_id"]])
            answers |= dict.fromkeys(_assigned(cell.source), asking)
    return answers


def _assigned(code: str) -> Iterator[str]:
    """Yield the names that a cell's code binds at any level; none where it does not parse (a `%magic`)."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


def check_results(
    tests: tuple[GradedCell, ...],
    scores: Mapping[str, float],
    executed: NotebookNode | None,
    answers: Mapping[str, AnswerCell],
    stopped: str = "crashed",
) -> tuple[CheckResult, ...]:
    """Return one result for each graded test.

    Args:
        tests: the test cells, in the notebook's order.
        scores: what nbgrader gave to each; a cell that has none was lost from the submission.
        executed: the autograded notebook; None when nbgrader could not make one.
        answers: the names that a student assigns, each with the cell that asks for it.
        stopped: why the notebook was not run to its end, when it was not: a key of `NOT_RUN_MESSAGES`.
    """
    cells = {} if executed is None else {_grade_id(cell): cell for cell in executed.cells if _grade_id(cell)}
    return tuple(_result(test, scores.get(test.grade_id, 0.0), cells, answers, stopped) for test in tests)


def _result(
    test: GradedCell, score: float, cells: Mapping[str, NotebookNode], answers: Mapping[str, AnswerCell], stopped: str
) -> CheckResult:
    """Judge one test cell by its score and its error output."""
    cell = cells.get(test.grade_id)
    if cell is None:
        message = NOT_RUN_MESSAGES[stopped] if not cells else "This check's cell is missing from the notebook."
        return CheckResult(test.grade_id, "skipped", 0.0, test.points, message=message)
    error = _error(cell)
    if error is None:
        return _without_error(test, score)
    status, diagnosis, detail, message = _explain(error, cells, answers, stopped)
    return CheckResult(test.grade_id, status, score, test.points, diagnosis, detail, message)  # type: ignore[arg-type]


def _without_error(test: GradedCell, score: float) -> CheckResult:
    """Return the result of a test cell without an error; a number that it returned is its score."""
    if score >= test.points:
        return CheckResult(test.grade_id, "passed", score, test.points)
    message = f"This check gave {score:g} of its {test.points:g} points."
    return CheckResult(test.grade_id, "failed", score, test.points, "unknown", message=message)


def _explain(
    error: NotebookNode, cells: Mapping[str, NotebookNode], answers: Mapping[str, AnswerCell], stopped: str
) -> tuple[str, str | None, str | None, str]:
    """Return status, diagnosis, detail and message for the error that a test cell ended with."""
    name, value = error.ename, error.evalue
    if name in ("CheckFailed", "CheckSkipped"):
        diagnosis, detail, message = parse_failure(name, value)
        return ("failed" if name == "CheckFailed" else "skipped"), diagnosis, detail, message
    if name == "NotRun":
        reason = stopped if value == "crashed" else value
        return "skipped", None, None, NOT_RUN_MESSAGES.get(reason, NOT_RUN_MESSAGES["crashed"])
    undefined = _UNDEFINED.match(value) if name == "NameError" else None
    if undefined and undefined[1] in answers:
        return "failed", "missing", undefined[1], _missing(undefined[1], answers[undefined[1]], cells)
    if name == "AssertionError":
        return "failed", "unknown", None, value or "The check did not hold."
    return "error", None, None, f"The check itself stopped with {name}: {value}. A person has to look at it."


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


def _grade_id(cell: NotebookNode) -> str:
    """Return a cell's `grade_id`, or an empty text."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
