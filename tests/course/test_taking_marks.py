"""Two people's sheets meet: nothing is lost in silence, and a sheet can be taken back."""

import csv
import json
from pathlib import Path

import pytest

from autograder import cli
from autograder.course import taking_marks
from autograder.errors import GradeError
from autograder.grade.gradebook.read import read_marks
from autograder.grade.gradebook.write_marks import apply_marks
from autograder.model import Mark
from tests.course.two_students import graded_pair
from tests.grade.marking import given
from tests.grade.tiny import NAME


@pytest.fixture
def out(tmp_path, monkeypatch):
    """A graded folder of two, with a sheet for each of two markers."""
    folder = graded_pair(tmp_path)
    monkeypatch.chdir(tmp_path)
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


def _sheet(path, marker, **scores):
    rows = [f"{student},ex1_written,2,to mark,{score},,|,{marker}" for student, score in scores.items()]
    Path(path).write_text("\n".join(["student,cell,max,state,score,comment,was,marker", *rows]) + "\n")


def test_several_sheets_are_taken_in_at_once(out, capsys):
    """What they say alike counts, who said it is kept, and how alike they are is told here and by export."""
    _sheet("a.csv", "ann", ada="2", bob="1")
    _sheet("b.csv", "ben", ada="2")
    _report("--marks", "a.csv", "b.csv")
    assert "1 of 1 answers that two people marked have the same points" in capsys.readouterr().err
    assert _marks(out) == {"ada": (2.0, ""), "bob": (1.0, "")}
    assert [json.loads(line)["marker"] for line in (out / "marks.jsonl").read_text().splitlines()] == ["ann"]
    assert cli.main(["export", "out", "--lms", "csv"]) == 0
    printed = capsys.readouterr().out
    assert "Marking is complete: 2 written answers." in printed
    assert "Exercise 1, written: no alpha, all points are equal, of 1 answer." in printed


def test_where_two_differ_somebody_decides(out, capsys):
    """Neither sheet is taken in before; agreement is told all the same."""
    _sheet("a.csv", "ann", ada="2", bob="1")
    _sheet("b.csv", "ben", ada="1", bob="1")
    _report("--marks", "a.csv", "--marks", "b.csv", code=2)
    told = capsys.readouterr().err
    assert "Exercise 1, written: alpha " in told
    assert "Exercise 1, written, ada: ann 2, ben 1" in told
    assert "ada, ex1_written: b.csv: the sheet says 1 for no points, and it is 2 by now." in told
    assert _marks(out) == {"ada": (None, ""), "bob": (None, "")}
    _report("--marks", "a.csv", "b.csv", "--conflicts", "sheet")
    assert _marks(out) == {"ada": (1.0, ""), "bob": (1.0, "")}
    _report("--undo")
    assert _marks(out) == {"ada": (2.0, ""), "bob": (1.0, "")}
    cli.main(["export", "out", "--lms", "csv"])
    assert "Marking is complete" in capsys.readouterr().out


def test_a_mistake_in_the_second_sheet_keeps_the_first_out_too(out, capsys):
    """All of them or none."""
    _sheet("a.csv", "ann", ada="2")
    _sheet("b.csv", "ben", ada="9")
    _report("--marks", "a.csv", "b.csv", code=2)
    assert "does not lie between 0 and 2" in capsys.readouterr().err
    assert _marks(out)["ada"] == (None, "")


def test_answers_are_dealt_out(out, capsys):
    """A page and a sheet for each; together they have every answer."""
    _report("--markers", "ann,ben", "--overlap", "0%")
    assert "out/marking-ann.html" in capsys.readouterr().out
    rows = [(out / f"marking-{name}.csv").read_text("utf-8-sig").splitlines()[1:] for name in ("ann", "ben")]
    assert [len(own) for own in rows] == [1, 1]
    assert {row.partition(",")[0] for own in rows for row in own} == {"ada", "bob"}
    assert cli.main(["export", "out", "--lms", "csv"]) == 0
    assert "Marking is not complete: 2 of 2 written answers wait for a person." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--markers", "ann"), "two different names"),
        (("--markers", "ann,Ann"), "two different names"),
        (("--markers", "ann,../x"), "names are letters"),
        (("--markers", "ann,ben", "--overlap", "110%"), "is no share"),
    ],
)
def test_markers_are_named_rightly(out, capsys, options, words):
    """One sentence says what is wanted."""
    with pytest.raises(SystemExit):
        cli.main(["report", "out", *options])
    assert words in capsys.readouterr().err
