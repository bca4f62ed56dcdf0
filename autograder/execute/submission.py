"""Read a student's notebook as data: its code and its text are the student's, everything else is ours."""

from __future__ import annotations

import contextlib
import difflib
import json
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from autograder.assignment.cells import grade_id
from autograder.assignment.exercise_names import exercises_above
from autograder.assignment.plan import AssignmentPlan, PlannedCell
from autograder.model import exercise_of
from autograder.texts import replace_surrogates

__all__ = ["Prepared", "WrongAssignmentError", "begun_exercises", "prepare"]

_NEW_CELL: dict[str, Callable[..., NotebookNode]] = {
    "code": new_code_cell,
    "markdown": new_markdown_cell,
    "raw": new_raw_cell,
}
_LEAST_ALIKE = 1 / 3  # of the given cells: fewer found by content, and it is another notebook


class WrongAssignmentError(Exception):
    """A notebook answers something else; the text says what."""


@dataclass(frozen=True)
class Prepared:
    """A submission that can be run.

    Attributes:
        notebook: the assignment's cells in its own order, the student's additions where the student put them.
        cells: for each cell of the notebook, the plan's; None for one that the student added.
        note: what was put right; "" when nothing was.
    """

    notebook: NotebookNode
    cells: tuple[PlannedCell | None, ...]
    note: str

    def name_of(self, index: int) -> str:
        """Return what to call a cell: its id, or its number where it has none."""
        planned = self.cells[index]
        return planned.grade_id if planned is not None else f"cell {index + 1}"


def begun_exercises(prepared: Prepared) -> frozenset[str]:
    """Return the exercises in which the student wrote anything.

    Answers' cells count, and cells of the student's own.
    """
    exercises, exercise = set(), ""
    for cell, planned in zip(prepared.notebook.cells, prepared.cells, strict=True):
        exercise = exercise if planned is None else exercise_of(planned.grade_id)
        if _words(cell.source) not in ("", _words(planned.source if planned is not None else "")):
            exercises.add(exercise)
    return frozenset(exercises)


def prepare(notebook: NotebookNode, plan: AssignmentPlan) -> Prepared:
    """Return the notebook to run: the assignment's cells, filled with what the student wrote.

    A cell is found by its `grade_id`, the last copy of one that stands twice; where metadata was lost, by its text, and
    an answer by standing between what was found. Cells that were deleted come back; cells that were moved go back.

    Raises:
        WrongAssignmentError: too little of the assignment is in it.
    """
    cells = list(notebook.cells)
    places = _by_id(cells, plan)
    without_ids = not places
    places = _by_text(cells, plan, places)
    _refuse_strangers(cells, plan, places, without_ids=without_ids)
    places = _by_place(cells, plan, places)
    pairs = _assemble(cells, plan, places)
    result = new_notebook(cells=[cell for cell, _ in pairs], metadata=json.loads(plan.notebook_metadata))
    return Prepared(result, tuple(planned for _, planned in pairs), _note(cells, plan, places))


def _by_id(cells: Sequence[NotebookNode], plan: AssignmentPlan) -> dict[str, int]:
    """Return where each of the plan's cells stands, by its id; the last of several copies."""
    managed = {cell.grade_id for cell in plan.cells} - {""}
    return {name: index for index, cell in enumerate(cells) if (name := grade_id(cell)) in managed}


def _by_text(cells: Sequence[NotebookNode], plan: AssignmentPlan, places: dict[str, int]) -> dict[str, int]:
    """Add the cells that still have the release's text.

    A text that several cells have is no sign: blank answers look alike.
    """
    result = dict(places)
    texts = Counter(_words(planned.source) for planned in plan.cells)
    free = {index: _words(cell.source) for index, cell in enumerate(cells) if index not in result.values()}
    for planned in plan.cells:
        words = _words(planned.source)
        if planned.grade_id and planned.grade_id not in result and words and texts[words] == 1:
            match = next((index for index, text in free.items() if text == words), None)
            if match is not None and grade_id(cells[match]) not in result:
                result[planned.grade_id] = match
                del free[match]
    return result


def _by_place(cells: Sequence[NotebookNode], plan: AssignmentPlan, places: dict[str, int]) -> dict[str, int]:
    """Add the answers that carry no id.

    Of the cells of the right type between what was found, the one most like the release's is taken.
    """
    result = dict(places)
    managed = [cell for cell in plan.cells if cell.grade_id]
    for position, planned in enumerate(managed):
        if planned.kind in ("solution", "written") and planned.grade_id not in result:
            before = [result[cell.grade_id] for cell in managed[:position] if cell.grade_id in result]
            after = [result[cell.grade_id] for cell in managed[position + 1 :] if cell.grade_id in result]
            start, end = max(before, default=-1) + 1, min(after, default=len(cells))
            gap = [i for i in range(start, end) if i not in result.values() and cells[i].cell_type == planned.cell_type]
            if gap:
                result[planned.grade_id] = max(gap, key=lambda index: _likeness(cells[index], planned))
    return result


def _likeness(cell: NotebookNode, planned: PlannedCell) -> float:
    """Return how much a cell looks like the release's, from 0 to 1."""
    return difflib.SequenceMatcher(None, cell.source[:2000], planned.source[:2000], autojunk=False).ratio()


def _refuse_strangers(
    cells: Sequence[NotebookNode], plan: AssignmentPlan, places: dict[str, int], *, without_ids: bool
) -> None:
    """Raise where the notebook is not this assignment's."""
    managed = [cell for cell in plan.cells if cell.grade_id]
    if len(places) >= _LEAST_ALIKE * sum(cell.kind in ("given", "test") for cell in managed):
        return
    own = {cell.grade_id for cell in managed if cell.kind != "given"}
    if not without_ids and any(grade_id(cell) in own for cell in cells):
        return
    if any(grade_id(cell) for cell in cells):
        raise WrongAssignmentError(
            "It is another assignment's notebook: its cells are not this assignment's, or hardly any."
        )
    raise WrongAssignmentError("It is another notebook: hardly any of this assignment's cells can be found in it.")


def _assemble(
    cells: Sequence[NotebookNode], plan: AssignmentPlan, places: dict[str, int]
) -> list[tuple[NotebookNode, PlannedCell | None]]:
    """Return the plan's cells in its order, each with the student's own cells that stood behind it."""
    names = {index: name for name, index in places.items()}
    managed = {cell.grade_id: cell for cell in plan.cells if cell.grade_id}
    behind: dict[str, list[NotebookNode]] = {}
    last = ""
    for index, cell in enumerate(cells):
        if index in names:
            last = names[index]
        elif not _is_copy(cell, managed):
            behind.setdefault(last, []).append(_extra(cell))
    result: list[tuple[NotebookNode, PlannedCell | None]] = [(cell, None) for cell in behind.get("", [])]
    for planned in plan.cells:
        if planned.grade_id:
            result.append((_ours(cells, places.get(planned.grade_id), planned), planned))
            result += [(cell, None) for cell in behind.get(planned.grade_id, [])]
    return result


def _is_copy(cell: NotebookNode, managed: dict[str, PlannedCell]) -> bool:
    """Return whether a cell is a second copy of a given cell or a test.

    A copied answer runs as any cell does.
    """
    planned = managed.get(grade_id(cell))
    return planned is not None and planned.kind in ("given", "test")


def _ours(cells: Sequence[NotebookNode], index: int | None, planned: PlannedCell) -> NotebookNode:
    """Return one of the plan's cells: type and metadata ours, the text of an answer the student's."""
    theirs = index is not None and planned.kind in ("solution", "written")
    source = cells[index].source if theirs and index is not None else planned.source
    cell = _NEW_CELL[planned.cell_type](source, metadata=planned.metadata)
    if theirs and index is not None:
        _copy_attachments(cells[index], cell)
    return cell


def _extra(cell: NotebookNode) -> NotebookNode:
    """Return a cell of the student's own, pictures pasted into its text included."""
    result = _NEW_CELL[cell.cell_type](cell.source)
    _copy_attachments(cell, result)
    return result


def _copy_attachments(theirs: NotebookNode, ours: NotebookNode) -> None:
    """Take over the pictures that were pasted into a text."""
    if ours.cell_type == "markdown" and isinstance(theirs.get("attachments"), dict):
        with contextlib.suppress(ValueError):
            ours["attachments"] = replace_surrogates(theirs.attachments)


def _note(cells: Sequence[NotebookNode], plan: AssignmentPlan, places: dict[str, int]) -> str:
    """Say what was put right; empty when nothing was."""
    managed = [cell for cell in plan.cells if cell.grade_id]
    by_id = [grade_id(cell) for cell in cells if any(grade_id(cell) == one.grade_id for one in managed)]
    missing = {cell.grade_id for cell in managed if cell.grade_id not in places}
    order = [places[cell.grade_id] for cell in managed if cell.grade_id in places]
    retyped = {
        one.grade_id
        for one in managed
        if one.grade_id in places and cells[places[one.grade_id]].cell_type != one.cell_type
    }
    lost = len(set(places) - set(by_id))
    notes = [f"Deleted cells were put back: {_in_words(plan, missing)}."] if missing else []
    if len(by_id) > len(set(by_id)):
        notes.append(f"{_counted(len(by_id) - len(set(by_id)), 'copied cell')}: the last copy of each counts.")
    if order != sorted(order):
        notes.append("Moved cells were put back in order.")
    if retyped:
        notes.append(f"The type of cells was put right: {_in_words(plan, retyped)}.")
    if lost:
        found_again = "had lost its metadata and was" if lost == 1 else "had lost their metadata and were"
        notes.append(f"{_counted(lost, 'cell')} {found_again} found by text and place.")
    return " ".join(notes)


_KINDS = {"given": "given cell", "solution": "answer cell", "written": "written answer", "test": "check"}


def _in_words(plan: AssignmentPlan, names: Collection[str]) -> str:
    """Return a student's words for some cells.

    They read as in "1 given cell; 2 checks, 1 written answer of Exercise 2".
    """
    headings = (cell.source if cell.cell_type == "markdown" and cell.kind == "given" else None for cell in plan.cells)
    kinds: dict[str, Counter[str]] = {}
    for cell, exercise in zip(plan.cells, exercises_above(headings), strict=True):
        if cell.grade_id in names:
            kinds.setdefault(exercise, Counter())[_KINDS[cell.kind]] += 1
    return "; ".join(
        ", ".join(_counted(number, kind) for kind, number in counted.items()) + (f" of {exercise}" if exercise else "")
        for exercise, counted in kinds.items()
    )


def _counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 cell", "2 cells"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _words(text: str) -> str:
    """Return a text with its white space evened out."""
    return " ".join(text.split())
