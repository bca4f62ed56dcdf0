"""Gradescope's `results.json`: what its autograder harness reads when a submission has been graded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from autograder.export.files import write_export
from autograder.export.records import ExportError, ExportRequest, Score
from autograder.model import CheckResult, Mark, SubmissionResult, exercise_of, exercise_title, has_written

__all__ = ["results_json", "write_gradescope"]


def results_json(result: SubmissionResult, marks: Sequence[Mark] = (), *, wrote: bool = False) -> dict[str, Any]:
    """Return one student's result as Gradescope wants it: JSON values, with a score even when nothing could be graded.

    Args:
        result: the machine's result.
        marks: written answers that a person marked; leave them out where they are marked in Gradescope itself.
        wrote: whether the student answered something in words, where `marks` doesn't say it.
    """
    left_out = result.not_answered(wrote=wrote or has_written(marks))
    told = (result.reason, left_out and f"{left_out[:1].upper()}{left_out[1:]}.")
    tests = [*_checks(result), *(_mark(mark) for mark in marks if mark.score is not None)]
    return {
        "score": round(result.score + sum(mark.score or 0.0 for mark in marks), 6),
        "execution_time": round(result.seconds),
        "output": _text(" ".join(filter(None, told))),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def _checks(result: SubmissionResult) -> Iterator[dict[str, Any]]:
    """Yield each check as a test; those of an exercise that was never begun say so."""
    left = result.unanswered
    for check in result.checks:
        exercise = exercise_of(check.name)
        yield _check(check, f"{exercise_title(exercise)} was not answered." if exercise in left else "")


def _check(check: CheckResult, not_answered: str) -> dict[str, Any]:
    """Return a check as a test. A fault of the grader's is told as one, and counts as failed until a person looks."""
    told = (
        not_answered
        or {
            "passed": "",
            "failed": "This does not hold.",
            "skipped": "Not looked at: what it needs is missing or wrong.",
            "error": "The grader itself failed here; a person has to look at this.",
        }[check.status]
    )
    return {
        "name": _text(check.name),
        "score": check.score,
        "max_score": check.max_score,
        "status": "passed" if check.status == "passed" else "failed",
        "output": _text(told if not_answered or check.status == "error" else check.message or told),
        "output_format": "text",
        "visibility": "visible",
    }


def _mark(mark: Mark) -> dict[str, Any]:
    """Return a written answer as a test."""
    score = mark.score or 0.0
    return {
        "name": _text(mark.name),
        "score": score,
        "max_score": mark.max_score,
        "status": "passed" if score >= mark.max_score else "failed",
        "output": _text(mark.comment),
        "output_format": "text",
        "visibility": "visible",
    }


def _text(text: str) -> str:
    """Return a text that every JSON reader takes: a student's text may hold halves of characters."""
    return text.encode("utf-8", "replace").decode("utf-8")


def write_gradescope(scores: Sequence[Score], request: ExportRequest) -> Path:
    """Write a `results.json` for each student, or for the one that is asked for.

    Returns:
        The folder; the file when it is one student's.

    Raises:
        ExportError: there is no such student.
    """
    folder = request.output or request.out / "gradescope"
    if request.student is None:
        for score in scores:
            _write(folder / request.folder_name(score.student) / "results.json", score, request)
        return folder
    score = only(scores, request.student)
    path = request.output or folder / request.folder_name(score.student) / "results.json"
    _write(path, score, request)
    return path


def only(scores: Sequence[Score], student: str) -> Score:
    """Return one student's score.

    Raises:
        ExportError: there is no such student.
    """
    for score in scores:
        if score.student == student:
            return score
    raise ExportError(
        f"There is no result of a student {student!r}.",
        f"There are {len(scores)}: {', '.join(repr(score.student) for score in scores[:8])}"
        f"{', …' if len(scores) > 8 else ''}.",
    )


def _write(path: Path, score: Score, request: ExportRequest) -> None:
    """Write one file; the marks go in where all of the student's are to be exported."""
    if request.dry_run:
        return
    marks = score.written if score.maximum > score.result.max_score else ()
    write_export(path, (json.dumps(results_json(score.result, marks), indent=2) + "\n").encode())
