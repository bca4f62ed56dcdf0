"""A mark belongs to the words that it was given for."""

import csv
import dataclasses
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from autograder.assignment.plan import make_plan
from autograder.grade import GradeRequest, Limits, grade
from autograder.grade.gradebook.read import read_marks
from autograder.grade.marked_words import AnswerWords, MarkedWords, put_aside
from autograder.model import EarlierMark
from autograder.report import write_page
from autograder.report.marking.sheets import write_sheet
from tests.grade.tiny import NAME, submission, write_course
from tests.needs import strongest_level


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A class of two, graded and marked: 1.5 with a comment, and a person's 0."""
    root = tmp_path_factory.mktemp("course")
    write_course(root)
    (root / "in").mkdir()
    for student in ("ada", "bob"):
        nbformat.write(submission(), root / "in" / f"{student}.ipynb")
    _grade(root)
    with Gradebook(f"sqlite:///{root / 'out' / 'gradebook.db'}") as gradebook:
        for student, score in (("ada", 1.5), ("bob", 0.0)):
            mark = gradebook.find_grade("ex1_written", NAME, NAME, student)
            mark.manual_score, mark.needs_manual_grade = score, False
        gradebook.find_comment("ex1_written", NAME, NAME, "ada").manual_comment = "Say why."
        gradebook.db.commit()
    return root


def _grade(root: Path, *, fresh: bool = False) -> None:
    from autograder.assignment.settings import read_source

    request = GradeRequest(
        root / "in",
        read_source(root / "source" / NAME).assignment,
        root / "release" / "nbgrader" / NAME,
        root / "out",
        isolation=strongest_level(),
        limits=Limits(120, memory=2),
        quiet=True,
        fresh=fresh,
    )
    grade(request, Console(quiet=True), write_page("Tiny"))


def _hand_in(root: Path, words: str, code: str = "answer = 42") -> None:
    nbformat.write(submission(code, words), root / "in" / "ada.ipynb")
    _grade(root)


def _mark(root: Path, student: str = "ada") -> tuple[float | None, bool, str | None]:
    """Return a mark as formgrader sees it: the points, whether it waits for a person, the comment."""
    with Gradebook(f"sqlite:///{root / 'out' / 'gradebook.db'}") as gradebook:
        mark = gradebook.find_grade("ex1_written", NAME, NAME, student)
        comment = gradebook.find_comment("ex1_written", NAME, NAME, student).manual_comment
        return mark.manual_score, mark.needs_manual_grade, comment


def _page(root: Path) -> str:
    return (root / "out" / "feedback" / "ada" / f"{NAME}.html").read_text("utf-8")


def test_a_mark_stays_with_its_words_and_comes_back_with_them(root, tmp_path):
    """Graded afresh, with other code, with other words, with none, with the first ones again; a 0 is a mark all along."""
    _grade(root, fresh=True)
    assert (_mark(root), _mark(root, "bob")) == ((1.5, False, "Say why."), (0.0, False, None))
    _hand_in(root, "I think so.", "answer = 7")
    assert _mark(root) == (1.5, False, "Say why.")

    _hand_in(root, "I am sure.")
    assert _mark(root) == (None, True, None)
    (mark,) = read_marks(root / "out" / "gradebook.db", NAME)["ada"]
    assert mark.earlier == EarlierMark(1.5, None, "Say why.", "I think so.")
    assert "An earlier answer of yours was marked with 1.5 of 2." in _page(root)
    write_sheet(tmp_path / "marking.csv", read_marks(root / "out" / "gradebook.db", NAME))
    with (tmp_path / "marking.csv").open(encoding="utf-8-sig", newline="") as file:
        states = {row["student"]: row["state"] for row in csv.DictReader(file)}
    assert states == {"ada": "to mark (1.5 on an earlier answer)", "bob": "marked"}

    _hand_in(root, "YOUR ANSWER HERE")
    assert _mark(root)[0] is None
    _hand_in(root, "I think so.")
    assert _mark(root) == (1.5, False, "Say why.")
    assert "Say why." in _page(root)
    assert _mark(root, "bob") == (0.0, False, None)


def test_a_changed_question_asks_for_another_look(root, tmp_path):
    """The key of the same words is another one by another question."""
    plan = make_plan(root / "source" / NAME, root / "release" / "nbgrader" / NAME)
    before = MarkedWords(tmp_path, plan).key("ex1_written", "I think so.")
    assert before == MarkedWords(tmp_path, plan).key("ex1_written", " I think so.\n")
    question = dataclasses.replace(plan.cells[0], grade_id="ex1_text", cell_type="markdown", source="Why?")
    plan = dataclasses.replace(plan, cells=(question, *plan.cells))
    assert MarkedWords(tmp_path, plan).key("ex1_written", "I think so.") != before


def test_a_kill_on_the_way_loses_no_mark():
    """The words are moved in two steps; between them the gradebook may have no mark any more."""
    mark = EarlierMark(1.5, None, "", "old")
    answer = AnswerWords("old", "old", "", {})
    assert put_aside(answer, "new", mark) is None
    assert put_aside(answer, "new", None) is None
    assert answer.marks == {"old": mark}


def test_a_mark_that_was_taken_back_stays_away():
    """Words come back without the mark that a person took back from them."""
    answer = AnswerWords("old", "old", "", {"old": EarlierMark(1.5, None, "", "old")})
    put_aside(answer, "new", None)
    assert answer.marks == {}


def test_a_damaged_record_costs_no_run(tmp_path, root):
    """Nothing is known then, as in a folder of before: a person looks at the marks again."""
    plan = make_plan(root / "source" / NAME, root / "release" / "nbgrader" / NAME)
    words = MarkedWords(tmp_path, plan)
    words.write("ada", {"ex1_written": AnswerWords("key", "text", "", {})})
    assert words.read("ada")["ex1_written"].text == "text"
    (path,) = tmp_path.rglob("ada.json")
    path.write_text("{", "utf-8")
    assert words.read("ada") == {}
