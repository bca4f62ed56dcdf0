"""Two people's sheets meet: nothing is lost in silence, and a sheet can be taken back."""

import csv
import json
from pathlib import Path

import pytest

from autograder import cli
from autograder.assignment.plan import make_plan
from autograder.course import taking_marks
from autograder.errors import GradeError
from autograder.grade.gradebook.prepare import Grades, prepare_gradebook
from autograder.grade.gradebook.read import read_marks
from autograder.grade.gradebook.write_marks import apply_marks
from autograder.grade.results import append_result
from autograder.model import CheckResult, Mark, SubmissionResult
from tests.grade.marking import given
from tests.grade.tiny import NAME, write_course


@pytest.fixture
def out(tmp_path, monkeypatch):
    """A graded folder of two, with a sheet for each of two markers."""
    assignment, release = write_course(tmp_path)
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "out"
    folder.mkdir()
    plan = make_plan(assignment.folder, release)
    prepare_gradebook(folder / "gradebook.db", assignment, plan)
    for student in ("ada", "bob"):
        check = CheckResult("ex1_test", "passed", 3.0, 3.0)
        result = SubmissionResult(student, NAME, "graded", 3.0, 3.0, "process", 1.0, None, (check,))
        with Grades(folder / "gradebook.db", plan) as grades:
            grades.record(result, frozenset())
        append_result(folder / "results.jsonl", result)
    _report("--marking")
    for marker in ("a", "b"):
        (tmp_path / f"{marker}.csv").write_bytes((folder / "marking.csv").read_bytes())
    return folder


def _report(*options, code=0):
    assert cli.main(["report", "out", *options]) == code


def _fill(sheet, student, score, comment=""):
    with Path(sheet).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["student"] == student:
            row.update(score=score, comment=comment)
    with Path(sheet).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def _page(out):
    return (out / "feedback" / "ada" / f"{NAME}.html").read_text()


def _marks(out):
    return {student: (own[0].score, own[0].comment) for student, own in read_marks(out / "gradebook.db", NAME).items()}


def test_an_older_sheet_sets_nobody_back(out):
    """A marked Ada, B marked Bob: both count, whoever comes last."""
    _fill("a.csv", "ada", "2", "Good.")
    _report("--marks", "a.csv", "--marker", "Ann")
    _fill("b.csv", "bob", "1")
    _report("--marks", "b.csv", "--marker", "Ben")
    assert _marks(out) == {"ada": (2.0, "Good."), "bob": (1.0, "")}
    lines = [json.loads(line) for line in (out / "marks.jsonl").read_text().splitlines()]
    assert [(line["marker"], line["sheet"]) for line in lines] == [("Ann", "a.csv"), ("Ben", "b.csv")]


@pytest.mark.parametrize(("choice", "ada"), [("sheet", (1.0, "")), ("gradebook", (2.0, ""))])
def test_two_marks_for_one_answer_ask_for_a_decision(out, capsys, choice, ada):
    """Nothing is taken in until somebody says which counts; the rest of the sheet comes along then."""
    _fill("a.csv", "ada", "2")
    _report("--marks", "a.csv")
    _fill("b.csv", "ada", "1")
    _fill("b.csv", "bob", "1.5")
    _report("--marks", "b.csv", code=2)
    assert "ada, ex1_written: the sheet says 1 for no points, and it is 2 by now." in capsys.readouterr().err
    assert _marks(out) == {"ada": (2.0, ""), "bob": (None, "")}
    _report("--marks", "b.csv", "--conflicts", choice)
    assert _marks(out) == {"ada": ada, "bob": (1.5, "")}


def test_a_sheet_is_taken_back(out, capsys):
    """One at a time, the latest first; pages follow."""
    _fill("a.csv", "ada", "2", "Good.")
    _report("--marks", "a.csv")
    _fill("b.csv", "bob", "1")
    _report("--marks", "b.csv")
    assert "for answers in words" in _page(out)
    _report("--undo")
    assert _marks(out) == {"ada": (2.0, "Good."), "bob": (None, "")}
    _report("--undo")
    assert _marks(out) == {"ada": (None, ""), "bob": (None, "")}
    assert "for answers in words" not in _page(out)
    _report("--undo", code=2)
    assert "No sheet has been taken in" in capsys.readouterr().err


def test_a_mark_that_was_changed_since_is_not_taken_back_in_silence(out, capsys):
    """A later sheet's word stands, unless somebody says otherwise."""
    _fill("a.csv", "ada", "2")
    _report("--marks", "a.csv")

    apply_marks(out / "gradebook.db", NAME, given({"ada": (Mark("ex1_written", 1.0, 2.0),)}))
    _report("--undo", code=2)
    assert "somebody changed it since" in capsys.readouterr().err
    assert _marks(out)["ada"] == (1.0, "")
    _report("--undo", "--conflicts", "sheet")
    assert _marks(out)["ada"] == (None, "")


def test_killed_between_gradebook_and_pages_the_same_command_mends_the_pages(out, monkeypatch):
    """The sheet says nothing new then, and the page says the mark all the same."""

    def die(*_, **__):
        raise KeyboardInterrupt

    _fill("a.csv", "ada", "2", "Good.")
    with monkeypatch.context() as patch:
        patch.setattr("autograder.course.reports.write_feedback_again", die)
        _report("--marks", "a.csv", code=130)
    assert _marks(out)["ada"] == (2.0, "Good.")
    _report("--marks", "a.csv")
    assert "for answers in words" in _page(out)
    assert not list(out.rglob("pages-to-write.json"))


def test_a_gradebook_that_takes_nothing_leaves_no_history(out, monkeypatch):
    """What didn't happen isn't told as if it had."""

    def refuse(*_):
        raise GradeError("It can't be written.")

    _fill("a.csv", "ada", "2")
    monkeypatch.setattr(taking_marks, "apply_marks", refuse)
    _report("--marks", "a.csv", code=2)
    assert (out / "marks.jsonl").read_text() == ""
