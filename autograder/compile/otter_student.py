"""Passes over the notebook that `otter assign` makes for students.

They lock given cells, and leave answers open for typing.
"""

from __future__ import annotations

import copy

from nbformat import NotebookNode

__all__ = ["given_cell_first", "is_answer", "lock_given_cells"]

_ANSWER_TAG = "otter_answer_cell"
_INIT_LINE = "# Initialize Otter"


def is_answer(cell: NotebookNode) -> bool:
    """Tell whether otter asks the student to write in this cell."""
    return _ANSWER_TAG in cell.metadata.get("tags", [])


def lock_given_cells(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with every given cell locked, as nbgrader locks its own.

    otter locks what stands inside its questions only. Answers stay open, but can't be deleted.
    """
    result = copy.deepcopy(notebook)
    for cell in result.cells:
        cell.metadata["deletable"] = False
        if is_answer(cell):
            cell.metadata.pop("editable", None)
        else:
            cell.metadata["editable"] = False
    return result


def given_cell_first(notebook: NotebookNode) -> NotebookNode:
    """Return the notebook with otter's first cell behind the first given code cell.

    The given cell names the files that are missing; otter's would stop before it, without the
    notebook's name or the package.
    """
    result = copy.deepcopy(notebook)
    cells = result.cells
    code = [index for index, cell in enumerate(cells) if cell.cell_type == "code"]
    if len(code) > 1 and cells[code[0]].source.startswith(_INIT_LINE) and not is_answer(cells[code[1]]):
        cells.insert(code[1], cells.pop(code[0]))
    return result
