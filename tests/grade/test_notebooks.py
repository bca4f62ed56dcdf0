"""Students' notebooks, read as data."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.grade import notebooks
from autograder.grade.notebooks import UnreadableError, WrongAssignmentError, read_notebook, restore
from autograder.model import Submission
from tests.grade.tiny import released, submission


def _read(path: Path | None) -> nbformat.NotebookNode:
    return read_notebook(Submission("ada", "tiny", path, str(path)))


def _ids(notebook: nbformat.NotebookNode) -> list[str]:
    return [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in notebook.cells]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "{}",
        '{"cells": 3, "nbformat": 4, "nbformat_minor": 4}',
        '{"nbformat": 99}',
        '"x"',
        "[" * 5000,
    ],
)
def test_what_is_no_notebook_is_unreadable(tmp_path: Path, text: str) -> None:
    """Whatever a file holds, reading it gives a notebook or says that it is none."""
    path = tmp_path / "x.ipynb"
    path.write_text(text)
    with pytest.raises(UnreadableError):
        _read(path)


def test_no_file_and_a_huge_file_are_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hand-in without notebook, and one that is too large, are told."""
    with pytest.raises(UnreadableError, match="no notebook"):
        _read(None)
    monkeypatch.setattr(notebooks, "MAX_BYTES", 3)
    (tmp_path / "x.ipynb").write_text("x" * 10)
    with pytest.raises(UnreadableError, match="allowed"):
        _read(tmp_path / "x.ipynb")


def test_nbformat_3_is_upgraded(tmp_path: Path) -> None:
    """A notebook of 2014 is read."""
    path = tmp_path / "old.ipynb"
    old = {"metadata": {"name": ""}, "nbformat": 3, "nbformat_minor": 0}
    cell = {"cell_type": "code", "input": ["x = 1"], "language": "python", "outputs": [], "metadata": {}}
    path.write_text(json.dumps({**old, "worksheets": [{"cells": [cell], "metadata": {}}]}))
    assert _read(path).cells[0].source == "x = 1"


def test_an_honest_notebook_stays() -> None:
    """The cells of an honest notebook keep order and text, without a note."""
    restored, note = restore(submission(), released())
    assert [cell.source for cell in restored.cells] == [cell.source for cell in submission().cells]
    assert note == ""


def test_tags_outputs_and_metadata_are_ours() -> None:
    """A tag that would keep a test from being run goes, and so do points that a student wrote."""
    notebook = submission()
    notebook.cells[2].metadata["tags"] = ["skip-execution"]
    notebook.cells[2].metadata.nbgrader["points"] = 1000
    restored, _ = restore(notebook, released())
    assert restored.cells[2].metadata == {"nbgrader": released().cells[2].metadata.nbgrader}


def test_deleted_cells_come_back_in_their_place() -> None:
    """A deleted test stands again behind the cell that it stood behind, and the note names it."""
    notebook = submission()
    del notebook.cells[2], notebook.cells[0]
    notebook.cells.insert(1, new_code_cell("mine = 1"))
    restored, note = restore(notebook, released())
    assert _ids(restored) == ["setup", "ex1_map", "ex1_test", "", "ex1_written"]
    assert "ex1_test, setup" in note


def test_of_copied_cells_the_last_counts() -> None:
    """A copied cell keeps its text and loses its meaning; the note says so."""
    notebook = submission()
    notebook.cells.append(notebook.cells[1].copy())
    restored, note = restore(notebook, released())
    assert _ids(restored) == ["setup", "", "ex1_test", "ex1_written", "ex1_map"]
    assert "the last copy counts" in note


def test_retyped_cells_get_their_type_back() -> None:
    """A test that was made text is code again."""
    notebook = submission()
    notebook.cells[2].cell_type = "markdown"
    restored, _ = restore(notebook, released())
    assert restored.cells[2].cell_type == "code"


@pytest.mark.parametrize("grade_id", ["another", None, 3, ["x"]])
def test_another_assignments_notebook_is_told(grade_id: object) -> None:
    """A notebook without any cell of ours is the wrong one, whatever stands in its metadata."""
    marks = {} if grade_id is None else {"nbgrader": {"grade_id": grade_id}}
    with pytest.raises(WrongAssignmentError):
        restore(new_notebook(cells=[new_code_cell("x", metadata=marks)]), released())
