"""Mark schemes are found in the source, for those who mark."""

from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.assignment.rubrics import read_rubrics
from autograder.assignment.settings import read_notebook

SCHEME = "The answer.\n<!-- BEGIN MARK SCHEME -->\n* 1 point: why\n\n* 1 point: how\n<!-- END MARK SCHEME -->"


def _notebook(*cells: tuple[str, str, bool]) -> NotebookNode:
    notebook = new_notebook()
    for name, text, written in cells:
        new = new_markdown_cell if written else new_code_cell
        notebook.cells.append(new(text, metadata={"nbgrader": {"grade_id": name, "grade": True, "solution": written}}))
    return notebook


def test_a_mark_scheme_is_what_stands_between_the_markers() -> None:
    """Neither the model answer nor the markers are part of it."""
    assert read_rubrics(_notebook(("q", SCHEME, True))) == {"q": "* 1 point: why\n\n* 1 point: how"}


@pytest.mark.parametrize("cell", [("q", "No scheme.", True), ("q", SCHEME, False), ("q", "", True)])
def test_cells_without_one_are_left_out(cell: tuple[str, str, bool]) -> None:
    """An answer without a scheme has none, and what the machine scores needs none."""
    assert read_rubrics(_notebook(cell)) == {}


def test_every_written_answer_of_the_assignment_has_one(root: Path) -> None:
    """The shipped assignment's three written answers each say how they are marked."""
    found = read_rubrics(read_notebook(root / "source" / "mapping_representations"))
    assert found.keys() == {"ex1_written", "ex2_written", "ex3_written"}
    assert all("point" in scheme and "MARK SCHEME" not in scheme for scheme in found.values())
