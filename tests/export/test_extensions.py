"""A list of those who have longer: whose lines they are, until when, and every mistake with its line."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from autograder.export.extensions import read_extensions
from autograder.export.records import ExportError
from autograder.model import Deadline

DEADLINE = Deadline(datetime(2026, 3, 1, 23, 59), "Europe/Berlin")  # noqa: DTZ001 - its zone stands beside it


@pytest.fixture
def listed(tmp_path: Path) -> Any:
    """Return a function that reads a list with this text."""

    def read(text: str, encoding: str = "utf-8") -> Any:
        path = tmp_path / "extensions.csv"
        path.write_bytes(text.encode(encoding))
        return read_extensions(path, DEADLINE)

    return read


@pytest.mark.parametrize(
    ("cell", "until"),
    [
        ("2026-03-08 23:59", "2026-03-08T23:59:00+01:00"),
        ("2026-03-08T12:00:30", "2026-03-08T12:00:30+01:00"),
        (" 2026-03-08 ", "2026-03-08T23:59:59+01:00"),
        ("2026-03-08T23:59+09:00", "2026-03-08T23:59:00+09:00"),
        ("2026-04-01 12:00", "2026-04-01T12:00:00+02:00"),
        ("2026-10-25 02:30", "2026-10-25T02:30:00+01:00"),  # twice on that day: the second one
        ("2026-03-29 02:30", "2026-03-29T02:30:00+01:00"),  # not at all: an hour later by the new time
    ],
)
def test_a_moment_is_of_the_deadlines_zone(listed: Any, cell: str, until: str) -> None:
    """Unless it has an offset; a date alone is the end of that day, and a time that comes twice is the second one."""
    match = listed(f"student,until\nada,{cell}\n").match(["ada", "bob"])
    assert {student: moment.isoformat() for student, moment in match.until.items()} == {"ada": until}
    assert match.notes == ()


@pytest.mark.parametrize(
    ("student", "cell"),
    [
        ("ada", "ada"),
        ("Ada Lovelace_4711", "4711"),
        ("Ada Lovelace_4711", '"Lovelace, Ada"'),
        ("lovelaceada_4711", "Ada Lovelace"),
        ("ada@uni.example", "ADA@uni.example"),
        ("=cmd()", "=cmd()"),
    ],
)
def test_students_are_matched_as_in_a_class_list(listed: Any, student: str, cell: str) -> None:
    """By id, number, address or name."""
    assert set(listed(f"Until;STUDENT;reason\n2026-03-08;{cell};ill\n").match([student]).until) == {student}


def test_a_spreadsheets_file_is_read(listed: Any) -> None:
    """With a byte order mark, tabs, other columns and blank lines."""
    text = "\ufeffreason\tstudent\tuntil\r\nill\tada\t2026-03-08\r\n\r\n"
    assert set(listed(text, "utf-16-le").match(["ada"]).until) == {"ada"}


def test_who_is_not_there_is_told(listed: Any) -> None:
    """So is a line that fits two students, and two lines that fit one: nobody gets longer by a guess."""
    text = "student,until\nzoe,2026-03-08\nGrace Hopper,2026-03-08\nbob,2026-03-08\n"
    match = listed(text).match(["bob", "Grace Hopper_1", "Grace Hopper_2"])
    assert set(match.until) == {"bob"}
    assert match.notes == (
        "Line 2 of the extensions is about 'zoe', and nothing of theirs is here.",
        "'Grace Hopper_1' has no extension: in the list of them it matches Grace Hopper, as 'Grace Hopper_2' does.",
        "'Grace Hopper_2' has no extension: in the list of them it matches Grace Hopper, as 'Grace Hopper_1' does.",
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no column headed student"),
        ("student,days\nada,3\n", "none headed until"),
        ("student,until\nada,8.3.2026\n", "line 2: `until` is '8.3.2026'; expected: a date and a time such as"),
        ("student,until\nada,2026-03-08 23:59 EST\n", "line 2: `until` is '2026-03-08 23:59 EST'"),
        ("student,until\nada,=A1\n", "line 2: `until` is '=A1'"),
        ("student,until\nada,0206-03-08\n", "line 2: `until` is '0206-03-08'"),
        ("student,until\nada,\n,2026-03-08\n", "line 2: `until` is ''.*line 3: names no student"),
        ("student,until\nada,2026-03-08\nADA,2026-03-09\n", "line 3: names 'ADA', as line 2 does"),
        ("PK\x03\x04", "is a workbook of Excel's"),
    ],
)
def test_mistakes_are_told_with_their_lines(listed: Any, text: str, told: str) -> None:
    """All of them, and what would be right."""
    with pytest.raises(ExportError, match=f"(?s){told}") as caught:
        listed(text)
    assert "student and until" in str(caught.value.tip)


def test_a_list_that_is_not_there_is_told(tmp_path: Path) -> None:
    """As any file that can't be read."""
    with pytest.raises(ExportError, match="can't be read"):
        read_extensions(tmp_path / "nowhere.csv", DEADLINE)
