"""The marking sheet: each answer with its rubric and its maps."""

from pathlib import Path

import pytest

from autograder.model import Mark
from autograder.report.class_records import Entry, ReportError
from autograder.report.marking.page import questions, render_marking_page, write_marking
from autograder.report.written_text import WrittenText
from tests.report.classes import HOSTILE, Page, drawn, entry, records

MIDDLE = {"check": "ex3_embedding", "title": "Middle layer"}


def _student(name: str, *scores: float | None, maps: tuple = (), comment: str = "", blank: bool = False) -> Entry:
    marks = (Mark(f"ex{n}_written", s, 4.0, comment, blank) for n, s in enumerate(scores, 1))
    return entry(name, maps=maps, marks=tuple(marks))


def _text(words: str, *pictures: str, where: str = "") -> tuple[WrittenText, ...]:
    return (WrittenText(words, pictures, where),)


def test_answers_stand_by_question() -> None:
    """Each question has the answers that wait, then those that are marked; blank ones are counted."""
    entries = (_student("ada", None), _student("bob", 3.0), _student("cleo", 0.0, blank=True))
    (question,) = questions(records(*entries), {})
    assert [answer.entry.student for answer in question.waiting] == ["ada"]
    assert [answer.entry.student for answer in question.marked] == ["bob"]
    assert [answer.entry.student for answer in question.blank] == ["cleo"]
    assert "1 student left this blank" in Page(render_marking_page(records(*entries), {})).text


def test_a_zero_that_a_person_gave_is_marked() -> None:
    """Nought points with other words, or with none, are no blank answer."""
    (question,) = questions(records(_student("ada", 0.0)), {})
    assert (len(question.marked), question.blank) == (1, ())


def test_words_rubric_and_mark_are_shown() -> None:
    """The sheet has what was written, the mark scheme as text with a form, and the points that there are."""
    shown = records(_student("ada", None, 2.5, comment="Well."), rubric={"ex1_written": "* 1 point: **why** `t-SNE`"})
    page = render_marking_page(shown, {"ada": {"ex1_written": _text("Because."), "ex2_written": _text("So.")}})
    assert "<li>1 point: <strong>why</strong> <code>t-SNE</code></li>" in page
    text = Page(page).text
    assert "Because." in text
    assert "2.5 / 4" in text
    assert "Well." in text
    assert "has no mark scheme for this answer" in text
    assert "Exercise 1, written: 1 to mark" in text
    assert "Exercise 2, written: 0 to mark" in text


def test_an_answer_has_the_maps_that_it_may_be_about() -> None:
    """The first question has none, the second its own, the third those of both exercises."""
    one = _student("ada", None, None, None, maps=(drawn(), drawn(**MIDDLE)))
    found = questions(records(one), {})
    titles = [[tile.drawn.title for tile in question.waiting[0].tiles] for question in found]
    assert titles == [[], ["Deep layer"], ["Deep layer", "Middle layer"]]


def test_exercise_ten_comes_after_two() -> None:
    """Exercises are compared by number, not by letter."""
    marks = (Mark("ex10_written", None, 1.0),)
    (question,) = questions(records(entry(maps=[drawn()], marks=marks)), {})
    assert len(question.waiting[0].tiles) == 1


@pytest.mark.parametrize("where", ["student", "words", "comment", "rubric"])
def test_hostile_text_is_text(where: str) -> None:
    """Nothing that anybody wrote makes an element that runs or loads."""
    name = HOSTILE if where == "student" else "ada"
    one = _student(name, None, maps=(drawn(),), comment=HOSTILE if where == "comment" else "")
    rubric = {
        "ex1_written": HOSTILE + "\n\n[x](javascript:alert(1)) ![y](http://evil/y.png)" if where == "rubric" else "x"
    }
    words = {name: {"ex1_written": _text(HOSTILE, where=HOSTILE) if where == "words" else _text("x")}}
    page = Page(render_marking_page(records(one, rubric=rubric), words))
    assert {"script", "img"}.isdisjoint(tag for tag, _ in page.elements)
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)
    assert not any("javascript" in str(link.get("href")) for link in page.all("a"))
    assert "49" not in page.text


def test_words_elsewhere_stand_beside_the_question() -> None:
    """Each passage says where it was found, and pictures are shown."""
    words = (*_text("In its cell."), *_text("Below it.", "data:,x", where="written below the answer's cell"))
    page = Page(render_marking_page(records(_student("ada", None)), {"ada": {"ex1_written": words}}))
    assert "In its cell. Written below the answer's cell: Below it." in page.text
    assert [image["src"] for image in page.all("img")] == ["data:,x"]


def test_an_answer_that_nobody_can_find_is_told() -> None:
    """A student without a notebook has a place on the sheet all the same."""
    assert "No notebook holds this answer." in Page(render_marking_page(records(_student("ada", None)), {})).text


def test_a_class_without_written_answers_has_no_sheet() -> None:
    """Nothing to mark is said, and no page is made."""
    with pytest.raises(ReportError, match="nothing to mark"):
        render_marking_page(records(entry()), {})


def test_sheet_and_table_are_written(tmp_path: Path) -> None:
    """Both files are there whole; the page links to the class page."""
    assert write_marking(records(_student("ada", None)), {}, tmp_path) == ("marking.html", "marking.csv")
    assert {"href": "report.html"} in Page((tmp_path / "marking.html").read_text("utf-8")).all("a")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["marking.csv", "marking.html"]


def test_neither_is_written_where_work_would_be_lost(tmp_path: Path) -> None:
    """A filled table stays, and no page that doesn't belong to it is made."""
    (tmp_path / "marking.csv").write_text("student,cell,score\nada,ex1_written,1\n")
    with pytest.raises(ReportError, match="not in the gradebook yet"):
        write_marking(records(_student("ada", None)), {}, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["marking.csv"]
