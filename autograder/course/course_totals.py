"""Write one table of all assignments that a folder holds, with each student's total."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from autograder.export.course import CourseColumn, CourseRow, add_up_course, check_course, column_of, course_csv
from autograder.export.files import write_export
from autograder.export.records import ExportError, Late
from autograder.export.roster import read_roster
from autograder.export.scores import count_scores
from autograder.grade.gradebook.read import read_marks, read_overrides
from autograder.graded_folder import assignments_of, results_of
from autograder.late_work import late_work
from autograder.texts import printable

__all__ = ["CourseRequest", "export_course"]


@dataclass(frozen=True)
class CourseRequest:
    """What is to be added up, and how.

    Attributes:
        out: the folder that `grade` wrote.
        root: the folder that holds `source/`, where it is at hand.
        weights: how often each assignment's points count; once where nothing is said.
        drop_lowest: how many of each student's lowest assignments are left out.
        zeros: whether who handed in nothing, or nothing that could be graded, has 0.
        scores: as `export --lms` has it.
        late: as `export --lms` has it.
        class_list: tells who is who where an LMS names a student otherwise in each assignment, and who there is.
        output: the file to write; None for `course.csv` in `out`.
        comma: whether decimals have a comma.
        dry_run: say what would be written, and write nothing.
    """

    out: Path
    root: Path
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    drop_lowest: int = 0
    zeros: bool = False
    scores: Literal["machine", "all"] | None = None
    late: Late = "apply"
    class_list: Path | None = None
    output: Path | None = None
    comma: bool = False
    dry_run: bool = False


def export_course(request: CourseRequest) -> tuple[str, ...]:
    """Write the table, and return what a person should know, a line at a time.

    Raises:
        AutograderError: it was called wrongly, or a file is not what it has to be. Nothing was written then.
    """
    names = assignments_of(request.out)
    if not names:
        raise ExportError(
            f"{request.out} holds no results.", "Give the folder that `autograder grade` wrote with --out."
        )
    check_course(names, request.weights, request.drop_lowest)
    columns, notes = list[CourseColumn](), list[str]()
    for name in names:
        column, own = _column(request, name)
        columns.append(column)
        notes += [f"{name}: {note}" for note in own]
    columns, students, told = _who_is_who(request, columns)
    rows = add_up_course(columns, students, drop=request.drop_lowest, zeros=request.zeros)
    path = request.output or request.out / "course.csv"
    if not request.dry_run:
        write_export(path, course_csv(columns, rows, comma=request.comma))
    what = f"{_many(len(rows), 'student')}, {_many(len(names), 'assignment')}"
    first = f"Would write the totals of {what}." if request.dry_run else f"{what}: {path}"
    return tuple(map(printable, (first, *notes, *told, *_missing(columns, rows))))


def _column(request: CourseRequest, name: str) -> tuple[CourseColumn, tuple[str, ...]]:
    """Return an assignment's column, and sentences on how it was counted."""
    book = request.out / "gradebook.db"
    work = late_work(request.out, name, results_of(request.out, name), request.root)
    marks = read_marks(book, name)
    scores, notes = count_scores(
        work.results,
        marks,
        read_overrides(book, name),
        request.scores if any(marks.values()) else None,  # a course may have an assignment without words
        request.late,
        missing=request.zeros,
    )
    late = () if request.late == "ignore" else work.notes
    return column_of(name, scores, request.weights.get(name, Fraction(1))), (*notes, *late)


def _who_is_who(
    request: CourseRequest, columns: list[CourseColumn]
) -> tuple[list[CourseColumn], list[str], tuple[str, ...]]:
    """Return the columns by row, the rows, and whom the class list doesn't know.

    Without a list, each id is a row.
    """
    if request.class_list is None:
        students = {student for one in columns for student in (*one.points, *one.why)}
        return columns, sorted(students), ()
    roster, named, notes = read_roster(request.class_list), list[CourseColumn](), list[str]()
    labels = {person.row: person.label for person in roster.people}
    if len(set(labels.values())) < len(labels):
        labels = {row: f"{label} (line {row + 1})" for row, label in labels.items()}
    strangers = set[str]()
    for one in columns:
        rows, unmatched = roster.rows([*one.points, *one.why])
        names = {student: labels[row] for student, row in rows.items()}
        strangers |= {student for student, _ in unmatched}
        notes += [f"{one.name}: {student} {why}, and has a row apart." for student, why in unmatched]
        points = {names.get(student, student): value for student, value in one.points.items()}
        named.append(replace(one, points=points, why={names.get(who, who): why for who, why in one.why.items()}))
    return named, [*labels.values(), *sorted(strangers)], tuple(notes)


def _missing(columns: Sequence[CourseColumn], rows: Sequence[CourseRow]) -> Iterator[str]:
    """Yield what has no score, so that it counts neither way."""
    lines = [
        f"  {row.student}, {one.name}: {one.why.get(row.student, 'nothing was handed in')}."
        for one in columns
        for row in rows
        if one.name in row.missing
    ]
    if lines:
        yield f"Without a score, so that it counts neither way: {len(lines)}. --missing 0 gives 0 for what wasn't handed in."
        yield from lines


def _many(count: int, what: str) -> str:
    """Return a number of things."""
    return f"{count} {what}{'' if count == 1 else 's'}"
