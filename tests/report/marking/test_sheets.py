"""Marks in a table: what is written comes back, and every mistake of a filled one is told."""

import csv
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder.model import Mark
from autograder.report.class_records import ReportError
from autograder.report.marking.dealing import Dealt
from autograder.report.marking.ratings import Rating
from autograder.report.marking.sheets import read_sheet, write_sheet
from autograder.texts import text_digest

MARKS = {
    "ada": (Mark("ex1_written", None, 4.0), Mark("ex2_written", 2.5, 6.0, "Fine.")),
    "bob": (Mark("ex1_written", 0.0, 4.0, blank=True), Mark("ex2_written", None, 6.0)),
}


def _new(path: Path, marks: Mapping[str, tuple[Mark, ...]]) -> dict[str, list[tuple[str, float | None, str]]]:
    """Return what a sheet says anew: cell, points and comment, by student; nothing contradicts it."""
    sheet = read_sheet(path, marks)
    assert sheet.conflicts == ()
    return {who: [(one.before.name, one.score, one.comment) for one in own] for who, own in sheet.changes.items()}


def _filled(path: Path, *rows: str, head: str = "student,cell,max,score,comment") -> Path:
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the table lies."""
    return tmp_path / "marking.csv"


def test_a_row_for_each_answer(path: Path) -> None:
    """The table has each written answer once, question by question, with the mark and the words that it has."""
    write_sheet(path, MARKS)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [
        ["student", "cell", "max", "state", "score", "comment", "was"],
        ["ada", "ex1_written", "4", "to mark", "", "", "|"],
        ["bob", "ex1_written", "4", "blank", "", "", "|"],
        ["ada", "ex2_written", "6", "marked", "2.5", "Fine.", f"2.5|{text_digest('Fine.')[:12]}"],
        ["bob", "ex2_written", "6", "to mark", "", "", "|"],
    ]


def test_a_table_as_it_was_written_changes_nothing(path: Path) -> None:
    """Reading back what nobody filled is no mark, extra credit above the maximum included."""
    marks = {**MARKS, "eve": (Mark("ex1_written", 4.5, 4.0), Mark("ex2_written", 1 / 3, 6.0))}
    write_sheet(path, marks)
    assert _new(path, marks) == {}


@pytest.mark.parametrize(
    "name", ["=cmd|' /C calc'!A1", "+1", "-1", "@SUM(A1)", "\tx", "'=x", "''x", "\uff1d1", 'a"b,c\nd', "ä 日"]
)
def test_no_name_is_a_formula(path: Path, name: str) -> None:
    """A spreadsheet finds a text where a name begins like a formula, and the student is found again."""
    marks = {name: (Mark("q", None, 4.0, "-1: why?"),)}
    write_sheet(path, marks)
    with path.open(encoding="utf-8-sig", newline="") as file:
        row = list(csv.reader(file))[1]
    assert not row[0].startswith(("=", "+", "-", "@", "\t", "\uff1d"))
    assert row[5] == "'-1: why?"
    path.write_text(path.read_text("utf-8-sig").replace(",to mark,,", ",to mark,3,"), encoding="utf-8")
    assert _new(path, marks) == {name: [("q", 3.0, "-1: why?")]}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("head", ["student,cell,score,comment", "Cell ,SCORE,Student,comment,mine"])
def test_spreadsheets_of_the_world_are_read(path: Path, separator: str, head: str) -> None:
    """Commas, semicolons or tabs, columns in any order, and columns of one's own."""
    values = {"student": "ada", "cell": "ex1_written", "score": "3", "comment": "So.", "mine": "x"}
    row = separator.join(values[name.strip().casefold()] for name in head.split(","))
    _filled(path, row, ";" * 3 if separator == ";" else "", head=head.replace(",", separator))
    assert _new(path, MARKS) == {"ada": [("ex1_written", 3.0, "So.")]}


@pytest.mark.parametrize(
    ("text", "score"), [("0", 0.0), ("4", 4.0), ("1.5", 1.5), ('"1,5"', 1.5), (" 2. ", 2.0), (".5", 0.5)]
)
def test_points_are_read(path: Path, text: str, score: float) -> None:
    """Whole and broken points, with a point or a comma, from 0 to the maximum."""
    assert _new(_filled(path, f"ada,ex1_written,4,{text},"), MARKS)["ada"][0][1] == score


def test_a_comment_alone_is_taken(path: Path) -> None:
    """Words without points are written, and points that are there stay."""
    found = _new(_filled(path, "ada,ex2_written,6,,Better."), MARKS)
    assert found == {"ada": [("ex2_written", 2.5, "Better.")]}


def test_a_blank_answer_is_no_mark(path: Path) -> None:
    """Its sheet, taken in after the answer was handed in again, changes nothing; nor does one of an older version."""
    write_sheet(path, MARKS)
    again = {**MARKS, "bob": (Mark("ex1_written", None, 4.0), Mark("ex2_written", None, 6.0))}
    assert _new(path, again) == {}
    write_sheet(path, again)
    assert _new(_filled(path, "bob,ex1_written,4,0,No response."), again) == {}


@pytest.mark.parametrize(("text", "score"), [("0", 0.0), ("1", 1.0)])
def test_points_for_a_blank_answer_are_a_mark(path: Path, text: str, score: float) -> None:
    """Whoever types them has looked, and a 0 is a mark too; the machine's own words are no comment."""
    found = _new(_filled(path, f"bob,ex1_written,4,{text},"), MARKS)
    assert found["bob"][0][1] == score
    assert _new(_filled(path, "bob,ex1_written,4,1,No response."), MARKS)["bob"][0][2] == ""


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("eve,ex1_written,4,1,", "line 3: there is no student 'eve' in this class."),
        (
            "ada,ex9_written,4,1,",
            "line 3: 'ex9_written' is no written answer of 'ada': there are ex1_written, ex2_written.",
        ),
        ("ada,ex1_written,4,three,", "line 3: the score 'three' is no number."),
        ("ada,ex1_written,4,nan,", "line 3: the score 'nan' is no number."),
        ("ada,ex1_written,4,1e0,", "line 3: the score '1e0' is no number."),
        ("ada,ex1_written,4,1_0,", "line 3: the score '1_0' is no number."),
        ("ada,ex1_written,4,4.5,", "line 3: the score 4.5 does not lie between 0 and 4."),
        ("ada,ex1_written,99,-1,", "line 3: the score -1 does not lie between 0 and 4."),
        ("bob,ex2_written,6,1,", "line 3: ex2_written of 'bob' stands in line 2 already."),
        ("ada", "line 3: '' is no written answer of 'ada'"),
    ],
)
def test_a_mistake_is_told_with_its_line(path: Path, row: str, words: str) -> None:
    """A row that is wrong is named, and so is what is wrong with it."""
    with pytest.raises(ReportError) as raised:
        read_sheet(_filled(path, "bob,ex2_written,6,1,", row), MARKS)
    assert words in raised.value.message
    assert "none of its marks was taken in" in raised.value.message


def test_every_mistake_is_told(path: Path) -> None:
    """One correction is enough: no mistake hides another. Lines inside a quoted cell are counted."""
    rows = ("eve,q,4,1,", 'ada,ex1_written,4,1,"two\nlines"', "ada,ex2_written,6,x,")
    with pytest.raises(ReportError) as raised:
        read_sheet(_filled(path, *rows), MARKS)
    assert "line 2: there is no student 'eve'" in raised.value.message
    assert "line 5: the score 'x'" in raised.value.message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "can't be read"),
        (b"student,cell,score\n\xff\xfe", "no UTF-8"),
        (b"PK\x03\x04workbook", "a spreadsheet program's workbook"),
        (b"", "look at student, cell, score"),
        (b"student,cell,points\n", "look at score"),
        (b"student,cell,score,score\n", "look at score"),
        (b"student,cell,score\n" + b"x" * 200_000, "line 2 is no row"),
    ],
)
def test_what_is_no_such_table_is_told(path: Path, content: bytes | None, words: str) -> None:
    """A file that is missing, in another encoding, or without the columns is named."""
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ReportError, match=words):
        read_sheet(path, MARKS)


def test_two_students_of_one_name_are_told(path: Path) -> None:
    """Where the table can't tell two students apart, no one is given the other's mark."""
    marks = {name: (Mark("q", None, 4.0),) for name in ("a\ud800", "a?")}
    write_sheet(path, marks)
    path.write_text(path.read_text("utf-8-sig").replace(",to mark,,", ",to mark,1,"), encoding="utf-8")
    with pytest.raises(ReportError, match="names 2 students"):
        read_sheet(path, marks)


@pytest.mark.parametrize("row", ["ada,ex1_written,4,3,", "ada,ex1_written,4,,Words.", "ada,ex1_written,4,wrong,"])
def test_work_is_never_overwritten(path: Path, row: str) -> None:
    """A table with marks that the gradebook doesn't have stays as it is."""
    before = _filled(path, row).read_bytes()
    with pytest.raises(ReportError, match="not in the gradebook yet"):
        write_sheet(path, MARKS)
    assert path.read_bytes() == before


def test_a_table_without_new_marks_is_renewed(path: Path) -> None:
    """What the gradebook has already may be written over."""
    _filled(path, "ada,ex2_written,6,2.5,Fine.")
    write_sheet(path, MARKS)
    assert len(path.read_text("utf-8-sig").splitlines()) == 5


def _edit(path: Path, student: str, cell: str, **values: str) -> None:
    """Fill a row of a sheet as a spreadsheet does."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if (row["student"], row["cell"]) == (student, cell):
            row.update(values)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


RAISED = {**MARKS, "ada": (Mark("ex1_written", None, 4.0), Mark("ex2_written", 3.0, 6.0, "Better."))}
"""Somebody gave Ada's second answer more, and other words, since the sheet was made."""


def test_what_a_marker_left_alone_stays(path: Path) -> None:
    """An older sheet sets nobody back, and what its marker did change counts."""
    write_sheet(path, MARKS)
    _edit(path, "bob", "ex2_written", score="4")
    assert _new(path, RAISED) == {"bob": [("ex2_written", 4.0, "")]}


@pytest.mark.parametrize(
    ("values", "whys"),
    [
        ({"score": "1"}, ["the sheet says 1 for 2.5, and it is 3 by now."]),
        ({"comment": "Poor."}, ["the sheet has another comment, and somebody else wrote one since."]),
        ({"score": ""}, ["the sheet says no points for 2.5, and it is 3 by now."]),
        ({"score": "3", "comment": "Better."}, []),
    ],
)
def test_what_two_changed_is_a_conflict(path: Path, values: dict[str, str], whys: list[str]) -> None:
    """Unless both say the same."""
    write_sheet(path, MARKS)
    _edit(path, "ada", "ex2_written", **values)
    sheet = read_sheet(path, RAISED)
    assert [(one.student, one.cell, one.why) for one in sheet.conflicts] == [
        ("ada", "ex2_written", why) for why in whys
    ]


def test_a_mark_can_be_taken_back(path: Path) -> None:
    """A score or a comment that was emptied is gone; in a table without what it was made from, what is empty stays."""
    write_sheet(path, MARKS)
    _edit(path, "ada", "ex2_written", score="")
    assert _new(path, MARKS) == {"ada": [("ex2_written", None, "Fine.")]}
    write_sheet(path.with_name("b.csv"), MARKS)
    _edit(path.with_name("b.csv"), "ada", "ex2_written", comment="")
    assert _new(path.with_name("b.csv"), MARKS) == {"ada": [("ex2_written", 2.5, "")]}
    assert _new(_filled(path, "ada,ex2_written,6,,"), MARKS) == {}


PAGE = "student,cell,max,state,score,comment,was,marker,items,place,seconds,time"


def test_a_sheet_says_who_gave_what(path: Path) -> None:
    """Points that were given, ticked or typed, with place and time; what was there before is nobody's."""
    sheet = read_sheet(
        _filled(
            path,
            "ada,ex1_written,4,marked,1.5,,|,ben,1=1;3=0.5,2,30,2026-03-01T10:00:00Z",
            f"ada,ex2_written,6,marked,2.5,Fine.,2.5|{text_digest('Fine.')[:12]},ben,,,,",
            "bob,ex1_written,4,blank,,,|,ben,,,,",
            "bob,ex2_written,6,marked,0,,|,ben,,3,5,soon",
            head=PAGE,
        ),
        MARKS,
    )
    assert sheet.marker == "ben"
    assert sheet.ratings == (
        Rating("ben", "ada", "ex1_written", 1.5, {"1": 1.0, "3": 0.5}, 2, "2026-03-01T10:00:00Z"),
        Rating("ben", "bob", "ex2_written", 0.0, {}, 3, ""),
    )


def test_a_sheet_is_one_persons(path: Path) -> None:
    """Two names in one are a mistake of theirs."""
    with pytest.raises(ReportError, match="line 3: the marker is 'ada', and 'ben' in line 2"):
        read_sheet(
            _filled(
                path, "ada,ex1_written,4,,1,,|,ben", "bob,ex1_written,4,,1,,|,ada", head=PAGE[: PAGE.index(",items")]
            ),
            MARKS,
        )


def test_a_part_of_a_class_has_its_rows_alone(path: Path) -> None:
    """Without what others gave; whatever its marker gives else than these is a conflict, not a change in silence."""
    write_sheet(path, MARKS, Dealt("ben", frozenset({("ada", "ex2_written")})))
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file))[1:] == [["ada", "ex2_written", "6", "to mark", "", "", "|", "ben"]]
    assert _new(path, MARKS) == {}
    _edit(path, "ada", "ex2_written", score="1")
    (conflict,) = read_sheet(path, MARKS).conflicts
    assert conflict.why == "the sheet says 1 for no points, and it is 2.5 by now."
