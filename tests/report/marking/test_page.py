"""The marking sheet: each answer with its rubric and its maps."""

import json
import re
from pathlib import Path

import pytest

from autograder.model import Mark
from autograder.report.class_records import Entry, ReportError
from autograder.report.marking.dealing import Dealt
from autograder.report.marking.page import KEYS, questions, render_marking_page, write_marking
from autograder.report.written_text import WrittenText
from tests.report.classes import HOSTILE, Page, drawn, entry, records

MIDDLE = {"check": "ex3_embedding", "title": "Middle layer"}


def _student(name: str, *scores: float | None, maps: tuple = (), comment: str = "", blank: bool = False) -> Entry:
    marks = (Mark(f"ex{n}_written", s, 4.0, comment, blank) for n, s in enumerate(scores, 1))
    return entry(name, maps=maps, marks=tuple(marks))


def _text(words: str, *pictures: str, where: str = "") -> tuple[WrittenText, ...]:
    return (WrittenText(words, pictures, where),)


def _data(page: str) -> dict:
    """Return what the page's script works with."""
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page)[1])


def test_answers_stand_by_question() -> None:
    """Each question has every answer once, in random order; blank ones come last."""
    entries = [_student(f"s{n}", None) for n in range(40)] + [_student("cleo", 0.0, blank=True)]
    (question,) = questions(records(*entries), {})
    assert len(question.answers) == 41
    data = _data(render_marking_page(records(*entries), {}))
    order = data["questions"][0]["order"]
    assert sorted(order) == list(range(41))
    assert order[-1] == 40
    assert order[:-1] != list(range(40))
    assert [answer["state"] for answer in data["answers"]] == ["to mark"] * 40 + ["blank"]


def test_the_order_goes_by_marker_and_question() -> None:
    """It is the same each time, another one for another person or question, and an answer keeps its number."""
    shown = records(*[_student(f"s{n}", None, None) for n in range(30)])
    one, again, other = (_data(render_marking_page(shown, {}, marker)) for marker in ("ada", "ada", "ben"))
    assert one == again
    assert one["questions"][0]["order"] != other["questions"][0]["order"]
    assert one["questions"][0]["order"] != [place - 30 for place in one["questions"][1]["order"]]
    assert [a["number"] for a in one["answers"]] == [a["number"] for a in other["answers"]]
    assert sorted(a["number"] for a in one["answers"][:30]) == list(range(1, 31))


def test_names_are_not_on_the_page_before_they_are_asked_for() -> None:
    """They stand in the script's data alone, which writes the sheet by them."""
    page = render_marking_page(records(_student("Ada Lovelace", None)), {})
    assert "Ada" not in Page(page).text
    assert _data(page)["answers"][0]["student"] == "Ada Lovelace"


def test_answers_that_are_alike_stand_together() -> None:
    """Their places follow each other, and each of them knows of the others."""
    words = {f"s{n}": {"ex1_written": _text(f"{n} " * 30)} for n in range(20)}
    words["s3"] = words["s17"] = {"ex1_written": _text("The groups are tighter, since the network was trained for it.")}
    data = _data(render_marking_page(records(*[_student(f"s{n}", None) for n in range(20)]), words))
    order = data["questions"][0]["order"]
    assert abs(order.index(3) - order.index(17)) == 1
    assert (data["answers"][3]["alike"], data["answers"][3]["equal"]) == ([3, 17], True)
    assert data["answers"][4]["alike"] == []


def test_who_marks_a_part_sees_that_part_alone() -> None:
    """Other answers aren't on the page, nor is what others gave."""
    shown = records(_student("ada", 3.0, comment="Fine."), _student("bob", None))
    page = render_marking_page(shown, {}, dealt=Dealt("carl", frozenset({("ada", "ex1_written")})))
    (answer,) = _data(page)["answers"]
    assert (answer["student"], answer["score"], answer["comment"], answer["was"]) == ("ada", "", "", "|")
    assert "Fine." not in page
    assert "bob" not in page


def test_words_rubric_and_items_are_shown() -> None:
    """The page has what was written as it was meant, the mark scheme, its items, and the points that there are."""
    shown = records(_student("ada", None, 2.5, comment="Well."), rubric={"ex1_written": "* 1 point: **why** `t-SNE`"})
    page = render_marking_page(
        shown, {"ada": {"ex1_written": _text("**Because** $a^2$."), "ex2_written": _text("So.")}}
    )
    assert "<li>1 point: <strong>why</strong> <code>t-SNE</code></li>" in page
    assert "<strong>Because</strong> <math><mrow><msup><mi>a</mi><mn>2</mn></msup></mrow></math>" in page
    assert "has no mark scheme for this answer" in Page(page).text
    data = _data(page)
    assert [(answer["score"], answer["comment"]) for answer in data["answers"]] == [("", "Well."), ("2.5", "Well.")]
    assert [question["items"] for question in data["questions"]] == [[{"points": 1.0}], []]
    assert '<template id="item-0-0"><p><strong>why</strong> <code>t-SNE</code></p>' in page


def test_an_answer_has_the_maps_that_it_may_be_about() -> None:
    """The first question has none, the second its own, the third those of both exercises."""
    one = _student("ada", None, None, None, maps=(drawn(), drawn(**MIDDLE)))
    found = questions(records(one), {})
    titles = [[tile.drawn.title for tile in question.answers[0].tiles] for question in found]
    assert titles == [[], ["Deep layer"], ["Deep layer", "Middle layer"]]


def test_exercise_ten_comes_after_two() -> None:
    """Exercises are compared by number, not by letter."""
    marks = (Mark("ex10_written", None, 1.0),)
    (question,) = questions(records(entry(maps=[drawn()], marks=marks)), {})
    assert len(question.answers[0].tiles) == 1


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
    assert "img" not in [tag for tag, _ in page.elements]
    assert page.all("script") == [{"type": "application/json", "id": "data"}, {}]
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


def test_the_keys_are_those_of_the_docs() -> None:
    """Each stands there in the same words."""
    text = Path("docs/marking.md").read_text("utf-8")
    assert all(f"| {key} | {what} |" in text for key, what in KEYS)
