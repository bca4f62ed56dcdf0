"""The plain CSV: one line a student, for a spreadsheet or for an LMS that nobody here knows."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from autograder.export.numbers import write_number
from autograder.export.records import Score
from autograder.texts import guard_formula

__all__ = ["csv_bytes"]


def csv_bytes(scores: Sequence[Score], *, comma: bool = False) -> bytes:
    """Return the class as CSV in UTF-8, sorted by student.

    Args:
        scores: of one assignment.
        comma: decimals with a comma, and `;` between fields.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if comma else ",")
    names = list(dict.fromkeys(mark.name for score in scores for mark in score.written))
    head = ["student", "assignment", "status", "score", "max_score", "machine", *names, "message"]
    writer.writerow(map(guard_formula, head))
    for score in sorted(scores, key=lambda score: score.student):
        writer.writerow(_row(score, names, comma=comma))
    return text.getvalue().encode("utf-8", "replace")


def _row(score: Score, names: Sequence[str], *, comma: bool) -> list[str]:
    """Return one student's cells. What is not known is blank, and no 0."""
    marks = {mark.name: mark.score for mark in score.written}
    numbers = [score.points, score.maximum, score.result.score, *(marks.get(name) for name in names)]
    told = ["" if number is None else write_number(number, comma=comma) for number in numbers]
    who = [score.student, score.result.assignment, score.result.status]
    return [*map(guard_formula, who), *told, guard_formula(score.why or score.result.message or "")]
