"""A submission's notebook is data: whatever happened to its cells, the assignment's cells are run in order."""

import copy

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.execute.submission import WrongAssignmentError, prepare


@pytest.fixture
def handed_in(plan):
    """A notebook as a student hands it in: answers filled in, one cell of the student's own."""
    notebook = nbformat.read(plan.release / "small.ipynb", as_version=4)
    ids = [cell.metadata.nbgrader.grade_id for cell in notebook.cells]
    notebook.cells[ids.index("first")].source = "answer = helper"
    notebook.cells[ids.index("second")].source = "table = 1"
    notebook.cells[ids.index("why")].source = "Because of this."
    notebook.cells.insert(ids.index("first"), new_code_cell("helper = 42"))
    return notebook


def sources(prepared):
    """Return the texts by id; the student's own cells by their number."""
    return {
        planned.grade_id if planned else index: cell.source
        for index, (cell, planned) in enumerate(zip(prepared.notebook.cells, prepared.cells, strict=True))
    }


def order(prepared):
    """Return ids in order; "" for the student's own cells."""
    return [planned.grade_id if planned else "" for planned in prepared.cells]


RIGHT = ["intro", "setup", "", "first", "first_test", "second_text", "second", "second_test", "why"]


def test_an_honest_notebook_needs_no_note(handed_in, plan):
    """The student's cells and answers stay, everything else is the release's; nothing has to be told."""
    prepared = prepare(handed_in, plan)
    assert order(prepared) == RIGHT
    assert sources(prepared)["first"] == "answer = helper"
    assert prepared.note == ""


def test_locked_cells_are_the_releases(handed_in, plan):
    """A changed given cell or test is as it was; outputs and tags are gone."""
    for cell in handed_in.cells:
        cell.metadata["tags"] = ["skip-execution"]
        if cell.get("metadata", {}).get("nbgrader", {}).get("locked"):
            cell.source = "raise SystemExit"
    prepared = prepare(handed_in, plan)
    assert "import numpy" in sources(prepared)["setup"]
    assert all("tags" not in cell.metadata for cell in prepared.notebook.cells)


def test_lost_metadata_is_found_by_text_and_place(handed_in, plan):
    """An editor that drops nbgrader's metadata costs nothing: answers are found between the cells around them."""
    for cell in handed_in.cells:
        cell.metadata = {}
    prepared = prepare(handed_in, plan)
    assert sources(prepared)["first"] == "answer = helper"
    assert sources(prepared)["second"] == "table = 1"
    assert sources(prepared)["why"] == "Because of this."
    assert "cells had lost their metadata" in prepared.note


def test_deleted_cells_come_back(handed_in, plan):
    """Deleted tests, given cells and answers are put back where they belong, and told."""
    handed_in.cells = [
        c for c in handed_in.cells if c.metadata.get("nbgrader", {}).get("grade_id") in (None, "first", "why", "intro")
    ]
    prepared = prepare(handed_in, plan)
    assert [name for name in order(prepared) if name] == [name for name in RIGHT if name]
    assert "Deleted cells were put back: 2 given cells, 2 checks, 1 answer cell." in prepared.note
    assert "second" not in prepared.note


def test_the_last_copy_counts(handed_in, plan):
    """Of two cells with one id the last is the answer; a test stands once."""
    for cell in [
        c for c in handed_in.cells if c.metadata.get("nbgrader", {}).get("grade_id") in ("first", "first_test")
    ]:
        twin = copy.deepcopy(cell)
        twin.source = "answer = 'the copy'"
        handed_in.cells.append(twin)
    prepared = prepare(handed_in, plan)
    assert sources(prepared)["first"] == "answer = 'the copy'"
    assert order(prepared).count("first_test") == 1
    assert "last copy" in prepared.note


def test_one_cell_is_spoken_of_as_one(handed_in, plan):
    """A copied answer, and one that lost its metadata."""
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in handed_in.cells]
    handed_in.cells[ids.index("second")].metadata = {}
    handed_in.cells.insert(ids.index("first"), copy.deepcopy(handed_in.cells[ids.index("first")]))
    note = prepare(handed_in, plan).note
    assert "1 copied cell: the last copy of each counts." in note
    assert "1 cell had lost its metadata and was found by text and place." in note


def test_moved_and_retyped_cells_are_put_right(handed_in, plan):
    """Cells in another order, or of another type, are put back, and told."""
    handed_in.cells.reverse()
    answer = next(c for c in handed_in.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "second")
    answer.cell_type = "markdown"
    prepared = prepare(handed_in, plan)
    assert [name for name in order(prepared) if name] == [name for name in RIGHT if name]
    assert "Moved cells" in prepared.note
    assert "The type of cells was put right: 1 answer cell." in prepared.note
    assert (
        next(
            c for c, p in zip(prepared.notebook.cells, prepared.cells, strict=True) if p and p.grade_id == "second"
        ).cell_type
        == "code"
    )


def test_another_notebook_is_told(plan):
    """A notebook of something else, with or without nbgrader's metadata, is not graded as this one."""
    other = new_notebook(cells=[new_markdown_cell("Poems"), new_code_cell("print('roses')")])
    with pytest.raises(WrongAssignmentError, match="another notebook"):
        prepare(other, plan)
    other.cells[1].metadata["nbgrader"] = {"grade_id": "poem"}
    with pytest.raises(WrongAssignmentError, match="another assignment"):
        prepare(other, plan)
