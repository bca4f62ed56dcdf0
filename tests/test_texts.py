"""Texts that others wrote run nothing in a spreadsheet, say nothing to a terminal, and can be written."""

import csv
import io

import pytest

from autograder.export.lms.spreadsheet import csv_bytes
from autograder.export.records import Score
from autograder.grade.results import write_grades
from autograder.model import SubmissionResult
from autograder.texts import guard_formula, printable, replace_surrogates, strip_controls, unguard_formula

FORMULAS = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠SUM(1)"]  # noqa: RUF001


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_is_guarded_and_comes_back(text: str) -> None:
    """Whatever begins one, in East Asian width too."""
    assert guard_formula(text) == f"'{text}"
    assert unguard_formula(guard_formula(text)) == text


@pytest.mark.parametrize("text", ["", "Ada", "1", "a=b", " =1", "'Ada", "''", "'=1"])
def test_other_texts_come_back_too(text: str) -> None:
    """One that begins with our own sign among them; what a person typed after none is left alone."""
    assert unguard_formula(guard_formula(text)) == text
    assert guard_formula(text) in (text, f"'{text}")


@pytest.mark.parametrize("text", FORMULAS)
def test_every_table_is_guarded(text: str, tmp_path) -> None:
    """The class's grades, and the file for an LMS that nobody here knows."""
    result = SubmissionResult(text, "sums", "graded", 1.0, 2.0, "user", 0.1, message=text)
    write_grades(tmp_path / "grades.csv", [result])
    exported = csv_bytes([Score(result, (), 1.0, (), text)]).decode()
    for table in ((tmp_path / "grades.csv").read_bytes().decode(), exported):
        row = list(csv.reader(io.StringIO(table, newline="")))[1]
        assert (row[0], row[-1]) == (f"'{text}", f"'{text}")


def test_lone_surrogates_are_replaced_at_any_depth() -> None:
    """Keys and values of JSON; pairs are characters, and stay."""
    assert replace_surrogates({"a\ud800": ["\udfff", {"b": "\U0001f600"}], "n": 1}) == {
        "a?": ["?", {"b": "\U0001f600"}],
        "n": 1,
    }


def test_what_is_nested_too_deeply_is_refused() -> None:
    """No notebook is."""
    value: object = "x"
    for _ in range(60):
        value = [value]
    with pytest.raises(ValueError, match="nested too deeply"):
        replace_surrogates(value)


def test_a_line_has_no_control_characters() -> None:
    """Neither escape sequences, nor ends of lines, nor what turns the direction of writing."""
    assert printable("a\x1b[2Jb\nc\u202ed") == "a?[2Jb?c?d"
    assert printable("a\x1bb\ud800c", "") == "abc"
    assert printable("Zoë 李") == "Zoë 李"


def test_lines_lose_colours_and_titles() -> None:
    """What a terminal would show stays, ends of lines and tabs too."""
    assert strip_controls("\x1b[1;31mred\x1b[0m\x00\r\n\tx") == "red\r\n\tx"
    assert strip_controls("\x1b]0;title\x07text\x1b") == "text"
