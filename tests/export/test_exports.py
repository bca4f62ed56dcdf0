"""What holds for every system's file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.export import ExportError, export
from tests.export import class_lists
from tests.export.class_lists import FILES, MOODLE_IN, NAME, WRITTEN, result
from tests.export.reading import reasons


@pytest.mark.parametrize(
    ("lms", "results"),
    [
        ("canvas", ["lovelaceada_4711", "hoppergrace_4712"]),
        ("moodle", ["Ada Lovelace_4711", "Participant_4712"]),
        ("blackboard", ["ada", "grace"]),
        ("d2l", ["Ada Lovelace_88", "Grace Hopper_89"]),
    ],
)
def test_a_bulk_download_matches(ask: Any, lms: str, results: list[str]) -> None:
    """The ids that come from a system's own download find the rows of its own class list."""
    outcome = export(ask(lms, results=tuple(map(result, results))))
    assert {change.student for change in outcome.changes} == set(results)
    assert outcome.unmatched == ()


@pytest.mark.parametrize("lms", FILES)
def test_a_dry_run_changes_nothing(ask: Any, lms: str) -> None:
    """No file is written, and what would change is told."""
    request = ask(lms, dry_run=True, results=(result("Ada Lovelace"), result("Grace Hopper", 7.5)))
    outcome = export(request)
    assert outcome.path is None
    assert {change.student: change.new for change in outcome.changes} == {"Ada Lovelace": "11", "Grace Hopper": "7.5"}
    assert not request.out.exists()
    assert request.class_list.read_bytes() == FILES[lms]
    assert [path.name for path in request.class_list.parent.iterdir()] == ["given.csv"]


@pytest.mark.parametrize("lms", FILES)
def test_a_second_export_changes_nothing(ask: Any, lms: str) -> None:
    """What was filled is not filled again."""
    first = export(ask(lms))
    again = export(ask(lms, first.path.read_bytes()))
    assert again.changes == ()
    assert again.path.read_bytes() == first.path.read_bytes()


@pytest.mark.parametrize("lms", FILES)
@pytest.mark.parametrize("options", [{}, {"replace": True}, {"scale": True}, {"cap": True, "replace": True}])
def test_nothing_is_emptied_or_added(ask: Any, lms: str, options: dict[str, bool]) -> None:
    """No field that says something is blank afterwards, and the header, the rows and their number of fields stay."""
    from autograder.export.table import parse_table

    before = parse_table(FILES[lms])
    after = parse_table(export(ask(lms, **options)).path.read_bytes())
    assert after.values(0) == before.values(0)
    assert [len(row.fields) for row in after.rows] == [len(row.fields) for row in before.rows]
    for row in range(len(before.rows)):
        assert all(now or not was for was, now in zip(before.values(row), after.values(row), strict=True))


def test_scores_are_replaced_when_asked(ask: Any) -> None:
    """--replace takes the new score; an excused student stays excused."""
    after = export(ask("canvas", replace=True)).path.read_text()
    assert '"=SUM(A1), Eve",4714,S004,eve,CS 101,,7.00,0,70.00,70.00\n' in after
    assert "CS 101,,8.00,EX,80.00" in after


def test_students_of_both_sides_are_told(ask: Any) -> None:
    """Results without a row and rows without a result are listed, and the rows stay."""
    results = (result("ada"), result("zoe"), result("Grace Hopper"), result("grace"))
    outcome = export(ask("canvas", results=results))
    assert {change.student for change in outcome.changes} == {"ada"}
    assert reasons(outcome) == {
        "zoe": "matches no row",
        "Grace Hopper": "matches Hopper, Grace, as 'grace' does",
        "grace": "matches Hopper, Grace, as 'Grace Hopper' does",
    }
    assert outcome.without_result == ("Turing, Alan", "=SUM(A1), Eve", "Noether, Emmy", "Student, Test")


def test_a_student_twice_in_the_list_is_told(ask: Any) -> None:
    """Two rows with one id: neither is filled."""
    line = b'"Lovelace, Ada",4711,S001,ada,"CS 101, Group A",,9.50,,95.00,95.00\n'
    outcome = export(ask("canvas", class_lists.CANVAS + line))
    assert reasons(outcome)["ada"] == "matches 2 rows: Lovelace, Ada (line 4), Lovelace, Ada (line 10)"
    assert outcome.path.read_bytes().count(line) == 2


def test_the_assignments_name_is_a_title_too(ask: Any) -> None:
    """A column with the assignment's own name is found when none has its title."""
    data = class_lists.CANVAS.replace(b"Mapping representations (", NAME.encode() + b" (")
    assert export(ask("canvas", data, title="Something else")).changes


@pytest.mark.parametrize("lms", ["canvas", "blackboard", "d2l"])
def test_no_column_is_made(ask: Any, lms: str) -> None:
    """A title that no column has is told with those that are there, and nothing is written."""
    request = ask(lms, column="Homework 9")
    with pytest.raises(ExportError, match=r"No column .*'Homework 9'.*Homework 0") as raised:
        export(request)
    assert "--column" in raised.value.tip
    assert not request.out.exists()


def test_bonus_goes_out_as_it_is(ask: Any) -> None:
    """A maximum that differs is told; nothing is converted unasked."""
    outcome = export(ask("canvas"))
    assert "The column's maximum is 20; scores count up to 17. They are written as they are;" in " ".join(outcome.notes)


@pytest.mark.parametrize("lms", FILES)
def test_every_systems_maximum_is_read(ask: Any, lms: str) -> None:
    """What the file says of the column's points is what scores are compared with."""
    notes = export(ask(lms, results=(result("Ada Lovelace"),))).notes
    assert any(note.startswith("The column's maximum is 20;") for note in notes)


@pytest.mark.parametrize("lms", ["canvas", "blackboard", "d2l"])
def test_bonus_above_the_maximum_is_written(ask: Any, lms: str) -> None:
    """All but Moodle take a score above the maximum."""
    results = (result("Ada Lovelace", 22.0), result("Grace Hopper", 25.5))
    assert {change.new for change in export(ask(lms, results=results)).changes} == {"22", "25.5"}


def test_scores_are_scaled_when_asked(ask: Any) -> None:
    """--scale converts to the column's maximum, to two decimals."""
    outcome = export(ask("canvas", scale=True))
    assert [change.new for change in outcome.changes] == ["12.94", "8.82"]
    assert any("shares of 20" in note for note in outcome.notes)


@pytest.mark.parametrize(("plot", "new"), [(0.0, "20"), (2.0, "22.67")])
def test_scale_leaves_regular_points_whole(ask: Any, plot: float, new: str) -> None:
    """All 15 regular points are all of the column's 20; bonus comes on top."""
    whole = replace(result("Ada Lovelace", 17.0), bonus=("ex2_plot",))
    checks = (replace(whole.checks[0], score=plot), whole.checks[1])
    outcome = export(ask("canvas", scale=True, results=(replace(whole, checks=checks, score=15.0 + plot),)))
    assert [change.new for change in outcome.changes] == [new]
    assert any(
        "scores count up to 15, and 2 of bonus. They are written as shares of 20." in note for note in outcome.notes
    )


def test_a_class_that_is_another_is_told(ask: Any) -> None:
    """When most results match nobody, the person is told what to try."""
    assert any("--match email" in note for note in export(ask("moodle")).notes)
    assert any("without --match" in note for note in export(ask("moodle", match="name")).notes)
    assert not any("--match" in note for note in export(ask("canvas")).notes)


def test_a_result_twice_is_told(ask: Any) -> None:
    """Two results of one student: neither is chosen."""
    outcome = export(ask("canvas", results=(result("ada"), result("ada", 3.0))))
    assert outcome.changes == ()
    assert reasons(outcome) == {"ada": "matches Lovelace, Ada, as 'ada' does"}


def test_the_class_list_is_not_overwritten(ask: Any) -> None:
    """Not even when it lies where the export would write; --overwrite does it."""
    request = ask("canvas")
    with pytest.raises(ExportError, match="is the class list itself"):
        export(replace(request, output=request.class_list))
    assert request.class_list.read_bytes() == class_lists.CANVAS
    assert export(replace(request, overwrite=True)).path == request.class_list
    assert b",11," in request.class_list.read_bytes()
    assert not request.out.exists()


def test_no_half_file_is_left(ask: Any) -> None:
    """Beside the output lies nothing else."""
    request = ask("canvas")
    export(request)
    assert [path.name for path in request.out.iterdir()] == ["canvas.csv"]


@pytest.mark.parametrize(
    ("lms", "data", "told"),
    [
        ("canvas", b"", "no gradebook file of Canvas's"),
        ("canvas", b"Name,ID\nx,1\n", "no gradebook file of Canvas's"),
        ("moodle", b"", "no grading worksheet of Moodle's"),
        ("moodle", class_lists.CANVAS, "no grading worksheet of Moodle's"),
        ("moodle", MOODLE_IN["de"].replace(b"Bestwertung", b"Skala"), "grades by a scale"),
        ("blackboard", b"a,b,c\n", "no gradebook file of Blackboard's"),
        ("d2l", b"OrgDefinedId,Username\n", "no grades file of Brightspace's"),
        ("canvas", b"PK\x03\x04rest", "is a workbook of Excel's"),
    ],
)
def test_what_is_no_class_list_is_told(ask: Any, lms: str, data: bytes, told: str) -> None:
    """Another file is named as such, with where the right one is to be had."""
    request = ask(lms, data)
    with pytest.raises(ExportError, match=told) as raised:
        export(request)
    assert raised.value.tip
    assert not request.out.exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"class_list": None}, "made from the one that the LMS gives"),
        ({"results": ()}, "holds no results"),
        ({"results": (result("ada"), replace(result("ada"), assignment="other"))}, "several assignments"),
        ({"feedback": True}, "--feedback says nothing for --lms canvas"),
        ({"student": "ada"}, "--student says nothing"),
        ({"scale": True, "cap": True}, "two answers"),
        ({"class_list": Path("nowhere.csv")}, "can't be read"),
    ],
)
def test_wrong_calls_are_told(ask: Any, options: dict[str, Any], told: str) -> None:
    """What can't be meant is one sentence."""
    with pytest.raises(ExportError, match=told):
        export(replace(ask("canvas"), **options))


def test_a_folder_that_cannot_be_written_is_told(ask: Any, tmp_path: Path) -> None:
    """A file in the place of the folder is named."""
    (tmp_path / "out").write_text("")
    with pytest.raises(ExportError, match="can't be written"):
        export(ask("canvas"))


def test_a_folder_in_the_files_place_is_told(ask: Any, tmp_path: Path) -> None:
    """No half file is left where the file can't be."""
    (tmp_path / "taken.csv" / "x").mkdir(parents=True)
    with pytest.raises(ExportError, match="can't be written"):
        export(ask("canvas", output=tmp_path / "taken.csv"))
    assert {path.name for path in tmp_path.iterdir()} == {"given.csv", "taken.csv"}


def test_marks_are_counted_once_all_are_there(ask: Any) -> None:
    """With every written answer marked the totals go out."""
    outcome = export(ask("canvas", marks=WRITTEN))
    assert {change.student: change.new for change in outcome.changes} == {"ada": "14.5", "grace": "11"}
    assert any("scores count up to 27" in note for note in outcome.notes)


def test_a_stopped_notebook_is_told(ask: Any) -> None:
    """Its points go out, and a person is told to look."""
    outcome = export(ask("canvas", results=(result("ada", status="timeout"),)))
    assert [change.new for change in outcome.changes] == ["11"]
    assert any("ada (timeout)" in note for note in outcome.notes)


def test_the_graders_own_fault_is_no_score(ask: Any) -> None:
    """A check that the grader failed at is not exported as 0."""
    outcome = export(ask("canvas", results=(result("ada", check="error"),)))
    assert outcome.changes == ()
    assert "the grader itself failed at ex2_activations" in reasons(outcome)["ada"]
