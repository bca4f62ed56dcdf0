"""Read a class list to see who handed in.

Any that `export` fills will do, or a plain CSV; students are matched by the same rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.export.columns import header_places, read_person
from autograder.export.exports import read_class_list
from autograder.export.lms import find_systems
from autograder.export.match_students import match_students
from autograder.export.records import ExportError, ExportRequest, Key, Person
from autograder.export.systems import ClassListSystem
from autograder.export.table import Table, parse_table
from autograder.model import RosterMatch

__all__ = ["ClassRoster", "read_roster"]

_HEADINGS: dict[str, Key | None] = {
    **dict.fromkeys(("name", "student", "student name", "full name", "first name", "last name"), "name"),
    **dict.fromkeys(("id", "student id", "sid", "sis user id", "matriculation number"), "id"),
    **dict.fromkeys(("login", "username", "user", "user name", "sis login id", "github username"), "login"),
    **dict.fromkeys(("email", "e-mail", "email address"), "email"),
    **dict.fromkeys(("number", "orgdefinedid"), "number"),
}


@dataclass(frozen=True)
class ClassRoster:
    """The students of a class list.

    Attributes:
        people: one for each line that is a student's.
    """

    people: tuple[Person, ...]

    def match(self, students: Sequence[str]) -> RosterMatch:
        """Find each student's line, as `export` does."""
        matches, unmatched = match_students(students, self.people)
        there = {match.person.row for match in matches} | {row for one in unmatched for row in one.rows}
        return RosterMatch(
            {match.student: match.person.label for match in matches},
            tuple((one.who, one.why) for one in unmatched),
            tuple(person.label for person in self.people if person.row not in there),
        )

    def rows(self, students: Sequence[str]) -> tuple[dict[str, int], tuple[tuple[str, str], ...]]:
        """Return each student's row of the list, and those on none without doubt: the id, and why."""
        matches, unmatched = match_students(students, self.people)
        rows = {match.student: match.person.row for match in matches}
        return rows, tuple((one.who, one.why) for one in unmatched)


def read_roster(path: Path) -> ClassRoster:
    """Return the students of a class list of any system that has one, or of a CSV with headings.

    Raises:
        ExportError: it can't be read, or says of nobody who it is.
    """
    table = parse_table(read_class_list(path))
    header = table.header
    for system in find_systems().values():
        if not isinstance(system, ClassListSystem):
            continue
        # Who is who doesn't depend on the column to fill: any that the system takes will do.
        for column in (None, *dict.fromkeys(header)):
            request = ExportRequest("csv", path.parent, (), "", str, class_list=path, column=column)
            try:
                return ClassRoster(system.read(table, request, 0.0).people)
            except ExportError:
                continue
    return ClassRoster(_plain_people(table, header, path))


def _plain_people(table: Table, header: Sequence[str], path: Path) -> tuple[Person, ...]:
    """Return the students of a CSV whose headings say what its columns are."""
    places = header_places(header, _HEADINGS)
    if not places:
        raise ExportError(
            f"{path} is no class list: no column is headed name, id, username or email.",
            "Give the file that the LMS gave, or a CSV with such headings.",
        )
    return tuple(read_person(table, row, places, " ") for row in table.lines())
