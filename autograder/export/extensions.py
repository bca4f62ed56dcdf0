"""Read who has longer than the class: a CSV with the columns `student` and `until`.

Students are matched as in a class list, by id, address or name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

from autograder.export.columns import header_places, make_person
from autograder.export.exports import read_class_list
from autograder.export.match_students import fold, match_students
from autograder.export.records import ExportError, Key, Person
from autograder.export.table import Table, parse_table
from autograder.lateness import by_clock
from autograder.model import Deadline, ExtensionMatch

__all__ = ["ExtensionList", "read_extensions"]

_TIP = "Give a CSV with the columns student and until, such as `ada,2026-03-08 23:59`."
_EXPECTED = "expected: a date and a time such as 2026-03-08 23:59, with an offset such as +01:00 where it has one"
_YEARS = range(2000, 2100)
_END_OF_DAY = time(23, 59, 59)


@dataclass(frozen=True)
class ExtensionList:
    """Those who have longer.

    Attributes:
        people: one for each line.
        until: the moment that each line names, by its row.
    """

    people: tuple[Person, ...]
    until: Mapping[int, datetime]

    def match(self, students: Iterable[str]) -> ExtensionMatch:
        """Find each student's line, as `export` does; what fits nobody, or several, is told and extends nothing."""
        matches, unmatched = match_students([*students], self.people)
        unclear = [one for one in unmatched if one.rows]
        there = {match.person.row for match in matches} | {row for one in unclear for row in one.rows}
        nobody = [
            f"Line {person.row + 1} of the extensions is about {person.label!r}, and nothing of theirs is here."
            for person in self.people
            if person.row not in there
        ]
        doubts = [f"{one.who!r} has no extension: in the list of them it {one.why}." for one in unclear]
        return ExtensionMatch({one.student: self.until[one.person.row] for one in matches}, (*nobody, *doubts))


def read_extensions(path: Path, deadline: Deadline) -> ExtensionList:
    """Return the lines of a list of extensions.

    A time without an offset is of the deadline's time zone, and a date alone means the end of that day.

    Raises:
        ExportError: it can't be read, or has mistakes, which are all listed.
    """
    try:
        table = parse_table(read_class_list(path))
    except ExportError as error:
        raise ExportError(error.message, _TIP) from error
    headings: dict[str, Key | None] = {"student": "name", "until": None}
    places = {kind or "until": place for place, kind in header_places(table.header, headings).items()}
    if len(places) != len(headings):
        raise ExportError(f"{path} has no column headed student, or none headed until.", _TIP)
    rows = {
        row: (table.value(row, places["name"]).strip(), _moment(table, row, places["until"])) for row in table.lines()
    }
    if mistakes := _mistakes(rows, table, places["until"]):
        listed = "".join(f"\n  line {row + 1}: {why}." for row, why in mistakes)
        raise ExportError(f"{path} has {'a mistake' if len(mistakes) == 1 else 'mistakes'}:{listed}", _TIP)
    until = {row: by_clock(moment, deadline) for row, (_, moment) in rows.items() if moment is not None}
    return ExtensionList(tuple(_person(table, row, who) for row, (who, _) in rows.items()), until)


def _moment(table: Table, row: int, column: int) -> datetime | None:
    """Return the moment that a line names; None where it names none."""
    text = table.value(row, column).strip()
    try:
        moment = datetime.combine(date.fromisoformat(text), _END_OF_DAY)
    except ValueError:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
    return moment if moment.year in _YEARS else None


def _mistakes(rows: Mapping[int, tuple[str, datetime | None]], table: Table, column: int) -> list[tuple[int, str]]:
    """Return each line that is wrong, and why."""
    mistakes, first = [], dict[str, int]()
    for row, (who, moment) in rows.items():
        if not who:
            mistakes.append((row, "names no student"))
        elif (before := first.setdefault(fold(who), row)) != row:
            mistakes.append((row, f"names {who!r}, as line {before + 1} does"))
        if moment is None:
            mistakes.append((row, f"`until` is {table.value(row, column)!r}; {_EXPECTED}"))
    return mistakes


def _person(table: Table, row: int, who: str) -> Person:
    """Return a line's student: whatever id the line has; digits alone are no name."""
    keys: dict[Key, tuple[str, ...]] = dict.fromkeys(("number", "id", "login", "email"), (who,))
    return make_person(table, row, keys, "" if who.isdigit() else who)
