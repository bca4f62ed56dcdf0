"""The changes that docs/first-hour.md names: each is made from its row, found where it is half made, and built whole."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.assignment.cells import grade_id, is_bonus, is_graded
from autograder.compile.compiler import compile_source
from autograder.compile.lint import check_source, find_problems

NAME = "mapping_representations"
ROWS = {
    row[0]: row[1:]
    for line in (Path(__file__).parents[2] / "docs" / "first-hour.md").read_text("utf-8").splitlines()
    if len(row := [part.strip().strip("`") for part in line.strip("| \n").split(" | ")]) == 4
}


@pytest.fixture
def source(root: Path, tmp_path: Path) -> Path:
    """Return a copy of the assignment's source."""
    return Path(shutil.copytree(root / "source" / NAME, tmp_path / "source" / NAME))


def _edit(source: Path) -> tuple[Path, NotebookNode]:
    """Return the source's notebook."""
    path = source / f"{NAME}.ipynb"
    return path, nbformat.read(path, as_version=4)


def _replace(path: Path, old: str, new: str) -> None:
    """Replace what stands in a file once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, old
    path.write_text(text.replace(old, new), "utf-8")


def _text(folder: Path) -> str:
    """Return what a release's notebook says."""
    return "\n".join(cell.source for cell in nbformat.read(folder / f"{NAME}.ipynb", as_version=4).cells)


def _build(root: Path, source: Path, tmp_path: Path) -> tuple[str, str]:
    """Return the texts of the two releases that a sound source is compiled to."""
    built = compile_source(root, check_source(source), tmp_path / "built")
    return _text(built.path("nbgrader")), _text(built.path("otter"))


@pytest.mark.slow
def test_points(root: Path, source: Path, tmp_path: Path) -> None:
    """Headings and tables follow."""
    where, old, new = ROWS["points"]
    path, notebook = _edit(source)
    (cell,) = [cell for cell in notebook.cells if grade_id(cell) == re.search(r"`?(ex\w+)", where)[1]]
    assert cell.metadata.nbgrader.points == float(old)
    cell.metadata.nbgrader.points = float(new)
    nbformat.write(notebook, path)
    for text in _build(root, source, tmp_path):
        assert "## Exercise 2: map a deep layer (14 + 3 points)" in text
        assert "| 2 | a map of a deep layer, and your reading of it | 14 + 3 |" in text


@pytest.mark.slow
@pytest.mark.parametrize("change", ["which layers count as deep", "how much hidden checks tell"])
def test_settings(root: Path, source: Path, tmp_path: Path, change: str) -> None:
    """A line of `assignment.toml`; a key that is mistyped is told once, with its line."""
    where, old, new = ROWS[change]
    _replace(source / where, old, new)
    _build(root, source, tmp_path)
    _replace(source / where, new, f"{new[0]}{new}")
    assert [problem.line > 0 for problem in find_problems(source)] == [True]


@pytest.mark.slow
def test_no_bonus(root: Path, source: Path, tmp_path: Path) -> None:
    """Texts that still speak of it are told; without them it builds."""
    assert ROWS["no bonus for an exercise"][1] == "bonus"
    path, notebook = _edit(source)
    for cell in notebook.cells:
        if is_graded(cell) and is_bonus(cell):
            cell.metadata.tags = []
    nbformat.write(notebook, path)
    assert {problem.cell for problem in find_problems(source)} == {
        "intro", "ex3_text", "ex3_activations", "ex3_flatten", "ex3_embedding", "ex3_plot", "ex3_moved"
    }  # fmt: skip
    for cell in notebook.cells:
        cell.source = re.sub(r"^# Bonus:", "# Points:", cell.source)
        cell.source = cell.source.replace("Bonus exercise 3", "Exercise 3").replace("3 (bonus)", "3")
    nbformat.write(notebook, path)
    _build(root, source, tmp_path)


@pytest.mark.slow
def test_an_exercise_less(root: Path, source: Path, tmp_path: Path) -> None:
    """What is left of it is told, each place once; without these it builds."""
    path, notebook = _edit(source)
    notebook.cells = [cell for cell in notebook.cells if not grade_id(cell).startswith("ex3_")]
    nbformat.write(notebook, path)
    assert {(problem.file.name, problem.cell) for problem in find_problems(source)} == {
        ("assignment.toml", ""), (path.name, "intro")
    }  # fmt: skip
    intro = notebook.cells[0]
    intro.source = "\n".join(line for line in intro.source.split("\n") if not line.startswith("| 3 (bonus) |"))
    nbformat.write(notebook, path)
    settings = source / "assignment.toml"
    kept = re.sub(r"^middle = .*\n", "", settings.read_text("utf-8"), flags=re.MULTILINE)
    settings.write_text(kept.rpartition("[[maps]]")[0], "utf-8")
    for text in _build(root, source, tmp_path):
        assert "xercise 3" not in text
