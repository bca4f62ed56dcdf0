"""A sheet for a conversation asks about the student's own maps, and has what is right in these."""

from pathlib import Path

import pytest

from autograder.model import MapImages
from autograder.report.class_records import ReportError
from autograder.report.viva import viva_questions, write_viva
from tests.report.classes import HOSTILE, Page, drawn, entry, records

COUNT = 60
LABELS = tuple("012"[number // 20] for number in range(COUNT))
IMAGES = MapImages(LABELS, ("data:,",) * COUNT, ("0", "1", "2"))


def _map(stray: bool = True, mixed: bool = False, **fields: object):
    """Return a map of three groups; image 3, a 0, may lie among the 2s, and 0 and 1 may be one group."""
    places = {"0": 0.1, "1": 0.1 if mixed else 0.5, "2": 0.9}
    points = [(places[label] + number % 5 / 200, number % 20 / 100) for number, label in enumerate(LABELS)]
    if stray:
        points[3] = (0.905, 0.095)
    return drawn(points=tuple(points), **fields)


def test_three_questions_are_asked() -> None:
    """Strays by number, class and group; groups that touch and the one that doesn't; what the map keeps."""
    strays, borders, kept = viva_questions((_map(),), IMAGES)
    assert strays.answer == "There is one: image 3 is 0, among 2."
    assert strays.pictures == (3,)
    assert "1 stands apart best: 100%" in borders.answer
    assert "the map keeps 50%" in kept.answer


def test_a_map_without_strays_and_borders_has_none() -> None:
    """That is said, and nothing is made up."""
    strays, borders, _ = viva_questions((_map(stray=False),), IMAGES)
    assert strays.answer.startswith("There are none")
    assert strays.pictures == ()
    assert borders.answer.startswith("Hardly any groups touch")


def test_groups_that_mix_are_named() -> None:
    """With how much of their neighbours they share."""
    _, borders, _ = viva_questions((_map(stray=False, mixed=True),), IMAGES)
    assert borders.answer.startswith("Most: 0 and 1 (")
    assert "2 stands apart best" in borders.answer


def test_two_maps_are_compared() -> None:
    """What lies among others in the second alone is shown."""
    *_, compared = viva_questions((_map(stray=False), _map(title="Middle layer")), IMAGES)
    assert '0 points lie among another class in "Deep layer", 1 in "Middle layer", 0 in both.' in compared.answer
    assert compared.pictures == (3,)


def test_the_sheet_is_written(tmp_path: Path) -> None:
    """Maps, questions and answers stand on it, and what students are called is text."""
    name = HOSTILE.partition("\n")[0]
    path = tmp_path / "viva" / "x.html"
    write_viva(records(entry(name, maps=[_map()]), images=IMAGES), name, path)
    page = Page(path.read_text("utf-8"))
    assert "image 3 is 0, among 2" in page.text
    assert "script" not in [tag for tag, _ in page.elements]
    assert [picture["alt"] for picture in page.all("img")] == ["Deep layer: the map that was handed in", "image 3"]


@pytest.mark.parametrize(("student", "words"), [("eve", "no result of a student 'eve'"), ("ada", "no map of 'ada'")])
def test_who_has_no_map_has_no_sheet(tmp_path: Path, student: str, words: str) -> None:
    """One sentence says why."""
    with pytest.raises(ReportError, match=words):
        write_viva(records(entry("ada"), images=IMAGES), student, tmp_path / "viva.html")
