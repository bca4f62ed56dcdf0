"""Read each test's outcome from an executed notebook: nbgrader's score, and what its error says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nbformat import NotebookNode

from autograder.assignment.cells import grade_id, points_of
from autograder.checks.failure import parse_failure
from autograder.checks.meanings import Diagnosis
from autograder.model import CheckResult, CheckStatus
from autograder.stops import Stop
from autograder.totals import credit_sentence

__all__ = ["check_results", "explain_error"]


def check_results(
    tests: Iterable[NotebookNode], scores: Mapping[str, float], executed: NotebookNode | None
) -> tuple[CheckResult, ...]:
    """Return one result for each graded test.

    Args:
        tests: the source's test cells.
        scores: what nbgrader gave to each; a cell that has none was lost from the submission.
        executed: the autograded notebook; None when nbgrader could not make one.
    """
    cells = {grade_id(cell): cell for cell in executed.cells} if executed is not None else {}
    return tuple(_result(test, scores, cells) for test in tests)


def _result(test: NotebookNode, scores: Mapping[str, float], cells: Mapping[str, NotebookNode]) -> CheckResult:
    """Return the result of one test cell, by its score and its error output."""
    name, points = grade_id(test), float(points_of(test))
    score, cell = scores.get(name, 0.0), cells.get(name)
    if cell is None:
        message = "This check's cell is missing from the notebook." if cells else _not_reached(Stop.CRASHED)
        return CheckResult(name, "skipped", 0.0, points, message=message)
    error = next((output for output in cell.outputs if output.output_type == "error"), None)
    if error is not None:
        status, diagnosis, message = explain_error(error)
        return CheckResult(name, status, score, points, diagnosis, message=message)
    if score >= points:
        return CheckResult(name, "passed", score, points)
    diagnosis, _, message = parse_failure("CheckFailed", _printed(cell))
    if diagnosis is not None:
        return CheckResult(
            name, "failed", score, points, diagnosis, message=f"{message} {credit_sentence(score, points)}"
        )
    # nbgrader takes a number that a test returned as its score.
    message = f"This check gave {score:g} of its {points:g} points."
    return CheckResult(name, "failed", score, points, Diagnosis.UNKNOWN, message=message)


def _printed(cell: NotebookNode) -> str:
    """Return what a test printed: a mistake that leaves some points has its message there."""
    return "".join(output.text for output in cell.outputs if output.get("name") == "stdout")


def explain_error(error: NotebookNode) -> tuple[CheckStatus, str | None, str]:
    """Return status, diagnosis and message for the error that a test cell ended with; no line of the test."""
    diagnosis, _, message = parse_failure(error.ename, error.evalue)
    if diagnosis is not None:
        return ("skipped" if error.ename.endswith("CheckSkipped") else "failed"), diagnosis, message
    if error.ename == "NotRun":
        return "skipped", None, _not_reached(Stop.named(error.evalue) or Stop.CRASHED)
    return "failed", None, f"{error.ename}: {error.evalue}".rstrip(": ")


def _not_reached(stop: Stop) -> str:
    """Return why a check was not reached."""
    return stop.sentence(" before this question was answered")
