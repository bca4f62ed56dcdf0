"""Read Canvas's gradebook file: headings with title and id, points possible, a line a student.

The importer (canvas-lms, lib/gradebook_importer.rb) makes an assignment of each heading that it doesn't know.
It skips columns whose points are "(read only)", and the line that says "Manual Posting".
"""

from __future__ import annotations

import re

from autograder.export.columns import choose_column, header_places, read_person, same_title, writes_comma
from autograder.export.numbers import read_number, write_number
from autograder.export.records import ExportError, ExportRequest, Key, Worksheet
from autograder.export.systems import CLASS_LIST_OPTIONS, ClassListSystem
from autograder.export.table import Table
from autograder.texts import guard_formula

__all__ = ["SYSTEM"]

_DOWNLOAD = "In Canvas: Grades, Export, Export Entire Gradebook."
_TITLED = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)", re.DOTALL)
_HEADINGS: dict[str, Key | None] = {
    "Student": "name",
    "LastName": "name",
    "FirstName": "name",
    "ID": "number",
    "SIS User ID": "id",
    "SIS Login ID": "login",
    "Integration ID": "id",
    "Root Account": None,
    "Section": None,
}
_POINTS_ROW = "points possible"


def _read(table: Table, request: ExportRequest, most: float) -> Worksheet:
    """Find the assignment's column and the students."""
    header = table.header
    if not _is_header(header):
        raise ExportError(
            f"{request.class_list} is no gradebook file of Canvas's: its first line has to begin with Student, ID.",
            _DOWNLOAD,
        )
    who = header_places(header, _HEADINGS)
    points = next((row for row in range(1, len(table.rows)) if _POINTS_ROW in table.value(row, 0).casefold()), None)
    if request.new_column:
        table, column = _add_column(table, request, points, most)
    else:
        column = _existing_column(table, request, points, header)
    # The lines of points and of posting, and blank ones, have no id.
    ids = [place for place, kind in who.items() if kind in ("number", "id", "login")]
    students = (row for row in table.lines() if any(table.value(row, place).strip() for place in ids))
    people = tuple(read_person(table, row, who) for row in students)
    comma = writes_comma(table, (place for place, text in enumerate(header) if _TITLED.fullmatch(text)), request)
    maximum = None if points is None else read_number(table.value(points, column), comma=comma)
    return Worksheet(table, people, column, maximum, comma)


def _is_header(header: tuple[str, ...]) -> bool:
    """Tell what the importer asks of the first line."""
    if len(header) > 4 and "LastName" in header[0]:
        return "FirstName" in header[1] and "ID" in header[2]
    return len(header) > 3 and "Student" in header[0] and "ID" in header[1]


def _existing_column(table: Table, request: ExportRequest, points: int | None, header: tuple[str, ...]) -> int:
    """Return the column that has the title, and an id: without one Canvas would make a new assignment."""
    titles = {place: match["title"] for place, text in enumerate(header) if (match := _TITLED.fullmatch(text))}
    ids = [place for place in titles if request.column and header[place].endswith(f" ({request.column})")]
    column = ids[0] if ids else choose_column(titles, header, request, "the Canvas file")
    possible = "" if points is None else table.value(points, column).strip()
    if possible and read_number(possible, comma=False) is None:
        raise ExportError(
            f"Canvas takes no scores in {header[column]!r}: its points possible are {possible!r}.",
            "Give another column with --column.",
        )
    return column


def _add_column(table: Table, request: ExportRequest, points: int | None, most: float) -> tuple[Table, int]:
    """Return the table with a column more: Canvas asks about it, and makes the assignment."""
    title, header = request.column or request.title, table.values(0)
    if any(same_title(title, text) or same_title(title, re.sub(r" \(\d+\)\Z", "", text)) for text in header):
        raise ExportError(f"The Canvas file has a column titled {title!r} already.", "Leave out --new-column.")
    column = len(header)
    values = {(row, column): "" for row, line in enumerate(table.rows) if any(line.fields)}
    values[0, column] = guard_formula(title)
    if points is not None:
        values[points, column] = write_number(most, comma=False)
    return table.filled(values), column


SYSTEM = ClassListSystem(
    name="canvas", title="Canvas", download=_DOWNLOAD, read=_read, options=(*CLASS_LIST_OPTIONS, "new_column")
)
