"""Read Blackboard's gradebook file: all fields quoted, UTF-16 with tabs where it is named .xls.

A heading ends in `|` and the column's id. Blackboard makes a column of text that counts nothing of a heading without one:
none is ever made here.
"""

from __future__ import annotations

import re

from autograder.export.columns import choose_column, header_places, read_person, writes_comma
from autograder.export.numbers import read_number
from autograder.export.records import ExportError, ExportRequest, Key, Worksheet
from autograder.export.systems import ClassListSystem
from autograder.export.table import Table

__all__ = ["SYSTEM"]

_DOWNLOAD = "In Blackboard: Grade Center, Work Offline, Download; Ultra: Gradebook, Download."
_ITEM = re.compile(r"(?P<title>.*?) ?\[[^\[\]:]*: *(?P<rest>[^\[\]]*)\] *\|(?P<id>\d+)", re.DOTALL)
_POINTS = re.compile(r"[\d.,]*\d")
_HEADINGS: dict[str, Key | None] = {
    "Last Name": "name",
    "First Name": "name",
    "Username": "login",
    "Student ID": "id",
    "Child Course ID": None,
    "Last Access": None,
    "Availability": None,
}
_COLUMN_ORDER: tuple[Key, ...] = ("name", "name", "login", "id")
"""The first columns in every language."""

_NOT_POINTS = ("percentage", "letter", "text", "complete")


def _read(table: Table, request: ExportRequest, most: float) -> Worksheet:
    """Find the assignment's column and the students."""
    header = table.header
    items = {place: match for place, text in enumerate(header) if (match := _ITEM.fullmatch(text))}
    if len(header) < 3 or not items:
        raise ExportError(
            f"{request.class_list} is no gradebook file of Blackboard's: no heading ends in ] |, and a column's id.",
            _DOWNLOAD,
        )
    column = choose_column(
        {place: item["title"] for place, item in items.items()}, header, request, "the Blackboard file"
    )
    rest = items[column]["rest"]
    number = _POINTS.search(rest)
    comma = writes_comma(table, items, request)
    maximum = read_number(number[0], comma=comma) if number else None
    shown = next((word for word in _NOT_POINTS if word in rest.casefold()), None)
    notes = (f"{header[column]!r} shows {shown} and not points: Blackboard reads what is filled in as such.",)
    who = header_places(header, _HEADINGS)
    if "login" not in who.values():  # another language
        who = dict(enumerate(_COLUMN_ORDER[: min(items)]))
    return Worksheet(
        table,
        tuple(read_person(table, row, who) for row in table.lines()),
        column,
        maximum,
        comma,
        unscored=frozenset({"-", "needs grading", "in progress", "no submission"}),
        notes=notes if shown else (),
    )


SYSTEM = ClassListSystem(name="blackboard", title="Blackboard", download=_DOWNLOAD, read=_read)
