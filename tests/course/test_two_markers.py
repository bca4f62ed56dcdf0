"""The demo's class of eight is marked by two people in a real browser, from pages that are dealt out to agreement and export."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder import cli
from autograder.assignment.cells import is_blank, is_written
from autograder.assignment.plan import make_plan
from autograder.assignment.settings import read_assignment
from autograder.demo.run import ASSIGNMENT, fill
from autograder.demo.students import STUDENTS
from autograder.grade.folders import folder_name
from autograder.grade.gradebook.prepare import Grades, prepare_gradebook
from autograder.grade.gradebook.read import read_marks
from autograder.grade.results import append_result
from autograder.model import CheckResult, SubmissionResult
from tests.docs.pages import ROOT
from tests.needs import chromium

pytestmark = [pytest.mark.slow, pytest.mark.needs("Chromium")]


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo's class as the machine leaves it: what was written is there, and nothing ran."""
    source, release = ROOT / "source" / ASSIGNMENT, ROOT / "release" / "nbgrader" / ASSIGNMENT
    monkeypatch.chdir(tmp_path)
    (tmp_path / "source").symlink_to(ROOT / "source")
    out = tmp_path / "out"
    out.mkdir()
    plan, assignment = make_plan(source, release), read_assignment(source)
    given = nbformat.read(release / f"{ASSIGNMENT}.ipynb", as_version=4)
    prepare_gradebook(out / "gradebook.db", assignment, plan)
    for student in STUDENTS:
        notebook = fill(given, student)
        folder = out / "autograded" / folder_name(student.name) / ASSIGNMENT
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{ASSIGNMENT}.ipynb")
        check = CheckResult("ex2_plot", "passed", 2.0, 2.0)
        result = SubmissionResult(student.name, ASSIGNMENT, "graded", 2.0, 2.0, "process", 1.0, None, (check,))
        blank = {c.metadata.nbgrader.grade_id for c in notebook.cells if is_written(c) and _same(c, given)}
        with Grades(out / "gradebook.db", plan) as grades:
            grades.record(result, blank)
        append_result(out / "results.jsonl", result)
    return out


def _same(cell: Any, given: Any) -> bool:
    """Return whether a student left a cell as it was."""
    return is_blank(cell) or any(cell.source == one.source for one in given.cells if one.id == cell.id)


@pytest.fixture
def page() -> Iterator[Any]:
    """A page of a headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page(accept_downloads=True)
        browser.close()


def _mark(page: Any, path: Path, harder: bool) -> int:
    """Mark every answer of a page by keyboard, and write its sheet; return how many there were."""
    page.goto(path.as_uri())
    count = 0
    for number in range(page.locator("#questions button").count()):
        page.locator("#questions button").nth(number).click()
        for _ in range(40):
            if page.input_value("#score"):
                break
            for item in range(page.locator("#items li").count() - (1 if harder and count % 2 else 0)):
                page.keyboard.press(str(item + 1))
            count += 1
            page.keyboard.press("n")
    with page.expect_download() as waiting:
        page.keyboard.press("w")
    waiting.value.save_as(path.with_suffix(".csv"))
    return count


def test_a_class_is_marked_by_two(out: Path, page: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """Their sheets meet: agreement is printed, what differs waits for a decision, and export says what came of it."""
    assert cli.main(["report", "out", "--markers", "ada,ben", "--overlap", "50%"]) == 0
    counts = [_mark(page, out / f"marking-{name}.html", name == "ben") for name in ("ada", "ben")]
    written = [mark for own in read_marks(out / "gradebook.db").values() for mark in own if not mark.blank]
    assert len(written) >= 16
    assert sum(counts) > len(written)
    sheets = [str(out / f"marking-{name}.csv") for name in ("ada", "ben")]
    capsys.readouterr()
    assert cli.main(["report", "out", "--marks", *sheets]) == 2
    told = capsys.readouterr().err
    assert "Agreement (Krippendorff's alpha, interval; 1 is complete, 0 is chance):\n  Exercise 1, written: " in told
    assert "item 1: " in told
    assert "  ada: +" in told
    assert "  ben: -" in told
    assert "Nothing was taken in" in told
    assert cli.main(["report", "out", "--marks", *sheets, "--conflicts", "gradebook"]) == 0
    capsys.readouterr()
    assert cli.main(["export", "out", "--lms", "csv"]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert f"Marking is complete: {len(written)} written answers." in printed
    assert "Agreement where two people marked (Krippendorff's alpha). Exercise 1, written: " in printed
