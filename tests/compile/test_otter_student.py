"""Students of the otter release can type where they are asked to, and nowhere else."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.compile.otter_student import given_cell_first, is_answer, lock_given_cells

INIT = "# Initialize Otter\nimport otter"
ANSWER = {"tags": ["otter_answer_cell"]}


def test_given_cells_are_locked_and_answers_are_open():
    """Whatever otter said about them."""
    cells = [
        new_markdown_cell("given"),
        new_markdown_cell("answer", metadata={**ANSWER, "editable": False}),
        new_code_cell("answer", metadata=ANSWER),
        new_code_cell("grader.check()", metadata={"editable": False}),
    ]
    notebook = new_notebook(cells=cells)
    locked = lock_given_cells(notebook).cells
    assert [cell.metadata.get("editable", True) for cell in locked] == [False, True, True, False]
    assert [is_answer(cell) for cell in locked] == [False, True, True, False]
    assert not any(cell.metadata.deletable for cell in locked)
    assert "editable" not in notebook.cells[0].metadata  # a pass edits nothing in place


@pytest.mark.parametrize(
    ("texts", "wanted"),
    [
        ([INIT, "import os", "1 + 1"], ["import os", INIT, "1 + 1"]),
        ([INIT], [INIT]),
        (["import os", "1 + 1"], ["import os", "1 + 1"]),
    ],
)
def test_a_given_cell_runs_before_otters(texts, wanted):
    """It says which files are missing; without a cell of otter's nothing is moved."""
    moved = given_cell_first(new_notebook(cells=[new_code_cell(text) for text in texts]))
    assert [cell.source for cell in moved.cells] == wanted


def test_otters_cell_stays_before_an_answer():
    """An answer may call otter's `grader`."""
    notebook = new_notebook(cells=[new_code_cell(INIT), new_code_cell("...", metadata=ANSWER)])
    assert [cell.source for cell in given_cell_first(notebook).cells] == [INIT, "..."]
