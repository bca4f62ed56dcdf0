"""Passes over the notebook that `otter assign` makes for students.

They lock given cells, leave answers open for typing, and tag what is bonus.
"""

from __future__ import annotations

import copy
import re

from nbformat import NotebookNode

from autograder.assignment.cells import BONUS, grade_id, is_bonus, is_graded, is_written

__all__ = ["given_cell_first", "is_answer", "lock_given_cells", "tag_bonus"]

_ANSWER_TAG = "otter_answer_cell"
_INIT_LINE = "# Initialize Otter"
_CHECK = re.compile(r"grader\.check\(\"([\w-]+)\"\)")


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


def tag_bonus(notebook: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Return the notebook with the source's tags for bonus, on the cells of checks and of written answers.

    Args:
        notebook: what otter made.
        source: the instructor's. otter keeps no metadata of it.
    """
    result = copy.deepcopy(notebook)
    bonus = {grade_id(cell) for cell in source.cells if is_graded(cell) and is_bonus(cell)}
    written = [grade_id(cell) for cell in source.cells if is_written(cell)]
    answers = [cell for cell in result.cells if is_answer(cell) and cell.cell_type == "markdown"]
    named = [(cell, found[1]) for cell in result.cells if (found := _CHECK.fullmatch(cell.source.strip()))]
    for cell, name in [*named, *zip(answers, written, strict=True)]:
        if name in bonus:
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), BONUS]
    return result
