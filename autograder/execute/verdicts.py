"""Turn what the test cells did into results, and into outputs of the notebook that people look at."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.assignment.cells import grade_id, is_blank
from autograder.assignment.misplaced import words_elsewhere
from autograder.assignment.plan import AssignmentPlan, PlannedCell
from autograder.checks.failure import parse_failure
from autograder.checks.meanings import Diagnosis
from autograder.execute.notebook_run import Execution
from autograder.execute.stopped_cells import UNDEFINED, reasons
from autograder.judging.messages import TestOutcome
from autograder.model import CheckResult, exercise_of
from autograder.stops import Stop
from autograder.texts import text_digest
from autograder.totals import credit_sentence, share_of

__all__ = ["blank_answers", "check_results", "not_run", "show_outcomes", "tell_unanswered", "written_words"]


_MOST_CHARACTERS = 1000  # of what stopped a check
_MOST_WORDS = 20_000  # characters of a written answer: nobody marks more


def check_results(
    tests: tuple[PlannedCell, ...], outcomes: Mapping[str, TestOutcome], execution: Execution
) -> tuple[CheckResult, ...]:
    """Return one result for each test.

    Args:
        tests: the test cells, in the notebook's order.
        outcomes: by id; a test that nothing was taken for has none.
        execution: how the notebook ran.
    """
    return tuple(_result(test, outcomes.get(test.grade_id), execution) for test in tests)


def tell_unanswered(
    checks: tuple[CheckResult, ...], tests: tuple[PlannedCell, ...], begun: Collection[str]
) -> tuple[CheckResult, ...]:
    """Return results that say `missing` throughout an exercise of which nothing is there.

    A plot is missing there, too. An exercise that was begun all the same gets the names that are missing as details:
    `SubmissionResult.unanswered` tells the two apart by them.

    Args:
        checks: one result for each test, in the tests' order.
        tests: the test cells.
        begun: the exercises that the student wrote anything in.
    """
    kinds = (
        {Diagnosis.MISSING, Diagnosis.NO_PLOT} if begun else {Diagnosis.MISSING, Diagnosis.NO_PLOT, Diagnosis.UNKNOWN}
    )  # plain asserts know no `missing`
    kinds_of: dict[str, set[str | None]] = {}
    for check in checks:
        kind = check.diagnosis if check.status in ("failed", "skipped") else None
        kinds_of.setdefault(exercise_of(check.name), set()).add(kind)
    empty = {name for name, each in kinds_of.items() if each <= kinds and each != {Diagnosis.NO_PLOT}}
    return tuple(
        _missing(check, test, begun=exercise_of(check.name) in begun) if exercise_of(check.name) in empty else check
        for check, test in zip(checks, tests, strict=True)
    )


def _missing(check: CheckResult, test: PlannedCell, *, begun: bool) -> CheckResult:
    """Return a result that says `missing`, with the answer's name where its exercise was begun."""
    return replace(check, diagnosis=Diagnosis.MISSING, detail=next(_names(check, test)) if begun else None)


def _names(check: CheckResult, test: PlannedCell) -> Iterator[str]:
    """Yield the answers that a message names, then all that the test reads, then the test itself."""
    yield from (name for name in re.findall(r"`(\w+)`", check.message or "") if name in test.answers)
    yield from test.answers
    yield test.grade_id


def not_run(tests: tuple[PlannedCell, ...], message: str) -> tuple[CheckResult, ...]:
    """Return the results of tests that had nothing to look at."""
    return tuple(_check(test, "skipped", message=message) for test in tests)


def _result(test: PlannedCell, outcome: TestOutcome | None, execution: Execution) -> CheckResult:
    """Judge one test by its outcome."""
    if outcome is None:
        return _check(
            test, "skipped", message=(execution.stop or Stop.CRASHED).sentence(" before this question was answered")
        )
    if outcome.ours:
        return _error(test, outcome.evalue)
    if outcome.ename is None:
        return _score(test, outcome.value)
    return _failure(test, outcome, outcome.ename, execution)


def _failure(test: PlannedCell, outcome: TestOutcome, ename: str, execution: Execution) -> CheckResult:
    """Return the result of a test that raised something."""
    # A student's exception may be called as ours are.
    diagnosis, detail, message = (None, None, "") if outcome.called else parse_failure(ename, outcome.evalue)
    if diagnosis is not None:
        if ename.endswith("CheckSkipped"):
            return _check(test, "skipped", diagnosis, detail, _with_reasons(test, diagnosis, message, execution))
        return _mistake(test, diagnosis, detail, _with_reasons(test, diagnosis, message, execution))
    undefined = UNDEFINED.search(outcome.evalue) if ename == "NameError" else None
    if undefined is not None and undefined[1] in test.answers:
        name = undefined[1]
        where = test.asked_where[test.answers.index(name)]
        message = f"`{name}` is not defined: assign it in {where}."
        return _check(
            test, "failed", Diagnosis.MISSING, name, _with_reasons(test, Diagnosis.MISSING, message, execution)
        )
    if outcome.called:
        diagnosis = Diagnosis.MISSING if ename == "NotImplementedError" else Diagnosis.UNKNOWN
        return _check(test, "failed", diagnosis, message=_with_reasons(test, diagnosis, outcome.evalue, execution))
    if ename == "AssertionError":
        message = _with_reasons(test, Diagnosis.UNKNOWN, outcome.evalue or "The check did not hold.", execution)
        return _check(test, "failed", Diagnosis.UNKNOWN, message=message)
    if outcome.by_values:
        names = ", ".join(f"`{name}`" for name in test.answers)
        stopped = f"This check stopped with {ename}: {outcome.evalue}"[:_MOST_CHARACTERS].rstrip(".")
        message = f"{stopped}. Look at the type and the shape of {names}." if names else f"{stopped}."
        message = _with_reasons(test, Diagnosis.UNKNOWN, message, execution)
        return _check(test, "failed", Diagnosis.UNKNOWN, message=message)
    return _error(test, f"it stopped with {ename}: {outcome.evalue}"[:_MOST_CHARACTERS])


def _mistake(test: PlannedCell, diagnosis: str, detail: str | None, message: str) -> CheckResult:
    """Return the result of a test that named a mistake, with the points that stay all the same."""
    score = share_of(test.points, dict(test.credit).get(diagnosis, 0.0))
    if score:
        message = f"{message} {credit_sentence(score, test.points)}"
    return _check(test, "failed", diagnosis, detail, message, score)


def _with_reasons(test: PlannedCell, diagnosis: str, message: str, execution: Execution) -> str:
    """Add why an answer is missing, or unfinished, where the cell that should assign it stopped."""
    return " ".join([message, *reasons(test, diagnosis, message, execution)])


def _score(test: PlannedCell, value: float | None) -> CheckResult:
    """Return the result of a test that raised nothing.

    A number that it ends with is its score, as nbgrader has it.
    """
    if value is None or value == test.points:
        return _check(test, "passed", score=test.points)
    if not 0 <= value <= test.points:
        return _error(test, f"it gave {value:g} of {test.points:g} points")
    return _check(
        test, "failed", Diagnosis.UNKNOWN, None, f"This check gave {value:g} of its {test.points:g} points.", value
    )


def _error(test: PlannedCell, reason: str) -> CheckResult:
    """Return the result of a test that a person has to look at."""
    return _check(test, "error", message=f"This check could not be made: {reason}. A person has to look at it.")


def _check(
    test: PlannedCell,
    status: str,
    diagnosis: str | None = None,
    detail: str | None = None,
    message: str | None = None,
    score: float = 0.0,
) -> CheckResult:
    """Return a result."""
    return CheckResult(test.grade_id, status, score, test.points, diagnosis, detail, message)  # type: ignore[arg-type]


def blank_answers(notebook: NotebookNode, plan: AssignmentPlan) -> frozenset[str]:
    """Return the written answers that are missing, empty, or as the release has them."""
    cells = {grade_id(cell): cell for cell in notebook.cells}
    written = (cell for cell in plan.cells if cell.kind == "written")
    return frozenset(
        cell.grade_id
        for cell in written
        if cell.grade_id not in cells or is_blank(cells[cell.grade_id], given=cell.source)
    )


def written_words(notebook: NotebookNode, plan: AssignmentPlan) -> dict[str, str]:
    """Return what was written as each written answer, by id: in its cell, and where else it was found; "" where it is blank."""
    blank, by_id = blank_answers(notebook, plan), {cell.get("id"): cell for cell in notebook.cells}
    words = dict.fromkeys((cell.grade_id for cell in plan.cells if cell.kind == "written"), "")
    for cell in notebook.cells:
        if (name := grade_id(cell)) in words and name not in blank:
            elsewhere = [by_id[one.cell].source for one in words_elsewhere(cell) if one.cell in by_id]
            pictures = cell.get("attachments")
            shown = [f"[pictures: {text_digest(str(pictures))[:12]}]"] if pictures else []
            words[name] = "\n\n".join([cell.source, *elsewhere])[:_MOST_WORDS] + "\n\n".join(["", *shown])
    return words


def show_outcomes(notebook: NotebookNode, tests: tuple[PlannedCell, ...], outcomes: Mapping[str, TestOutcome]) -> None:
    """Put each test's whole text and its outcome into its cell, as if it had been run there.

    Args:
        notebook: the executed notebook; it is changed.
        tests: the test cells.
        outcomes: by id.
    """
    planned = {test.grade_id: test for test in tests}
    for cell in notebook.cells:
        test = planned.get(grade_id(cell))
        if test is not None:
            cell.source = test.check
            cell.outputs = _outputs(outcomes.get(test.grade_id))


def _outputs(outcome: TestOutcome | None) -> list[NotebookNode]:
    """Return an outcome as a notebook's outputs."""
    if outcome is None:
        return []
    outputs = [new_output("stream", name="stdout", text=outcome.printed)] if outcome.printed else []
    if outcome.ename is not None:
        line = f"{outcome.ename}: {outcome.evalue}"
        outputs.append(new_output("error", ename=outcome.ename, evalue=outcome.evalue, traceback=[line]))
    elif outcome.value is not None:
        outputs.append(new_output("execute_result", data={"text/plain": repr(outcome.value)}))
    return outputs
