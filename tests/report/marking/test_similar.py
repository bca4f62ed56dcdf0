"""Answers that are equal or nearly equal are found, and two people's own words are not."""

from pathlib import Path

import pytest

from autograder.report.class_page.page import render_class_page
from autograder.report.class_records import AlikeStudents
from autograder.report.marking.similar import alike_students, find_alike, read_alike, write_alike
from autograder.report.written_text import WrittenText
from tests.report.classes import Page, entry, records

ANSWER = (
    "The groups of the deep layer are tighter and cleaner than those of the pixels, since the network was trained to tell "
    "the digits apart. The fours and nines still touch, because a nine with an open loop has the form of a four."
)
RESHUFFLED = ANSWER.replace("tighter and cleaner", "cleaner and tighter").replace("since", "as")
OWN = (
    "Compared with the map of raw images, each class forms its own island in the deep map. The network learned features "
    "which separate classes, so that style matters less. Some 4s lie with the 9s: they look alike."
)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ([ANSWER, OWN], []),
        ([ANSWER, OWN, ANSWER.upper().replace(" ", "  ")], [((0, 2), True)]),
        ([OWN, ANSWER, RESHUFFLED], [((1, 2), False)]),
        ([ANSWER, RESHUFFLED, ANSWER], [((0, 1, 2), False)]),
        (["4 and 9", "4 and 7", "4 and 9"], [((0, 2), True)]),
        (["", "", " "], []),
        (["?", "?"], [((0, 1), True)]),
        ([], []),
    ],
)
def test_what_is_alike(texts: list[str], found: list[tuple[tuple[int, ...], bool]]) -> None:
    """Equal but for capitals and spaces, or nearly equal where there is enough to compare."""
    assert [(group.places, group.equal) for group in find_alike(texts)] == found


def test_the_class_page_has_a_hint(tmp_path: Path) -> None:
    """Who wrote alike is kept and shown, but for answers too short to be anybody's own, and students who are gone."""
    words = {"ada": (ANSWER, "4"), "bob": (OWN, "4"), "cleo": (RESHUFFLED, "4")}
    answers = {
        name: {"ex1_written": (WrittenText(a),), "ex2_written": (WrittenText(b),)} for name, (a, b) in words.items()
    }
    shown = records(entry("ada"), entry("bob"), entry("cleo"))
    alike = alike_students(shown, answers)
    assert alike == (AlikeStudents("ex1_written", ("ada", "cleo"), equal=False),)
    write_alike(tmp_path / "alike.json", alike)
    kept = read_alike(tmp_path / "alike.json")
    assert kept == alike
    text = Page(render_class_page(records(*shown.entries, alike=kept))).text
    assert "ada , cleo Exercise 1, written: nearly equal." in text
    assert "nearly equal" not in Page(render_class_page(records(entry("ada"), entry("bob"), alike=kept))).text


def test_a_damaged_file_is_no_hint(tmp_path: Path) -> None:
    """The page is made without it, as it is where answers were never compared."""
    (tmp_path / "alike.json").write_text("[3]")
    assert read_alike(tmp_path / "alike.json") == read_alike(tmp_path / "none.json") == ()
