"""Canvas's gradebook file is filled as its importer wants it."""

from typing import Any

import pytest

from autograder.export import ExportError, export
from tests.export import class_lists
from tests.export.class_lists import result
from tests.export.reading import changed_lines, reasons


def test_canvas_is_filled(ask: Any) -> None:
    """Blank scores are filled; excused ones, others' scores, other columns, points and names keep their bytes."""
    request = ask("canvas")
    outcome = export(request)
    assert outcome.path == request.out / "canvas.csv"
    assert changed_lines(class_lists.CANVAS, outcome.path.read_bytes()) == [
        '- "Lovelace, Ada",4711,S001,ada,"CS 101, Group A",,9.50,,95.00,95.00\n',
        '+ "Lovelace, Ada",4711,S001,ada,"CS 101, Group A",,9.50,11,95.00,95.00\n',
        '- "Hopper, Grace",4712,S002,grace,CS 101,"says ""hi""",,,,\n',
        '+ "Hopper, Grace",4712,S002,grace,CS 101,"says ""hi""",,7.5,,\n',
    ]
    assert outcome.same == ("emmy",)
    assert reasons(outcome) == {
        "alan": "is excused ('EX')",
        "eve": "has '3.00' already, and 0 now: --replace takes the new one",
    }
    assert outcome.without_result == ("Student, Test",)


def test_canvas_keeps_semicolons_commas_and_marks(ask: Any) -> None:
    """A file with `;`, decimal commas, a byte order mark and CRLF stays one."""
    results = (result("ada@uni.example", 7.5), result("hoppergrace_4712", 12.5))
    outcome = export(ask("canvas", class_lists.CANVAS_SEMICOLONS, results=results))
    assert outcome.path.read_bytes() == class_lists.CANVAS_SEMICOLONS.replace(b"CS 101;;", b"CS 101;7,5;")
    assert outcome.same == ("hoppergrace_4712",)


def test_canvas_with_names_in_two_columns(ask: Any) -> None:
    """LastName, FirstName, ID is Canvas's other form."""
    data = (
        b"LastName,FirstName,ID,SIS Login ID,Section,Mapping representations (1)\n"
        b"    Points Possible,,,,,20.00\nLovelace,Ada,4711,ada,A,\n"
    )
    outcome = export(ask("canvas", data, results=(result("Ada Lovelace"),)))
    assert outcome.path.read_bytes() == data.replace(b"ada,A,", b"ada,A,11")


def test_a_student_not_assigned_is_left(ask: Any) -> None:
    """Canvas's N/A is no blank, and not replaced either."""
    data = class_lists.CANVAS.replace(b",EX,", b",N/A,")
    outcome = export(ask("canvas", data, replace=True))
    assert reasons(outcome)["alan"] == "isn't asked to do it ('N/A')"
    assert b",N/A," in outcome.path.read_bytes()


@pytest.mark.parametrize("column", ["Homework 0", "homework  0", "Homework 0 (90001)", "90001"])
def test_a_column_is_chosen_by_title_heading_or_id(ask: Any, column: str) -> None:
    """--column names another column."""
    outcome = export(ask("canvas", column=column))
    assert '"Hopper, Grace",4712,S002,grace,CS 101,"says ""hi""",7.5,,,\n' in outcome.path.read_text()


def test_two_columns_of_one_title_are_told(ask: Any) -> None:
    """Which of two columns is meant is not guessed."""
    data = class_lists.CANVAS.replace(b"Homework 0 (", b"Mapping representations (")
    with pytest.raises(ExportError, match=r"2 columns are titled.*\(90001\).*\(90017\)"):
        export(ask("canvas", data))


def test_a_canvas_column_without_an_id_is_none(ask: Any) -> None:
    """Canvas would make an assignment of it."""
    with pytest.raises(ExportError, match="No column"):
        export(ask("canvas", class_lists.CANVAS.replace(b"representations (90017)", b"representations")))


def test_a_column_that_is_read_only_is_refused(ask: Any) -> None:
    """Canvas throws away what is written there."""
    data = class_lists.CANVAS.replace(b"10.00,20.00", b"10.00,(read only)")
    with pytest.raises(ExportError, match=r"takes no scores.*read only"):
        export(ask("canvas", data))


def test_a_new_column_is_made_when_asked(ask: Any) -> None:
    """--new-column adds it with its points to every line, and Canvas makes the assignment."""
    outcome = export(ask("canvas", new_column=True, column="=Extra"))
    lines = outcome.path.read_text().splitlines()
    assert lines[0].endswith("Final Score,'=Extra")
    assert lines[1].endswith(",,,")
    assert lines[2].endswith("(read only),17")
    assert lines[3].endswith("95.00,95.00,11")
    assert lines[8].endswith(",,,,,")


def test_a_new_column_is_no_second_one(ask: Any) -> None:
    """A title that is there already isn't added again."""
    with pytest.raises(ExportError, match="already"):
        export(ask("canvas", new_column=True))
