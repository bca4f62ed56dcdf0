"""Gradescope's `results.json`: what its autograder harness reads when a submission has been graded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from autograder.assignment.cells import BONUS
from autograder.export.files import write_export
from autograder.export.records import ExportRequest, Score
from autograder.export.systems import NewFilesSystem
from autograder.model import CheckResult, Mark, SubmissionResult, exercise_of, exercise_title, has_written
from autograder.texts import replace_surrogates
from autograder.totals import subtract, total_of

__all__ = ["SYSTEM", "results_json"]


def results_json(
    result: SubmissionResult, marks: Sequence[Mark] = (), *, wrote: bool = False, late: str = "", penalty: float = 0.0
) -> dict[str, Any]:
    """Return one student's result as JSON for Gradescope, with a score even where nothing was graded.

    Args:
        result: the machine's result.
        marks: written answers that a person marked; none where they are marked in Gradescope itself.
        wrote: whether the student answered something in words, where `marks` doesn't say it.
        late: a sentence on what being late costs.
        penalty: the points that are taken off for it.
    """
    left_out = result.not_answered(wrote=wrote or has_written(marks))
    total = total_of(result, marks)
    counted = f"{total} points." if total.max_bonus else ""
    sentences = (counted, late, result.reason, left_out and f"{left_out[:1].upper()}{left_out[1:]}.")
    tests = [*_checks(result), *(_mark(mark) for mark in marks if mark.score is not None)]
    return {
        "score": round(subtract(total.points, penalty) if penalty else total.points, 6),
        "execution_time": round(result.seconds),
        "output": replace_surrogates(" ".join(filter(None, sentences))),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [_with_bonus(test) if test["name"] in result.bonus else test for test in tests],
    }


def _with_bonus(test: dict[str, Any]) -> dict[str, Any]:
    """Return a test that is bonus: Gradescope knows none, but shows scores above the maximum."""
    return test | {"output": f"Bonus. {test['output']}".strip(), "tags": [BONUS]}


def _checks(result: SubmissionResult) -> Iterator[dict[str, Any]]:
    """Yield each check as a test; those of an exercise that was never begun say so."""
    left = result.unanswered
    for check in result.checks:
        exercise = exercise_of(check.name)
        yield _check(check, f"{exercise_title(exercise)} was not answered." if exercise in left else "")


def _check(check: CheckResult, not_answered: str) -> dict[str, Any]:
    """Return a check as a test; a fault of the grader's says so, and counts as failed."""
    standing = (
        not_answered
        or {
            "passed": "",
            "failed": "This does not hold.",
            "skipped": "Not looked at: what it needs is missing or wrong.",
            "error": "The grader itself failed here; a person has to look at this.",
        }[check.status]
    )
    output = standing if not_answered or check.status == "error" else check.message or standing
    return _test(check.name, check.score, check.max_score, output, passed=check.status == "passed")


def _mark(mark: Mark) -> dict[str, Any]:
    """Return a written answer as a test."""
    score = mark.score or 0.0
    return _test(mark.name, score, mark.max_score, mark.comment, passed=score >= mark.max_score)


def _test(name: str, score: float, max_score: float, output: str, *, passed: bool) -> dict[str, Any]:
    """Return a test as Gradescope shows it."""
    return {
        "name": replace_surrogates(name),
        "score": score,
        "max_score": max_score,
        "status": "passed" if passed else "failed",
        "output": replace_surrogates(output),
        "output_format": "text",
        "visibility": "visible",
    }


def _write(scores: Sequence[Score], request: ExportRequest) -> Path:
    """Write a `results.json` for each student; return the folder, or the requested student's file."""
    folder = request.output or request.out / f"gradescope{request.suffix}"
    if request.student is not None and request.output is not None:
        paths = [request.output]
    else:
        paths = [folder / request.folder_name(score.student) / "results.json" for score in scores]
    for path, score in zip(paths, scores, strict=True):
        penalty = score.penalty if score.taken_off else 0.0
        values = results_json(score.result, score.counted, late=score.late_sentence, penalty=penalty)
        if not request.dry_run:
            write_export(path, (json.dumps(values, indent=2) + "\n").encode())
    return folder if request.student is None else paths[0]


SYSTEM = NewFilesSystem(name="gradescope", title="Gradescope", write=_write, options=("student",))
