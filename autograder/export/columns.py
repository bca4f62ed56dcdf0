"""Find the column of an assignment, and the columns that name students."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from autograder.export.match_students import fold, name_forms, name_words
from autograder.export.numbers import uses_comma
from autograder.export.records import ExportError, ExportRequest, Key, Person
from autograder.export.table import Table

__all__ = ["choose_column", "header_places", "make_person", "read_person", "same_title", "writes_comma"]


def same_title(title: str, other: str) -> bool:
    """Return whether two titles are the same but for case and spaces."""
    return _plain(title) == _plain(other)


def _plain(title: str) -> str:
    """Return a title without case and needless spaces."""
    return " ".join(unicodedata.normalize("NFC", title).replace("_", " ").casefold().split())


def header_places(header: Sequence[str], kinds: Mapping[str, Key | None]) -> dict[int, Key | None]:
    """Return the columns with these headings, each with what it holds, in the headings' order."""
    columns = [
        (column, heading) for heading in kinds for column, text in enumerate(header) if same_title(text, heading)
    ]
    return {column: kinds[heading] for column, heading in columns}


def writes_comma(table: Table, places: Iterable[int], request: ExportRequest) -> bool:
    """Return whether decimals are written with a comma: on request, or as the columns of scores have them."""
    if request.decimal is not None:
        return request.decimal == "comma"
    return uses_comma((field for place in places for field in table.column(place)), table.delimiter)


def read_person(table: Table, row: int, places: Mapping[int, Key | None], between: str = ", ") -> Person:
    """Return a row's student by what `header_places` gives; a login with an @ is an address too.

    `between` parts the names where several columns have them.
    """
    keys: dict[Key, list[str]] = {}
    for column, kind in places.items():
        if kind is not None:
            keys.setdefault(kind, []).append(table.value(row, column))
    keys.setdefault("email", []).extend(login for login in keys.get("login", ()) if "@" in login)
    return make_person(table, row, keys, between.join(filter(None, map(str.strip, keys.pop("name", [])))))


def make_person(
    table: Table, row: int, keys: Mapping[Key, Iterable[str]], name: str, *, locked: str = "", also: Iterable[str] = ()
) -> Person:
    """Return a row's student.

    Args:
        table: the class list.
        row: the row's number, from 0.
        keys: what the fields say that name the student, by kind; blank ones are left out.
        name: the student's name.
        locked: why the row may not be filled.
        also: words that a downloaded file may have in place of the name.
    """
    folded: dict[Key, frozenset[str]] = {
        kind: frozenset(filter(None, map(fold, texts))) for kind, texts in keys.items()
    }
    label = name.strip() or next((text for texts in keys.values() for text in texts if text.strip()), f"line {row + 1}")
    words = frozenset(name_words(name))
    return Person(row, label, folded | {"name": name_forms(name)}, words and words | frozenset(also), locked)


def choose_column(titles: Mapping[int, str], header: Sequence[str], request: ExportRequest, where: str) -> int:
    """Return the column to fill: the requested one, or the one with the assignment's title or name.

    Args:
        titles: the title of each column that takes scores, without what the LMS writes around it.
        header: the whole first line.
        request: which column is requested.
        where: whose columns they are, for messages.

    Raises:
        ExportError: none fits, or several do.
    """
    assignments = {result.assignment for result in request.results}
    names = [request.column] if request.column else [request.title, *assignments]
    for name in names:
        fitting = [place for place in titles if header[place] == name] or [
            place for place, text in titles.items() if same_title(text, name) or same_title(header[place], name)
        ]
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            there = ", ".join(repr(header[place]) for place in fitting)
            raise ExportError(
                f"{len(fitting)} columns are titled {name!r}: {there}.", "Give one's heading to --column."
            )
    there = ", ".join(repr(header[place]) for place in titles) or "none"
    raise ExportError(
        f"No column of {where} is titled {names[0]!r}; those that take scores are: {there}.",
        "Give a title with --column; where the assignment isn't in the LMS yet, make it there and download again.",
    )
