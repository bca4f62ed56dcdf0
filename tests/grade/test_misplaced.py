"""A class that wrote words and code in the wrong places, graded whole: nobody's are lost on the way to who marks."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from rich.console import Console

from autograder.grade import GradeRequest, Limits, grade
from autograder.grade.gradebook.read import read_marks
from autograder.graded_folder import read_class, read_class_answers
from autograder.model import Mark
from autograder.report import write_page
from autograder.report.marking.page import write_marking
from autograder.report.marking.sheets import Sheet, read_sheet
from tests.grade import tiny
from tests.needs import strongest_level

WORDS = "Zeros stand apart."
BLANK = "YOUR ANSWER HERE"
_SETUP, _CODE, _TEST, _WRITTEN = range(4)


def imported(notebook: NotebookNode) -> None:
    """Put an import into the given cell, and use it in the answer."""
    notebook.cells[_SETUP].source += "\nimport math\nbase = 3"
    notebook.cells[_CODE].source = "answer = math.floor(21.5) * base"


def stripped(notebook: NotebookNode) -> None:
    """Do the same, and lose all metadata."""
    imported(notebook)
    for cell in notebook.cells:
        cell.metadata = NotebookNode()


def below(notebook: NotebookNode) -> None:
    """Answer in a cell below the answer's own."""
    notebook.cells[_WRITTEN].source = BLANK
    notebook.cells.append(new_markdown_cell(WORDS))


def in_code(notebook: NotebookNode) -> None:
    """Answer in words where code was asked for, in code below the check."""
    notebook.cells[_WRITTEN].source = BLANK
    notebook.cells[_CODE].source = "# YOUR CODE HERE"
    notebook.cells.insert(_WRITTEN, new_code_cell(f'answer = 42\nprint("{WORDS} I think so.")'))


def with_picture(notebook: NotebookNode) -> None:
    """Put a picture of a hundred thousand characters before the words."""
    notebook.cells[_WRITTEN].source = f"![m](data:image/png;base64,{'A' * 100_000})\n\n{WORDS}"


def blank(notebook: NotebookNode) -> None:
    """Leave the written answer as it was given."""
    notebook.cells[_WRITTEN].source = BLANK


CLASS: dict[str, Callable[[NotebookNode], None]] = {
    one.__name__: one for one in (imported, stripped, below, in_code, with_picture, blank)
}


def _grade(root: Path, names: list[str]) -> tuple[Path, dict[str, tuple[float, str]]]:
    """Grade the class, each by the way of its name; return the folder, and score and message by student."""
    if not (root / "source").exists():
        tiny.write_course(root)
    assignment, release = (
        tiny.Assignment(tiny.NAME, "Tiny", root / "source" / tiny.NAME, ("data.txt",), "S.md", (), "3.11", 1),
        root / "release/nbgrader" / tiny.NAME,
    )
    (root / "in").mkdir(exist_ok=True)
    for name in names:
        notebook = tiny.submission()
        CLASS.get(name, lambda _: None)(notebook)
        (root / "in" / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    limits, level = Limits(60, memory=2), strongest_level()
    request = GradeRequest(
        root / "in", assignment, release, root / "out", jobs=2, isolation=level, limits=limits, quiet=True
    )
    results = grade(request, Console(stderr=True), write_page("Tiny"))
    return request.out, {one.student: (one.score, one.message or "") for one in results}


@pytest.fixture(scope="module")
def class_(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, tuple[float, str]]]:
    """The class, graded."""
    return _grade(tmp_path_factory.mktemp("misplaced"), list(CLASS))


def _shown(out: Path, student: str) -> list[tuple[str, str]]:
    """Return what the marking page shows of an answer: where it stood, and its words."""
    answers = read_class_answers(out, read_class(out, None))
    return [(text.where, text.words) for text in answers[student]["ex1_written"]]


def test_a_given_cell_with_an_import_scores_the_same_without_metadata(
    class_: tuple[Path, dict[str, tuple[float, str]]],
) -> None:
    """The import runs, the given value stays ours, and the result names the cell."""
    out, results = class_
    assert results["imported"][0] == results["stripped"][0] == 3.0
    assert all("`setup`" in results[name][1] for name in ("imported", "stripped"))
    page = (out / "feedback" / "imported" / "tiny.html").read_text("utf-8")
    assert '<span class="plus">+ base = 3</span>' in page


def test_every_word_stands_beside_its_question(class_: tuple[Path, dict[str, tuple[float, str]]]) -> None:
    """Below, as code, or behind a large picture: who marks reads it, and the feedback shows it."""
    out, results = class_
    assert _shown(out, "below") == [("written below the answer's cell", WORDS)]
    assert _shown(out, "in_code")[0][0] == "written as code above the answer's cell"
    assert _shown(out, "with_picture")[0][1].endswith(WORDS)
    assert results["in_code"][0] == 3.0
    for name in ("below", "in_code", "with_picture"):
        assert WORDS in (out / "feedback" / name / "tiny.html").read_text("utf-8")
        assert read_marks(out / "gradebook.db")[name] == (Mark("ex1_written", None, 2.0),)


def test_blank_is_no_mark_when_it_is_handed_in_again(tmp_path: Path) -> None:
    """The sheet of a blank answer, taken in after the answer came, writes nothing over it."""
    out, _ = _grade(tmp_path, ["blank"])
    records = read_class(out, None)
    assert records.entries[0].marks == (Mark("ex1_written", 0.0, 2.0, blank=True),)
    write_marking(records, read_class_answers(out, records), out)
    (tmp_path / "in" / "blank.ipynb").write_text(json.dumps(tiny.submission(words=WORDS)), encoding="utf-8")
    _grade(tmp_path, [])
    again = read_class(out, None)
    assert read_sheet(out / "marking.csv", {"blank": again.entries[0].marks}) == Sheet({})
    write_marking(again, read_class_answers(out, again), out)
    assert _shown(out, "blank") == [("", WORDS)]
    assert "… / 2" in (out / "feedback" / "blank" / "tiny.html").read_text("utf-8")
