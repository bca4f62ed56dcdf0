"""`autograder report`: from a graded folder to the class page, and marks back into the gradebook."""

import csv
import json
from pathlib import Path

import nbformat
import pytest

from autograder import cli
from autograder.assignment.plan import make_plan
from autograder.execute.verdicts import blank_answers
from autograder.grade.folders import folder_name
from autograder.grade.gradebook.prepare import Grades, prepare_gradebook
from autograder.grade.gradebook.read import read_marks
from autograder.grade.gradebook.write_marks import apply_marks
from autograder.grade.map_files import write_images, write_maps
from autograder.grade.results import append_result
from autograder.model import Mark, SubmissionResult
from tests.grade.marking import given
from tests.grade.tiny import NAME, submission, write_course
from tests.report.classes import IMAGES, Page, check, drawn, result

HOSTILE = "=a/../../<i>&b\nc"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `grade` leaves it, for two students."""
    root = tmp_path_factory.mktemp("course")
    assignment, release = write_course(root)
    plan, out = make_plan(assignment.folder, release), root / "out"
    out.mkdir()
    prepare_gradebook(out / "gradebook.db", assignment, plan)
    for student in ("ada", HOSTILE):
        _hand_in(out, result(student, check("ex1_test", score=3.0, max_score=3.0)), plan)
    write_images(out, NAME, IMAGES)
    return root


def _hand_in(out: Path, one: SubmissionResult, plan: object) -> None:
    notebook = out / "autograded" / folder_name(one.student) / NAME / f"{NAME}.ipynb"
    notebook.parent.mkdir(parents=True)
    nbformat.write(submission(words="In <my> words."), notebook)
    page = out / "feedback" / folder_name(one.student) / f"{NAME}.html"
    page.parent.mkdir(parents=True)
    page.write_text("feedback")
    with Grades(out / "gradebook.db", plan) as grades:
        grades.record(one, blank_answers(submission(), plan))  # type: ignore[arg-type]
    write_maps(out, one.student, NAME, (drawn("a", one.student),))
    append_result(out / "results.jsonl", one)


@pytest.fixture
def out(graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, in a folder of its own, beside the sources."""
    for path in graded.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(graded)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    monkeypatch.chdir(tmp_path)
    return Path("out")


def test_the_class_page_is_written(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One page, its path on stdout, and every link of it leads to a file, hostile names included."""
    assert cli.main(["report", str(out)]) == 0
    assert capsys.readouterr().out == f"{out / 'report.html'}\n"
    page = Page((out / "report.html").read_text("utf-8"))
    links = {str(link["href"]) for link in page.all("a") if str(link["href"]).startswith("feedback/")}
    assert links == {"feedback/ada/tiny.html", f"feedback/{folder_name(HOSTILE).replace('&', '%26')}/tiny.html"}
    assert all((out / link).read_text() == "feedback" for link in links)
    assert len(page.all("img")) == 2
    assert "written answers to mark 2" in page.text


def test_earlier_results_are_compared(out: Path) -> None:
    """The results before the last grading are read where they lie."""
    append_result(out / "results.previous.jsonl", result("ada", check("ex1_test", "wrong_layer", max_score=3.0)))
    assert cli.main(["report", str(out)]) == 0
    assert "1 changed, 1 new, 0 gone" in Page((out / "report.html").read_text("utf-8")).text


def test_marks_go_round(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table that --marking writes is filled and taken in with --marks, for hostile names too."""
    assert cli.main(["report", str(out), "--marking"]) == 0
    told = capsys.readouterr().out.split()
    assert told == [str(out / name) for name in ("report.html", "marking.html", "marking.csv")]
    assert "In <my> words." in Page((out / "marking.html").read_text("utf-8")).text
    sheet = out / "marking.csv"
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows({**row, "score": "1,5", "comment": "Why?"} for row in rows)
    assert cli.main(["report", str(out), "--marks", str(sheet), "--marking"]) == 0
    assert "2 written answers of 2 students have new marks" in capsys.readouterr().err
    assert read_marks(out / "gradebook.db") == dict.fromkeys(
        sorted(("ada", HOSTILE)), (Mark("ex1_written", 1.5, 2.0, "Why?"),)
    )
    assert "Every written answer is marked." in Page((out / "report.html").read_text("utf-8")).text


def test_a_sheet_with_a_mistake_changes_nothing(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One wrong row keeps the right one out, and no page is written."""
    (out / "marks.csv").write_text("student,cell,score\nada,ex1_written,1\nada,ex1_written,9\neve,ex1_written,1\n")
    assert cli.main(["report", str(out), "--marks", str(out / "marks.csv")]) == 2
    told = capsys.readouterr().err
    assert "line 3" in told
    assert "line 4" in told
    assert read_marks(out / "gradebook.db")["ada"] == (Mark("ex1_written", None, 2.0),)
    assert not (out / "report.html").exists()


def test_work_in_the_sheet_is_kept(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A filled table is not written over by an empty one."""
    (out / "marking.csv").write_text("student,cell,score\nada,ex1_written,1\n")
    assert cli.main(["report", str(out), "--marking"]) == 2
    assert "not in the gradebook yet" in capsys.readouterr().err
    assert "ada,ex1_written,1" in (out / "marking.csv").read_text()


def test_several_assignments_need_a_choice(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which one is asked for, and --assignment answers: a page for each, and one in front; no source need be at hand."""
    with (out / "results.jsonl").open("a") as file:
        file.write(json.dumps(result("ada", assignment="other").to_json()) + "\n")
    assert cli.main(["report", str(out)]) == 2
    assert "--assignment" in capsys.readouterr().err
    assert cli.main(["report", str(out), "--assignment", "other"]) == 0
    assert capsys.readouterr().out.split() == [str(out / name) for name in ("report-other.html", "report.html")]
    assert "<h1>other</h1>" in (out / "report-other.html").read_text("utf-8")
    front = Page((out / "report.html").read_text("utf-8"))
    assert [link["href"] for link in front.all("a")] == ["report-other.html", "report-tiny.html"]
    assert "Tiny" in front.text
    assert "<h1>Tiny</h1>" in (out / "report-tiny.html").read_text("utf-8"), "the front page leads nowhere else"


def test_a_folder_without_results_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing was graded there: that is the sentence, and nothing is written."""
    assert cli.main(["report", str(tmp_path)]) == 2
    assert f"{tmp_path} holds no results" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_feedback_is_written_again_with_marks(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a person gave and said stands on the student's page, the other pages are made anew too, and maps are on them."""
    apply_marks(out / "gradebook.db", NAME, given({"ada": (Mark("ex1_written", 1.5, 2.0, "Look <b>again</b>."),)}))
    assert cli.main(["report", str(out), "--feedback"]) == 0
    assert "2 feedback pages were written again" in capsys.readouterr().err
    pages = [(out / "feedback" / folder_name(student) / f"{NAME}.html").read_text() for student in ("ada", HOSTILE)]
    assert "Look &lt;b&gt;again&lt;/b&gt;." in pages[0]
    assert "1.5 / 2" in pages[0]
    assert "Look" not in pages[1]
    assert all("In &lt;my&gt; words." in page and "Bokeh.embed" in page for page in pages)
