"""Write down what judging a class again has changed: gradebook, notebooks, pages, and the results last."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import nbformat

from autograder.assignment.plan import AssignmentPlan
from autograder.bounded.processes import BoundedProcesses, OutOfBoundsError
from autograder.execute.verdicts import blank_answers, show_outcomes, written_words
from autograder.files import write_file
from autograder.grade.folders import folder_name
from autograder.grade.gradebook.prepare import Grades, prepare_gradebook
from autograder.grade.receipts import surroundings, verdict_digest, write_receipt
from autograder.grade.results import keep_previous, read_results, write_grades, write_results
from autograder.graded_folder import read_class, write_feedback_again
from autograder.judging.messages import TestOutcome
from autograder.log import log_suppressed
from autograder.model import Assignment, SubmissionResult
from autograder.rejudge.again import ClassAgain, JudgedAgain

__all__ = ["apply_again"]

_SECONDS = 30.0  # of computing for a notebook


def apply_again(out: Path, assignment: Assignment, plan: AssignmentPlan, again: ClassAgain) -> tuple[str, ...]:
    """Let new results count. Killed on the way, the same command does it again.

    Args:
        out: the folder that `grade` wrote; nobody else may be grading into it.
        assignment: the assignment.
        plan: the assignment by which the class was judged.
        again: what came of it.

    Returns:
        What changed in the assignment's graded cells, in sentences.

    Raises:
        GradeError: the folder can't be written.
    """
    digests = surroundings(plan)
    judged = [one for one in again.judged if one.before.student not in again.gone]
    new = {_key(one.before): _with_receipt(one.after, digests) for one in judged}
    blank, words = _renew_notebooks(out, plan, judged)
    changed = prepare_gradebook(out / "gradebook.db", assignment, plan)
    with Grades(out / "gradebook.db", plan) as grades:
        for one in judged:
            student = one.before.student
            grades.record(new[_key(one.before)], blank[student], words[student])
    records = read_class(out, plan.name)
    entries = (
        dataclasses.replace(entry, result=new.get(_key(entry.result), entry.result)) for entry in records.entries
    )
    students = {one.before.student for one in judged if changed or one.after != one.before}
    write_feedback_again(out, dataclasses.replace(records, entries=tuple(entries)), students)
    for result in new.values():
        write_receipt(out, result)
    before = read_results(out / "results.jsonl")
    after = tuple(new.get(_key(one), one) for one in before)
    keep_previous(out / "results.previous.jsonl", before, plan.name)
    write_grades(out / "grades.csv", after)
    write_results(out / "results.jsonl", after)
    return changed


def _key(result: SubmissionResult) -> tuple[str, str]:
    """Return what tells results apart."""
    return result.student, result.assignment


def _with_receipt(result: SubmissionResult, digests: Mapping[str, str]) -> SubmissionResult:
    """Return a result with the receipt of its new verdict."""
    own = {**result.receipt, **digests, "verdict": verdict_digest(result)}
    return dataclasses.replace(result, receipt=own)


def _renew_notebooks(
    out: Path, plan: AssignmentPlan, judged: list[JudgedAgain]
) -> tuple[dict[str, frozenset[str]], dict[str, Mapping[str, str] | None]]:
    """Write what tests say now into the executed notebooks; return whose written answers are blank, and what the words are."""
    blank, words = dict[str, frozenset[str]](), dict[str, Mapping[str, str] | None]()
    written = frozenset(cell.grade_id for cell in plan.cells if cell.kind == "written")
    with BoundedProcesses(__name__) as processes:
        process = processes.start()
        for one in judged:
            student = one.before.student
            path = out / "autograded" / folder_name(student) / plan.name / f"{plan.name}.ipynb"
            blank[student], words[student] = written, dict.fromkeys(written, "")
            if path.is_file():
                try:
                    blank[student], words[student] = process.call(
                        renew_notebook, path, plan, dict(one.outcomes), seconds=_SECONDS
                    )
                except OutOfBoundsError as error:
                    log_suppressed(error)
                    blank[student], words[student] = frozenset(), None
                    process = processes.start()
        process.connection.close()
    return blank, words


def renew_notebook(
    path: Path, plan: AssignmentPlan, outcomes: dict[str, TestOutcome]
) -> tuple[frozenset[str], dict[str, str]]:
    """Write outcomes into an executed notebook; return its blank answers, and the words of all.

    This runs in a bounded process.
    """
    notebook = nbformat.v4.reads(path.read_text("utf-8"))
    if outcomes:
        show_outcomes(notebook, tuple(test for test in plan.tests if test.grade_id in outcomes), outcomes)
        write_file(path, nbformat.writes(notebook).encode("utf-8", "replace"))
    return blank_answers(notebook, plan), written_words(notebook, plan)
