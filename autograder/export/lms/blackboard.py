"""Blackboard's gradebook file: every field quoted, UTF-16 with tabs where it is named .xls, a column's id behind a `|`.

A heading without an id becomes a new column of text that counts nothing, so that none is ever made here.
"""

from __future__ import annotations

import re

from autograder.export.columns import choose_column, header_places, make_person, writes_comma
from autograder.export.numbers import read_number
from autograder.export.records import ExportError, ExportRequest, Key, Person, Worksheet
from autograder.export.table import Table

__all__ = ["read_blackboard"]

_ITEM = re.compile(r"(?P<title>.*?) ?\[[^\[\]:]*: *(?P<rest>[^\[\]]*)\] *\|(?P<id>\d+)", re.DOTALL)
_POINTS = re.compile(r"[\d.,]*\d")
_KINDS: dict[str, Key | None] = {
    "Last Name": "name",
    "First Name": "name",
    "Username": "login",
    "Student ID": "id",
    "Child Course ID": None,
    "Last Access": None,
    "Availability": None,
}
_ORDER: tuple[Key, ...] = ("name", "name", "login", "id")
_NOT_POINTS = ("percentage", "letter", "text", "complete")


def read_blackboard(table: Table, request: ExportRequest) -> Worksheet:
    """Find the assignment's column and the students.

    Raises:
        ExportError: it is no gradebook file of Blackboard's, or none of its columns is the one.
    """
    header = table.values(0) if table.rows else ()
    items = {place: match for place, text in enumerate(header) if (match := _ITEM.fullmatch(text))}
    if len(header) < 3 or not items:
        raise ExportError(
            f"{request.class_list} is no gradebook file of Blackboard's: no heading ends in ] |, and a column's id.",
            "In Blackboard: Grade Center, Work Offline, Download; Ultra: Gradebook, Download.",
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
    who = header_places(header, _KINDS)
    if "login" not in who.values():  # another language: the order is always the same
        who = dict(enumerate(_ORDER[: min(items)]))
    lines = (row for row in range(1, len(table.rows)) if any(table.values(row)))
    return Worksheet(
        table,
        tuple(_person(table, row, who) for row in lines),
        column,
        maximum,
        comma,
        unscored=frozenset({"-", "needs grading", "in progress", "no submission"}),
        notes=notes if shown else (),
    )


def _person(table: Table, row: int, who: dict[int, Key | None]) -> Person:
    """Return a line's student."""
    keys: dict[Key, list[str]] = {"login": [], "id": []}
    names = []
    for place, kind in sorted(who.items()):
        if kind == "name":
            names.append(table.value(row, place))
        elif kind is not None:
            keys[kind].append(table.value(row, place))
    return make_person(table, row, keys, ", ".join(name for name in names if name.strip()))
