"""Count each student's score: the machine's checks, a person's corrections, and the written answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from autograder.export.records import ExportError, Late, Score
from autograder.model import CheckResult, Mark, SubmissionResult
from autograder.totals import exact_sum, late_penalty, subtract, total_of

__all__ = ["corrected", "count_scores", "most_of"]

_UNGRADED = ("unreadable", "wrong_assignment")
Marks = Mapping[str, tuple[Mark, ...]]


def corrected(result: SubmissionResult, overrides: Sequence[Mark]) -> SubmissionResult:
    """Return a result with the scores that a person gave in place of the machine's."""
    scores = {mark.name: mark.score for mark in overrides if mark.score is not None}
    checks = tuple(_corrected(check, scores.get(check.name)) for check in result.checks)
    more = (subtract(new.score, old.score) for new, old in zip(checks, result.checks, strict=True))
    return replace(result, checks=checks, score=exact_sum((result.score, *more)))


def _corrected(check: CheckResult, score: float | None) -> CheckResult:
    """Return a check with a person's score."""
    if score is None:
        return check
    return replace(check, score=score, status="passed" if score >= check.max_score else "failed")


def count_scores(
    results: Sequence[SubmissionResult],
    marks: Marks,
    overrides: Marks,
    which: Literal["machine", "all"] | None,
    late: Late = "apply",
    *,
    missing: bool = False,
) -> tuple[tuple[Score, ...], tuple[str, ...]]:
    """Return each student's score, and sentences on how it was counted.

    Args:
        results: of one assignment.
        marks: the written answers, by student.
        overrides: the tests that a person scored, by student.
        which: "machine" for the tests alone, "all" for tests and written answers; None for all when every written
            answer of the class is marked, and else for the tests alone.
        late: what becomes of the points that late work loses.
        missing: whether a hand-in in which nothing could be graded is 0, and no blank.

    Raises:
        ExportError: all is requested, and the gradebook knows no written answers.
    """
    if which == "all" and not any(marks.values()):
        raise ExportError(
            "The gradebook holds no written answers, so there is nothing to add to the machine's scores.",
            "Leave out `--scores all`, or see that OUT holds the gradebook.db of this class.",
        )
    graded = [result for result in results if not _has_nothing(result, marks, overrides)]
    open_ = [result.student for result in graded if _open(marks.get(result.student))]
    chosen = which or ("machine" if open_ else "all")
    scores = tuple(
        _ungraded(one, marks.get(one.student, ()), missing=missing)
        if _has_nothing(one, marks, overrides)
        else _score(corrected(one, overrides.get(one.student, ())), marks.get(one.student, ()), chosen, late)
        for one in results
    )
    notes = _notes(scores, marks, overrides, chosen, automatic=which is None)
    return scores, (*notes, *_late_notes(scores, late))


def _has_nothing(result: SubmissionResult, marks: Marks, overrides: Marks) -> bool:
    """Return whether nothing that was handed in could be graded, and no person gave points for it."""
    by_people = any(mark.typed is not None for mark in marks.get(result.student, ()))
    return result.status in _UNGRADED and not by_people and result.student not in overrides


def _ungraded(result: SubmissionResult, marks: tuple[Mark, ...], *, missing: bool) -> Score:
    """Return the score of such a hand-in: none, or 0 on request."""
    why = "nothing that was handed in could be graded: ask for another file, or use --missing 0"
    return Score(result, marks, 0.0) if missing else Score(result, marks, None, (), why)


def _open(marks: tuple[Mark, ...] | None) -> bool:
    """Return whether a student has an answer that nobody has marked, or no written answers at all."""
    return not marks or any(mark.score is None for mark in marks)


def _score(result: SubmissionResult, marks: tuple[Mark, ...], which: str, late: Late) -> Score:
    """Return one student's score."""
    broken = [check.name for check in result.checks if check.status == "error"]
    counted, why = (marks if which == "all" else ()), ""
    if which == "all":
        unmarked = [mark.name for mark in marks if mark.score is None] if marks else ["all of them"]
        why = f"written answers that nobody has marked: {', '.join(unmarked)}" if unmarked else ""
    if broken:
        why = f"the grader itself failed at {', '.join(broken)}: give the score in the gradebook, then export again"
    points = None if why else exact_sum((result.score, *(mark.score or 0.0 for mark in counted)))
    penalty = 0.0 if why or late == "ignore" else late_penalty(total_of(result, counted), result.late)
    taken_off = late == "apply" and penalty > 0
    if points is not None and taken_off:
        points = subtract(points, penalty)
    return Score(result, marks, points, counted, why, penalty, taken_off)


def most_of(scores: Sequence[Score]) -> str:
    """Return how many points the students can have, such as "20, and 10 of bonus"."""
    totals = [score.total for score in scores]
    bonus = max((total.max_bonus for total in totals), default=0.0)
    return f"{max((total.maximum for total in totals), default=0.0):g}" + (f", and {bonus:g} of bonus" if bonus else "")


def _late_notes(scores: Sequence[Score], late: Late) -> list[str]:
    """Return who loses how much by being late, each a line, below what becomes of it."""
    lines = [f"  {score.student}: {score.late_sentence}" for score in scores if score.penalty]
    if not lines:
        return []
    if late == "apply":
        return [
            f"Late, and taken off: {len(lines)}. Where the LMS takes off by itself, use --late show or ignore.",
            *lines,
        ]
    return [f"Late, and not taken off: {len(lines)}", *lines]


def _notes(scores: Sequence[Score], marks: Marks, overrides: Marks, which: str, *, automatic: bool) -> list[str]:
    """Return sentences on how scores were counted; `automatic` where nobody chose it."""
    what = "the machine's checks and the written answers" if which == "all" else "the machine's checks alone"
    notes = [f"Scores count {what}, up to {most_of(scores)}."]
    if automatic and which == "machine" and any(marks.values()):
        unmarked = sum(_open(marks.get(score.student)) for score in scores)
        notes.append(
            f"{unmarked} of {len(scores)} students have written answers that nobody has marked. "
            "`--scores all` adds the written answers, and leaves those students out."
        )
    touched = sum(score.student in overrides for score in scores)
    if touched:
        notes.append(f"Students with a check that a person scored in the gradebook, whose score counts: {touched}.")
    return notes
