"""Read Brightspace's (D2L's) grades file: a `#` before each id, and a last column for the line's end."""

from __future__ import annotations

import re

from autograder.export.columns import choose_column, header_places, read_person, writes_comma
from autograder.export.numbers import read_number
from autograder.export.records import ExportError, ExportRequest, Key, Worksheet
from autograder.export.systems import ClassListSystem
from autograder.export.table import Table

__all__ = ["SYSTEM"]

_DOWNLOAD = "In Brightspace: Grades, Enter Grades, Export; Key Field Both, Grade Values Points Grade."
_ITEM = re.compile(r"(?P<title>.*) Points Grade(?: <(?P<about>.*)>)?", re.DOTALL)
_MAX_POINTS = re.compile(r"MaxPoints: *(?P<points>[\d.,]*\d)")
_LAST_HEADING = "end-of-line indicator"
_HEADINGS: dict[str, Key | None] = {
    "OrgDefinedId": "number",
    "Username": "login",
    "Last Name": "name",
    "First Name": "name",
    "Email": "email",
    "Sections": None,
}


def _read(table: Table, request: ExportRequest, most: float) -> Worksheet:
    """Find the assignment's column and the students."""
    header = table.header
    who = header_places(header, _HEADINGS)
    if not {"number", "login"} & set(who.values()) or _LAST_HEADING not in {text.strip().casefold() for text in header}:
        raise ExportError(
            f"{request.class_list} is no grades file of Brightspace's: OrgDefinedId or Username is missing, or "
            "End-of-Line Indicator.",
            _DOWNLOAD,
        )
    items = {place: match for place, text in enumerate(header) if (match := _ITEM.fullmatch(text.strip()))}
    column = choose_column(
        {place: item["title"] for place, item in items.items()}, header, request, "the Brightspace file"
    )
    about = _MAX_POINTS.search(items[column]["about"] or "")
    comma = writes_comma(table, items, request)
    maximum = read_number(about["points"], comma=comma) if about else None
    people = tuple(read_person(table, row, who) for row in table.lines())
    return Worksheet(table, people, column, maximum, comma)


SYSTEM = ClassListSystem(name="d2l", title="Brightspace (D2L)", download=_DOWNLOAD, read=_read)
