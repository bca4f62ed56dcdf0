"""docs/add-a-question.md: its cells make an exercise, in the shipped assignment and in one without a network."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.assignment.cells import grade_id
from autograder.compile.lint import find_problems
from tests.compile.small import graded, write_small_course
from tests.docs.pages import ROOT, Shell, commands

PAGE, NAME = "docs/add-a-question.md", "mapping_representations"
_CELL = re.compile(r"`(ex4_\w+)`([^`]*?):\n\n```(\w+)\n(.*?)\n```", re.DOTALL)
_OTHER = re.compile(r"```(markdown|toml)\n(.*?)\n```", re.DOTALL)


def _text() -> str:
    return (ROOT / PAGE).read_text("utf-8")


def _cells() -> list[NotebookNode]:
    """Return the page's cells: kinds and points are as its sentences say."""
    cells = []
    for name, words, language, source in _CELL.findall(_text()):
        points = re.search(r"(\d+)\s+points?", words)
        manual = "Manually" in words or (language == "markdown" and points)
        marks = graded(
            name,
            grade=points is not None,
            solution=bool(manual) or "### BEGIN SOLUTION" in source,
            points=float(points[1]) if points else None,
            kind="code" if language == "python" else "markdown",
        )
        cells.append((new_code_cell if language == "python" else new_markdown_cell)(source, metadata=marks))
    return cells


def _block(beginning: str) -> str:
    """Return the block that begins so."""
    return next(source for _, source in _OTHER.findall(_text()) if source.startswith(beginning))


def add_exercise(folder: Path) -> None:
    """Add the page's cells, and its submissions, to an assignment."""
    path = folder / f"{folder.name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if grade_id(cell) == "intro":
            lines = cell.source.split("\n")
            last = max(number for number, line in enumerate(lines) if line.startswith("| 3 "))
            cell.source = "\n".join([*lines[: last + 1], _block("| 4 |"), *lines[last + 1 :]])
    notebook.cells += _cells()
    nbformat.write(notebook, path)
    with (folder / "assignment.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + _block("[[submissions]]") + "\n")


def test_the_exercise_fits_the_shipped_assignment(tmp_path: Path) -> None:
    """Points stand in texts and in the table, and lint finds nothing."""
    folder = Path(shutil.copytree(ROOT / "source" / NAME, tmp_path / "source" / NAME))
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    add_exercise(folder)
    assert [grade_id(cell) for cell in _cells()] == [
        "ex4_text", "ex4_weights", "ex4_weights_test", "ex4_size", "ex4_size_test", "ex4_stride_test", "ex4_largest",
        "ex4_largest_test", "ex4_question", "ex4_written",
    ]  # fmt: skip
    assert find_problems(folder) == ()


@pytest.mark.slow
@pytest.mark.long
def test_every_route_gives_the_same_points(tmp_path: Path) -> None:
    """The page's command, in a course whose assignment needs no network: solved, blank, and both submissions."""
    write_small_course(tmp_path)
    folder = tmp_path / "source" / NAME
    (tmp_path / "source" / "small").rename(folder)
    (folder / "small.ipynb").rename(folder / f"{NAME}.ipynb")
    add_exercise(folder)
    home = tmp_path / "home"
    home.mkdir()
    (command,) = [one for one in commands(PAGE) if one.text == f"autograder build {NAME}"]
    printed = Shell(tmp_path, home).run(command)
    for route in ("otter run", "nbgrader", "autograder grade"):
        for notebook, points in {
            "solved notebook": 8, "blank release": 0, "submission 'biases forgotten'": 6,
            "submission 'no word of strides'": 7,
        }.items():  # fmt: skip
            assert f"{notebook} by {route}: {points} of 8" in printed
