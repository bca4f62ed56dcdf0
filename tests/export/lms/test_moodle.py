"""Moodle's worksheet is filled in any language."""

from typing import Any

import pytest

from autograder.export import ExportError, export
from tests.export import class_lists
from tests.export.class_lists import MOODLE_IN, result
from tests.export.reading import changed_lines, reasons


def test_moodle_is_filled(ask: Any) -> None:
    """Grades go in; times, comments, locked rows and what is too much for Moodle stay."""
    outcome = export(ask("moodle", match="email"))
    assert changed_lines(class_lists.MOODLE, outcome.path.read_bytes()) == [
        (
            '- Participant4711,"Ada Lovelace",S001,ada@uni.example,"Submitted for grading",,20.00,Yes,'
            '"Monday, 2 March 2026, 10:30 AM",-,\n'
        ),
        (
            '+ Participant4711,"Ada Lovelace",S001,ada@uni.example,"Submitted for grading",11,20.00,Yes,'
            '"Monday, 2 March 2026, 10:30 AM",-,\n'
        ),
        (
            '- Participant4712,"Grace Hopper",S002,grace@uni.example,"Submitted for grading",-,20.00,Yes,'
            '"Monday, 2 March 2026, 10:31 AM",-,"<p>See ""me"",\n'
        ),
        (
            '+ Participant4712,"Grace Hopper",S002,grace@uni.example,"Submitted for grading",7.5,20.00,Yes,'
            '"Monday, 2 March 2026, 10:31 AM",-,"<p>See ""me"",\n'
        ),
    ]
    assert outcome.same == ("emmy",)
    assert reasons(outcome) == {
        "alan": "is locked in Moodle's gradebook",
        "eve": "has '3.00' already, and 0 now: --replace takes the new one",
    }


@pytest.mark.parametrize("language", MOODLE_IN)
def test_moodle_speaks_languages(ask: Any, language: str) -> None:
    """A worksheet in another language, known here or not, is filled with its own decimal sign."""
    results = (result("Ada Lovelace_4711", 7.5), result("Grace Hopper_4712", 7.5))
    outcome = export(ask("moodle", MOODLE_IN[language], results=results))
    assert outcome.path.read_bytes() == MOODLE_IN[language].replace(b',x,,"20,00"', b',x,"7,5","20,00"')
    assert outcome.same == ("Grace Hopper_4712",)


def test_moodle_gets_nothing_above_its_maximum(ask: Any) -> None:
    """Moodle refuses such a grade: the student is told, and --cap writes the maximum."""
    data = class_lists.MOODLE.replace(b"20.00", b"10.00")
    results = (result("S001"),)
    outcome = export(ask("moodle", data, results=results))
    assert outcome.changes == ()
    assert reasons(outcome)["S001"].startswith(
        "11 is above the column's maximum of 10, which the LMS refuses: use --cap"
    )
    assert [change.new for change in export(ask("moodle", data, results=results, cap=True)).changes] == ["10"]


def test_moodles_column_may_be_named(ask: Any) -> None:
    """--column is the heading of the column of grades; one that isn't there, or is there twice, is told."""
    data = MOODLE_IN["xx"].replace(b'"20,00"', b"")
    results = (result("Ada Lovelace_4711"),)
    with pytest.raises(ExportError, match=r"no column that is headed Grade.*'Ee'") as raised:
        export(ask("moodle", data, results=results))
    assert "--column" in raised.value.tip
    assert export(ask("moodle", data, results=results, column="ee")).path.read_bytes() == data.replace(
        b",x,,", b",x,11,"
    )
    with pytest.raises(ExportError, match=r"No columns of .* are headed 'Zz'"):
        export(ask("moodle", data, results=results, column="Zz"))


def test_a_line_about_nobody_is_left(ask: Any) -> None:
    """Blank lines, and lines without a participant, are nobody's in a worksheet whose headings are known."""
    data = class_lists.MOODLE + b",,,,,,,,,,\n" + b'"","Group A",,,,,20.00,Yes,-,-,\n'
    outcome = export(ask("moodle", data, match="email"))
    assert outcome.path.read_bytes().endswith(data[-60:])
    assert {change.student for change in outcome.changes} == {"ada", "grace"}


def test_a_worksheet_with_semicolons_is_told(ask: Any) -> None:
    """Moodle reads commas: a worksheet that a spreadsheet saved anew doesn't go in."""
    outcome = export(ask("moodle", MOODLE_IN["de"].replace(b",", b";"), results=(result("Ada Lovelace_4711"),)))
    assert any("parted by commas" in note for note in outcome.notes)


def test_moodles_comments_are_filled_when_asked(ask: Any) -> None:
    """Plain text with its signs escaped, as Moodle reads HTML; a comment that is there stays."""
    results = (result("S001"), result("S002", 7.5))
    outcome = export(ask("moodle", results=results, feedback=True))
    after = outcome.path.read_text()
    assert "-,11 of 17 points. ex2_activations: 9 of 15. No &lt;b&gt;layer&lt;/b&gt;.\n" in after
    assert '"<p>See ""me"",\n please</p>"' in after


def test_a_worksheet_without_comments_is_told(ask: Any) -> None:
    """--feedback doesn't pass in silence where there is no column for it."""
    data = class_lists.MOODLE.replace(b"Feedback comments", b"Something")
    outcome = export(ask("moodle", data, match="email", feedback=True))
    assert any("No column of comments" in note for note in outcome.notes)
