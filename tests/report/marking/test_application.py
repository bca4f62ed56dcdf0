"""The marking page in a real browser: by keyboard, kept, written, and quick with a large class."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.model import EarlierMark, Mark
from autograder.report.class_records import ClassRecords
from autograder.report.marking.page import write_marking
from autograder.report.marking.sheets import read_sheet
from autograder.report.written_text import WrittenText
from tests.needs import chromium
from tests.report.classes import HOSTILE, drawn, entry, records

pytestmark = [pytest.mark.slow, pytest.mark.needs("Chromium")]

SCHEME = "* 1 point: which\n* 2 points: what (1); why (1)\n* half a point: form"
MARKS = (Mark("ex1_written", None, 4.0), Mark("ex2_written", None, 6.0))


def _class(count: int = 3) -> ClassRecords:
    points = tuple((number % 37 / 37, number * 7 % 41 / 41) for number in range(500))
    students = [f"student {number}" for number in range(count)]
    rubric = {"ex1_written": SCHEME, "ex2_written": SCHEME}
    return records(*[entry(name, maps=[drawn(points=points)], marks=MARKS) for name in students], rubric=rubric)


def _words(shown: ClassRecords, text: str = "Answer of {}. ") -> dict[str, dict[str, tuple[WrittenText, ...]]]:
    return {
        one.student: {mark.name: (WrittenText(text.replace("{}", one.student) + HOSTILE),) for mark in one.marks}
        for one in shown.entries
    }


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page whose errors fail the test, what its policy forbids among them."""
    context = browser.new_context(accept_downloads=True)
    page, errors = context.new_page(), []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert errors == []


def _download(page: Any) -> str:
    with page.expect_download() as waiting:
        page.keyboard.press("w")
    return Path(waiting.value.path()).read_text("utf-8-sig")


def _rows(text: str) -> dict[tuple[str, str], dict[str, str]]:
    return {(row["student"], row["cell"]): row for row in csv.DictReader(io.StringIO(text, newline=""))}


def test_a_class_is_marked_by_keyboard(page: Any, tmp_path: Path) -> None:
    """Items, halves, points of one's own and a comment come into a sheet that is taken in; a reload loses nothing."""
    shown = _class()
    write_marking(shown, _words(shown), tmp_path, "ada")
    page.goto((tmp_path / "marking.html").as_uri())
    page.keyboard.press("1")
    page.keyboard.press("Shift+Digit3")
    assert page.input_value("#score") == "1.5"
    page.keyboard.press("c")
    page.keyboard.type('=1+1, and 2, "n" or n')
    page.keyboard.press("Escape")
    first = page.inner_text("#number")
    page.keyboard.press("n")
    assert page.inner_text("#number") != first
    page.keyboard.press("+")
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.press("p")
    page.keyboard.type("2,25")
    page.keyboard.press("Enter")
    page.keyboard.press("]")
    page.keyboard.press("0")
    page.reload()
    assert page.inner_text("#progress") == "1 of 3 are marked here, 4 of 6 in all."
    assert page.inner_text("#name") == ""
    path = tmp_path / "filled.csv"
    path.write_text(_download(page), "utf-8")
    changes = read_sheet(path, {one.student: one.marks for one in shown.entries}).changes
    found = sorted((change.before.name, change.score, change.comment) for own in changes.values() for change in own)
    comment = '=1+1, and 2, "n" or n'
    assert found == [
        ("ex1_written", 0.5, comment),
        ("ex1_written", 1.5, comment),
        ("ex1_written", 2.25, ""),
        ("ex2_written", 0.0, ""),
    ]
    (row,) = (row for row in _rows(path.read_text("utf-8")).values() if row["score"] == "1.5")
    assert (row["items"], row["place"], row["marker"]) == ("1=1;3=0.5", "1", "ada")


def test_what_was_left_alone_is_written_as_it_was(page: Any, tmp_path: Path) -> None:
    """A page that nobody touched makes a sheet that changes nothing."""
    marked = (Mark("ex1_written", 2.5, 4.0, "-1: why?"), Mark("ex2_written", 0.0, 6.0, blank=True))
    shown = records(entry("=ada", marks=marked))
    write_marking(shown, {}, tmp_path)
    page.goto((tmp_path / "marking.html").as_uri())
    path = tmp_path / "filled.csv"
    path.write_text(_download(page), "utf-8")
    sheet = read_sheet(path, {"=ada": marked})
    assert (sheet.changes, sheet.conflicts) == ({}, ())


def test_an_answer_that_was_marked_in_other_words_waits(page: Any, tmp_path: Path) -> None:
    """Both stand there, and what is given now makes it marked in the sheet."""
    earlier = EarlierMark(1.0, None, "So.", "The old words.")
    write_marking(records(entry("ada", marks=(Mark("ex1_written", None, 4.0, earlier=earlier),))), {}, tmp_path)
    page.goto((tmp_path / "marking.html").as_uri())
    assert "The old words." in page.inner_text("#words")
    assert page.input_value("#score") == ""
    page.keyboard.press("+")
    (row,) = _rows(_download(page)).values()
    assert (row["state"], row["score"]) == ("marked", "0.5")


def test_wrong_points_are_not_written(page: Any, tmp_path: Path) -> None:
    """They are told where they stand."""
    shown = _class(1)
    write_marking(shown, _words(shown), tmp_path)
    page.goto((tmp_path / "marking.html").as_uri())
    page.keyboard.press("p")
    page.keyboard.type("5")
    page.keyboard.press("Escape")
    assert page.inner_text("#wrong") == "Points lie between 0 and 4."
    page.keyboard.press("w")
    assert "can't be taken" in page.inner_text("#said")


def test_answers_that_are_alike_are_marked_at_once(page: Any, tmp_path: Path) -> None:
    """One mark for all of them, but for those that have one; names come when they are asked for."""
    shown = _class()
    write_marking(shown, _words(shown, "The same words by everybody."), tmp_path)
    page.goto((tmp_path / "marking.html").as_uri())
    assert page.is_visible("#alike")
    page.keyboard.press("1")
    page.keyboard.press("e")
    assert page.inner_text("#progress").startswith("3 of 3 are marked here")
    page.check("#names")
    assert page.inner_text("#name").startswith("student ")


def test_without_a_memory_the_page_says_so(browser: Any, tmp_path: Path) -> None:
    """Where the browser keeps nothing, a sentence stands there, and the sheet can be written."""
    shown = _class(1)
    write_marking(shown, _words(shown), tmp_path)
    page = browser.new_page()
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })")
    page.goto((tmp_path / "marking.html").as_uri())
    page.keyboard.press("1")
    assert "keeps nothing" in page.inner_text("#saved")
    assert ",1," in _download(page)
    page.close()


def test_three_hundred_students_are_marked_without_a_pause(page: Any, tmp_path: Path) -> None:
    """The page opens in three seconds, and each of many marks and steps is there in a tenth of one."""
    shown = _class(300)
    write_marking(shown, _words(shown), tmp_path)
    start = time.monotonic()
    page.goto((tmp_path / "marking.html").as_uri())
    assert page.inner_text("#number").startswith("Answer ")
    assert time.monotonic() - start < 3
    taken = []
    for _ in range(40):
        start = time.monotonic()
        page.keyboard.press("1")
        page.keyboard.press("n")
        page.inner_text("#number")
        taken.append(time.monotonic() - start)
    assert sorted(taken)[20] < 0.1
