"""Decide which fields of a class list are filled, and which stay as they are."""

from __future__ import annotations

import html
from collections.abc import Sequence

from autograder.export.match_students import Match
from autograder.export.numbers import DECIMALS, read_number, write_number
from autograder.export.records import ExportRequest, FieldChange, Omission, Person, Score, Worksheet
from autograder.model import has_written
from autograder.texts import guard_formula

__all__ = ["plan_changes", "plan_zeros", "summarise"]

MAX_SUMMARY_CHARACTERS = 1500
"""What a person reads in a table's cell."""

_EXCUSES = {"ex": "is excused", "excused": "is excused", "n/a": "isn't asked to do it"}
"""What stands in a field instead of a score, and is never replaced."""


def plan_changes(
    sheet: Worksheet, matches: Sequence[Match], scores: Sequence[Score], request: ExportRequest
) -> tuple[tuple[FieldChange, ...], tuple[str, ...], tuple[Omission, ...]]:
    """Decide about each student who has a row.

    A field is filled where it has no score. A score that differs is replaced only on request. No field is ever emptied.

    Returns:
        The changes; the students whose score is there already; and those whose row stays, with the reason.
    """
    by_student = {score.student: score for score in scores}
    changes: list[FieldChange] = []
    same, kept = [], []
    for match in matches:
        decision = _decide(sheet, match, by_student[match.student], request)
        if isinstance(decision, Omission):
            kept.append(decision)
            continue
        changes += decision
        if not any(change.column == sheet.column for change in decision):
            same.append(match.student)
    return tuple(changes), tuple(same), tuple(kept)


def plan_zeros(sheet: Worksheet, people: Sequence[Person], unmatched: Sequence[Omission]) -> tuple[FieldChange, ...]:
    """Return the fields that become 0 for who handed in nothing: those that have no score, and may have one.

    As long as a result belongs to no row, nobody knows whose it is: then no row is said to have none.
    """
    if any(not one.rows for one in unmatched):
        return ()
    free = {"", *sheet.unscored}
    fields = ((person, sheet.table.value(person.row, sheet.column)) for person in people if not person.locked)
    return tuple(
        FieldChange("", person.label, person.row, sheet.column, old, write_number(0.0, comma=sheet.comma))
        for person, old in fields
        if old.strip().casefold() in free
    )


def _decide(sheet: Worksheet, match: Match, score: Score, request: ExportRequest) -> list[FieldChange] | Omission:
    """Return what changes in one row, or why nothing does."""
    if match.person.locked or score.points is None:
        return Omission(match.student, match.person.locked or score.why)
    points = _points(score, sheet, request)
    if sheet.strict and sheet.maximum is not None and points > sheet.maximum:
        reason = f"{points:g} is above the column's maximum of {sheet.maximum:g}, which the LMS refuses"
        advice = "use --cap, or raise the maximum there" if score.total.bonus else "use --cap or --scale"
        return Omission(match.student, f"{reason}: {advice}")
    old = sheet.table.value(match.person.row, sheet.column)
    old_points = read_number(old, comma=sheet.comma)
    if (objection := _reason_to_keep(old, old_points, points, sheet, request)) is not None:
        return Omission(match.student, objection)
    feedback = _feedback(sheet, match, score, request)
    if _equal(old_points, points):
        return feedback
    new = write_number(points, comma=sheet.comma)
    return [FieldChange(match.student, match.person.label, match.person.row, sheet.column, old, new), *feedback]


def _points(score: Score, sheet: Worksheet, request: ExportRequest) -> float:
    """Return the number to write, scaled or cut to the column's maximum on request."""
    points = score.points or 0.0
    maximum = score.total.maximum
    if request.scale and sheet.maximum and maximum:
        points *= sheet.maximum / maximum
    return min(points, sheet.maximum) if request.cap and sheet.maximum is not None else points


def _equal(old: float | None, points: float) -> bool:
    """Return whether two scores are equal to the decimals that an LMS shows."""
    return old is not None and round(old, DECIMALS) == round(points, DECIMALS)


def _reason_to_keep(
    old: str, old_points: float | None, points: float, sheet: Worksheet, request: ExportRequest
) -> str | None:
    """Return why a field is not filled; None when it may be."""
    text = old.strip().casefold()
    if text in _EXCUSES:
        return f"{_EXCUSES[text]} ({old.strip()!r})"
    if not text or text in sheet.unscored or request.replace or _equal(old_points, points):
        return None
    return f"has {old.strip()!r} already, and {points:g} now: --replace takes the new one"


def _feedback(sheet: Worksheet, match: Match, score: Score, request: ExportRequest) -> list[FieldChange]:
    """Return the change of the column of comments; --replace alone replaces a comment."""
    if not request.feedback or sheet.feedback is None:
        return []
    old = sheet.table.value(match.person.row, sheet.feedback)
    new = guard_formula(html.escape(summarise(score), quote=False))
    if old == new or (old.strip() and not request.replace):
        return []
    return [FieldChange(match.student, match.person.label, match.person.row, sheet.feedback, old, new)]


def summarise(score: Score) -> str:
    """Return the points and what cost some, in one line of plain text."""
    result = score.result
    lines = [f"{score.total} points.", score.late_sentence]
    if result.status != "graded":
        lines.append(f"Stopped: {result.status.replace('_', ' ')}. {result.message or ''}")
    if left_out := result.not_answered(wrote=has_written(score.written)):
        lines.append(f"{left_out[:1].upper()}{left_out[1:]}.")
    costly = (check for check in result.begun_checks if check.score < check.max_score)
    lines += [f"{check.name}: {check.score:g} of {check.max_score:g}. {check.message or ''}" for check in costly]
    lines += [f"{mark.name}: {mark.score or 0:g} of {mark.max_score:g}. {mark.comment}" for mark in score.counted]
    text = " ".join(" ".join(lines).split())
    return text if len(text) <= MAX_SUMMARY_CHARACTERS else f"{text[:MAX_SUMMARY_CHARACTERS]}…"
