"""Brightspace's (D2L's) grades file: ids with a `#` before them, and a last column that marks the line's end."""

from __future__ import annotations

import re

from autograder.export.columns import choose_column, header_places, make_person, writes_comma
from autograder.export.numbers import read_number
from autograder.export.records import ExportError, ExportRequest, Key, Person, Worksheet
from autograder.export.table import Table

__all__ = ["read_d2l"]

_ITEM = re.compile(r"(?P<title>.*) Points Grade(?: <(?P<about>.*)>)?", re.DOTALL)
_MAXIMUM = re.compile(r"MaxPoints: *(?P<points>[\d.,]*\d)")
_END = "end-of-line indicator"
_WHO: dict[str, Key | None] = {
    "OrgDefinedId": "number",
    "Username": "login",
    "Last Name": "name",
    "First Name": "name",
    "Email": "email",
    "Sections": None,
}


def read_d2l(table: Table, request: ExportRequest) -> Worksheet:
    """Find the assignment's column and the students.

    Raises:
        ExportError: it is no grades file of Brightspace's, or none of its columns is the one.
    """
    header = table.values(0) if table.rows else ()
    who = header_places(header, _WHO)
    if not {"number", "login"} & set(who.values()) or _END not in {text.strip().casefold() for text in header}:
        raise ExportError(
            f"{request.class_list} is no grades file of Brightspace's: OrgDefinedId or Username is missing, or "
            "End-of-Line Indicator.",
            "In Brightspace: Grades, Enter Grades, Export; Key Field Both, Grade Values Points Grade.",
        )
    items = {place: match for place, text in enumerate(header) if (match := _ITEM.fullmatch(text.strip()))}
    column = choose_column(
        {place: item["title"] for place, item in items.items()}, header, request, "the Brightspace file"
    )
    about = _MAXIMUM.search(items[column]["about"] or "")
    comma = writes_comma(table, items, request)
    maximum = read_number(about["points"], comma=comma) if about else None
    lines = (row for row in range(1, len(table.rows)) if any(table.values(row)))
    return Worksheet(table, tuple(_person(table, row, who) for row in lines), column, maximum, comma)


def _person(table: Table, row: int, who: dict[int, Key | None]) -> Person:
    """Return a line's student."""
    keys: dict[Key, list[str]] = {"number": [], "login": [], "email": []}
    names: dict[str, str] = {}
    header = table.values(0)
    for place, kind in who.items():
        if kind == "name":
            names[header[place].strip().casefold()] = table.value(row, place)
        elif kind is not None:
            keys[kind].append(table.value(row, place))
    told = [names.get("last name", ""), names.get("first name", "")]
    return make_person(table, row, keys, ", ".join(name for name in told if name.strip()))
