"""Add up the assignments of a course for each student, and write them as one table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from autograder.export.numbers import write_number
from autograder.export.records import ExportError, Score
from autograder.texts import guard_formula
from autograder.totals import lowest, percent, weighted_sum

__all__ = ["CourseColumn", "CourseRow", "add_up_course", "check_course", "column_of", "course_csv"]


@dataclass(frozen=True)
class CourseColumn:
    """One assignment of a course.

    Attributes:
        name: the assignment's name.
        points: what each student has, where there is a score.
        maximum: the most that there is without bonus.
        weight: how often these points count in the total.
        why: why there is no score, by student, as the end of a sentence.
    """

    name: str
    points: Mapping[str, float]
    maximum: float
    weight: Fraction = Fraction(1)
    why: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CourseRow:
    """One student of a course.

    Attributes:
        student: who it is.
        points: what there is, by assignment.
        missing: the assignments without a score, which count neither way.
        dropped: the assignments that are left out as the lowest.
        total: what counts, weighted; None where there is nothing.
        out_of: the most that this could have been without bonus.
    """

    student: str
    points: Mapping[str, float]
    missing: tuple[str, ...]
    dropped: tuple[str, ...]
    total: float | None
    out_of: float


def column_of(name: str, scores: Sequence[Score], weight: Fraction) -> CourseColumn:
    """Return an assignment's column."""
    return CourseColumn(
        name=name,
        points={score.student: score.points for score in scores if score.points is not None},
        maximum=max((score.total.maximum for score in scores), default=0.0),
        weight=weight,
        why={score.student: score.why for score in scores if score.points is None},
    )


def check_course(names: Sequence[str], weights: Mapping[str, Fraction], drop: int) -> None:
    """Refuse weights of assignments that aren't there, and to drop all there are.

    Raises:
        ExportError: it is so.
    """
    there = f"There are {', '.join(names)}."
    unknown = [name for name in weights if name not in names]
    if unknown:
        raise ExportError(f"--weights has an assignment of which there are no results: {unknown[0]!r}.", there)
    if drop >= len(names):
        raise ExportError(f"--drop-lowest {drop} would leave nothing of {len(names)} assignments.", there)


def add_up_course(
    columns: Sequence[CourseColumn], students: Sequence[str], *, drop: int = 0, zeros: bool = False
) -> tuple[CourseRow, ...]:
    """Return a row for each student.

    What is missing counts neither as 0 nor in the maximum. The lowest are those with the smallest share of their own
    maximum; one always stays.

    Args:
        columns: the assignments.
        students: who there is, in the order of the rows.
        drop: how many of the lowest are left out.
        zeros: whether who handed in nothing has 0; who waits for a score has none all the same.
    """
    return tuple(_row(student, columns, drop, zeros=zeros) for student in students)


def _row(student: str, columns: Sequence[CourseColumn], drop: int, *, zeros: bool) -> CourseRow:
    """Return one student's row."""
    points = {one.name: one.points[student] for one in columns if student in one.points}
    if zeros:
        points |= {one.name: 0.0 for one in columns if one.name not in points and student not in one.why}
    shares = {one.name: (points[one.name], one.maximum) for one in columns if one.name in points}
    dropped = lowest(shares, drop)
    counted = [one for one in columns if one.name in points and one.name not in dropped]
    return CourseRow(
        student=student,
        points=points,
        missing=tuple(one.name for one in columns if one.name not in points),
        dropped=dropped,
        total=weighted_sum((points[one.name], one.weight) for one in counted) if counted else None,
        out_of=weighted_sum((one.maximum, one.weight) for one in counted),
    )


def course_csv(columns: Sequence[CourseColumn], rows: Sequence[CourseRow], *, comma: bool = False) -> bytes:
    """Return the table in UTF-8; what isn't known is blank, and no 0.

    Args:
        columns: the assignments.
        rows: the students.
        comma: decimals with a comma, and `;` between fields.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";" if comma else ",")
    head = ["student", *(one.name for one in columns), "total", "out_of", "percent", "dropped", "missing"]
    writer.writerow(map(guard_formula, head))
    for row in rows:
        share = None if row.total is None else percent(row.total, row.out_of)
        known = None if row.total is None else row.out_of
        numbers = [*(row.points.get(one.name) for one in columns), row.total, known, share]
        fields = ["" if number is None else write_number(number, comma=comma) for number in numbers]
        names = (guard_formula(" ".join(names)) for names in (row.dropped, row.missing))
        writer.writerow([guard_formula(row.student), *fields, *names])
    return text.getvalue().encode("utf-8", "replace")
