"""Write plain CSV: one line a student, for a spreadsheet or for an LMS that has no module here."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from autograder.export.files import write_export
from autograder.export.numbers import write_number
from autograder.export.records import ExportRequest, Score
from autograder.export.systems import NewFilesSystem
from autograder.texts import guard_formula

__all__ = ["SYSTEM", "csv_bytes"]


def csv_bytes(scores: Sequence[Score], *, comma: bool = False) -> bytes:
    """Return the class as CSV in UTF-8, sorted by student.

    Args:
        scores: of one assignment.
        comma: decimals with a comma, and `;` between fields.

    Returns:
        The file. `score` has the bonus in it, `max_score` hasn't. `late_penalty` is what being late costs.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if comma else ",")
    names = list(dict.fromkeys(mark.name for score in scores for mark in score.written))
    head = ["student", "assignment", "status", "score", "max_score", "bonus", "max_bonus", "machine", *names]
    head += ["late_penalty", "message"]
    writer.writerow(map(guard_formula, head))
    for score in sorted(scores, key=lambda score: score.student):
        writer.writerow(_row(score, names, comma=comma))
    return text.getvalue().encode("utf-8", "replace")


def _row(score: Score, names: Sequence[str], *, comma: bool) -> list[str]:
    """Return one student's cells. What is not known is blank, and no 0."""
    marks = {mark.name: mark.score for mark in score.written}
    total = score.total
    bonus = None if score.points is None else total.bonus
    numbers: list[float | None] = [score.points, total.maximum, bonus, total.max_bonus, score.result.score]
    numbers += [*(marks.get(name) for name in names), score.penalty or None]
    fields = ["" if number is None else write_number(number, comma=comma) for number in numbers]
    who = [score.student, score.result.assignment, score.result.status]
    return [*map(guard_formula, who), *fields, guard_formula(score.why or score.result.message or "")]


def _write(scores: Sequence[Score], request: ExportRequest) -> Path:
    """Write the class's file, and return where it lies."""
    path = request.output or request.out / f"scores{request.suffix}.csv"
    if not request.dry_run:
        write_export(path, csv_bytes(scores, comma=request.decimal == "comma"))
    return path


SYSTEM = NewFilesSystem(name="csv", title="a spreadsheet, or another system", write=_write, options=("decimal",))
