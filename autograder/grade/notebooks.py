"""Read a student's notebook as data: its code and its text are the student's, everything else is ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from autograder.model import Submission

__all__ = ["UnreadableError", "WrongAssignmentError", "read_notebook", "restore"]

MAX_BYTES = 100 * 1024**2
"""A notebook with a dozen large figures has 10 MB."""

_NEW_CELL: dict[str, Callable[..., NotebookNode]] = {
    "code": new_code_cell,
    "markdown": new_markdown_cell,
    "raw": new_raw_cell,
}


class UnreadableError(Exception):
    """A file is no notebook; the text says why."""


class WrongAssignmentError(Exception):
    """A notebook answers something else; the text says what."""


def read_notebook(submission: Submission) -> NotebookNode:
    """Return a submission's notebook in nbformat 4, whichever format it was written in.

    Raises:
        UnreadableError: there is none, or it is too large, no JSON, or no notebook.
    """
    path = submission.notebook
    if path is None:
        raise UnreadableError(submission.note or "There is no notebook in it.")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise UnreadableError(f"The notebook has {size / 1024**2:.0f} MB; {MAX_BYTES // 1024**2} are allowed.")
    try:
        notebook: NotebookNode = nbformat.reads(path.read_text("utf-8-sig"), as_version=4)
        proper = all(isinstance(cell.source, str) and cell.cell_type in _NEW_CELL for cell in notebook.cells)
    except Exception as error:  # nbformat raises whatever its parsing of a hostile file happens to hit
        reason = "it is not JSON" if isinstance(error, ValueError) else "it is JSON, but not a notebook"
        raise UnreadableError(f"The file cannot be read as a notebook: {reason}.") from error
    if not proper:
        raise UnreadableError("The file is JSON, but not a notebook.")
    return notebook


def restore(notebook: NotebookNode, release: NotebookNode) -> tuple[NotebookNode, str]:
    """Return the notebook to run, and a note on what was put right in it.

    Cells are matched with the release's by `grade_id`, the last copy of one that stands twice; their metadata is the
    release's. Cells that were deleted come back, behind the one that they stood behind. Outputs, tags and the rest of
    the metadata go: a tag could keep a test from being run.

    Raises:
        WrongAssignmentError: no cell of the release is in it.
    """
    given = {_grade_id(cell): cell for cell in release.cells if _grade_id(cell)}
    last = {_grade_id(cell): index for index, cell in enumerate(notebook.cells) if _grade_id(cell) in given}
    if not last:
        raise WrongAssignmentError(_not_ours(notebook))
    cells = []
    for index, cell in enumerate(notebook.cells):
        name = _grade_id(cell)
        cells.append(_ours(cell, given[name]) if last.get(name) == index else _extra(cell))
    _put_back(cells, given)
    copies = sum(_grade_id(cell) in given for cell in notebook.cells) - len(last)
    return new_notebook(cells=cells, metadata=release.metadata), _note(sorted(set(given) - set(last)), copies)


def _ours(cell: NotebookNode, given: NotebookNode) -> NotebookNode:
    """Return a cell with the student's text, and the release's type and metadata."""
    return _NEW_CELL[given.cell_type](cell.source, metadata={"nbgrader": given.metadata.nbgrader})


def _extra(cell: NotebookNode) -> NotebookNode:
    """Return a cell of the student's own, pictures pasted into its text included."""
    kept: dict[str, Any] = {"attachments": cell.attachments} if "attachments" in cell else {}
    return _NEW_CELL[cell.cell_type](cell.source, **kept)


def _put_back(cells: list[NotebookNode], given: dict[str, NotebookNode]) -> None:
    """Insert the release's cells that are missing, each behind the given cell before it."""
    place = 0
    for name, cell in given.items():
        present = [index for index, other in enumerate(cells) if _grade_id(other) == name]
        if not present:
            cells.insert(place, _ours(cell, cell))
            present = [place]
        place = present[0] + 1


def _not_ours(notebook: NotebookNode) -> str:
    """Say why a notebook is not the assignment's."""
    if any(_grade_id(cell) for cell in notebook.cells):
        return "It is another assignment's notebook: none of its cells is one of this assignment's."
    return "None of its cells carries nbgrader's metadata: it is another notebook, or an editor removed them."


def _note(missing: list[str], copies: int) -> str:
    """Say what was put right; empty when nothing was."""
    notes = [f"Deleted cells were put back: {', '.join(missing)}."] if missing else []
    if copies:
        notes.append(f"{copies} copied cells were ignored: the last copy counts.")
    return " ".join(notes)


def _grade_id(cell: NotebookNode) -> str:
    """Return a cell's `grade_id`, or an empty text, whatever stands in its metadata."""
    marks = cell.get("metadata", {}).get("nbgrader", {})
    name = marks.get("grade_id", "") if isinstance(marks, dict) else ""
    return name if isinstance(name, str) else ""
