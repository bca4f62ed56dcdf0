"""Read a student's notebook as data: its code and its text are the student's, everything else is ours."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_raw_cell

from autograder.assignment.cells import grade_id, is_solution
from autograder.assignment.misplaced import note_difference, note_origin
from autograder.assignment.placeholders import evened, is_placeholder
from autograder.assignment.plan import AssignmentPlan, PlannedCell
from autograder.bounded.messages import RefusalError
from autograder.execute.answer_elsewhere import Piece, answer_elsewhere
from autograder.execute.given_cells import Change, compare, given_names
from autograder.execute.matching import Matches, match_answers, match_cells, without_otters_lines
from autograder.execute.notes import notes
from autograder.execute.words_nearby import Beside, note_words_nearby
from autograder.model import exercise_of
from autograder.texts import replace_surrogates

__all__ = ["Prepared", "WrongAssignmentError", "begun_exercises", "prepare"]

_NEW_CELL: dict[str, Callable[..., NotebookNode]] = {
    "code": new_code_cell,
    "markdown": new_markdown_cell,
    "raw": new_raw_cell,
}
_LEAST_ALIKE = 1 / 3  # of the given cells: fewer found by content, and it is another notebook


class WrongAssignmentError(RefusalError):
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
    begun, exercise = set(), ""
    for cell, planned in zip(prepared.notebook.cells, prepared.cells, strict=True):
        exercise = exercise if planned is None else exercise_of(planned.grade_id)
        is_given = planned is not None and (
            is_placeholder(cell.source, planned.source)
            if is_solution(cell)
            else evened(cell.source) == evened(planned.source)
        )
        if evened(cell.source) and not is_given:
            begun.add(exercise)
    return frozenset(begun)


def prepare(notebook: NotebookNode, plan: AssignmentPlan) -> Prepared:
    """Return the notebook to run: the assignment's cells, filled with what the student wrote.

    A cell is found by its `grade_id`; where metadata was lost, by its text, and an answer by what the student wrote
    between what was found. Cells that were deleted come back; cells that were moved go back. What was added to a given
    cell becomes a cell of the student's own behind it.

    Raises:
        WrongAssignmentError: too little of the assignment is in it.
    """
    cells = list(notebook.cells)
    matches = match_cells(cells, plan)
    _refuse_strangers(cells, plan, matches)
    match_answers(cells, plan, matches)
    changes = _changes(cells, plan, matches)
    pieces, beside = _assemble(cells, plan, matches, changes)
    answered = answer_elsewhere(pieces, plan)
    made = [cell for cell, _ in pieces]
    planned = tuple(one for _, one in pieces)
    note_words_nearby(made, planned, beside)
    result = new_notebook(cells=made, metadata=json.loads(plan.notebook_metadata))
    return Prepared(result, planned, " ".join([*notes(cells, plan, matches, changes), *answered]))


def _refuse_strangers(cells: Sequence[NotebookNode], plan: AssignmentPlan, matches: Matches) -> None:
    """Raise where the notebook is not this assignment's."""
    managed = [cell for cell in plan.cells if cell.grade_id]
    if len(matches.places) >= _LEAST_ALIKE * sum(cell.kind in ("given", "test") for cell in managed):
        return
    own = {cell.grade_id for cell in managed if cell.kind != "given"}
    if matches.by_id and any(grade_id(cell) in own for cell in cells):
        return
    if any(grade_id(cell) for cell in cells):
        raise WrongAssignmentError(
            "It is another assignment's notebook: its cells are not this assignment's, or hardly any."
        )
    raise WrongAssignmentError("It is another notebook: hardly any of this assignment's cells can be found in it.")


def _changes(cells: Sequence[NotebookNode], plan: AssignmentPlan, matches: Matches) -> dict[str, list[Change]]:
    """Return what the student changed in given cells and tests, and in copies of them, by id."""
    names = given_names(plan)
    changes: dict[str, list[Change]] = {}
    for planned in plan.cells:
        if planned.kind in ("given", "test") and planned.grade_id in matches.places:
            whole = "\n".join(_source(cells[place]) for place in matches.places[planned.grade_id])
            copies = [_source(cells[place]) for place, name in matches.copies.items() if name == planned.grade_id]
            if planned.kind == "test" and not whole.strip():  # what otter has in its place is all that there was
                whole = planned.source
            found = [compare(planned, whole, names), *(compare(planned, copy, names, is_copy=True) for copy in copies)]
            if any(found):
                changes[planned.grade_id] = [change for change in found if change is not None]
    return changes


def _source(cell: NotebookNode) -> str:
    """Return a cell's text, without otter's lines in it."""
    return without_otters_lines(cell.source, cell.cell_type)


def _assemble(
    cells: Sequence[NotebookNode], plan: AssignmentPlan, matches: Matches, changes: Mapping[str, Sequence[Change]]
) -> tuple[list[Piece], Beside]:
    """Return the plan's cells in its order, each with the student's own cells that stood behind it.

    With them goes which of the student's cells stood right beside a written answer.
    """
    behind, beside = _own_cells(cells, plan, matches)
    result: list[Piece] = [(cell, None) for cell in behind.get("", [])]
    for planned in plan.cells:
        if planned.grade_id:
            cell = _ours(cells, matches.places.get(planned.grade_id, ()), planned)
            own = changes.get(planned.grade_id, ())
            note_difference(cell, [line for change in own for line in change.difference])
            result.append((cell, planned))
            result += [(added, None) for change in own for added in _added(change, planned)]
            result += [(cell, None) for cell in behind.get(planned.grade_id, [])]
    return result, beside


def _own_cells(
    cells: Sequence[NotebookNode], plan: AssignmentPlan, matches: Matches
) -> tuple[dict[str, list[NotebookNode]], Beside]:
    """Return the student's own cells by the cell that they stood behind, and those beside an answer.

    Those that stood behind none are under "".
    """
    managed = {cell.grade_id: cell for cell in plan.cells if cell.grade_id}
    ends = {places[-1]: name for name, places in matches.places.items()}
    behind: dict[str, list[NotebookNode]] = {}
    beside: dict[str, dict[str, str]] = {}
    last, since = "", list[NotebookNode]()
    for index, cell in enumerate(cells):
        if index in ends:
            last = ends[index]
            if managed[last].kind == "written":
                for above in since:
                    beside.setdefault(above.id, {})[last] = "above"
            since = []
        elif index not in matches.used or _is_own_copy(cell, managed.get(matches.copies.get(index, ""))):
            own = _extra(cell)
            if not _is_emptied(cell, own):
                behind.setdefault(last, []).append(own)
                since.append(own)
                if last and managed[last].kind == "written":
                    beside.setdefault(own.id, {})[last] = "below"
    return behind, beside


def _is_own_copy(cell: NotebookNode, planned: PlannedCell | None) -> bool:
    """Return whether a further copy of one of the assignment's cells runs as any cell does.

    An answer of code does. Copies of a written answer are blank, or equal; what stands in those of given cells is compared with the release.
    """
    return planned is not None and planned.kind == "solution" and not is_placeholder(cell.source, planned.source)


def _is_emptied(theirs: NotebookNode, ours: NotebookNode) -> bool:
    """Return whether all that stood in a cell was otter's, which leaves an empty text at the end."""
    there = theirs.source.strip() or theirs.cell_type == "markdown"
    return bool(there) and not ours.source.strip() and not ours.get("attachments")


def _added(change: Change, planned: PlannedCell) -> Iterator[NotebookNode]:
    """Yield what was added to a given cell as a cell of the student's own."""
    if change.added.strip():
        kind = planned.cell_type if planned.cell_type != "code" or change.is_python else "raw"
        cell = _NEW_CELL[kind](change.added)
        note_origin(cell, planned.grade_id)
        yield cell


def _ours(cells: Sequence[NotebookNode], places: Sequence[int], planned: PlannedCell) -> NotebookNode:
    """Return one of the plan's cells: type and metadata ours, the text of an answer the student's."""
    theirs = places if planned.kind in ("solution", "written") else ()
    source = "\n\n".join(_source(cells[place]) for place in theirs) if theirs else planned.source
    cell = _NEW_CELL[planned.cell_type](source, metadata=planned.metadata)
    for place in theirs:
        _copy_attachments(cells[place], cell)
    return cell


def _extra(cell: NotebookNode) -> NotebookNode:
    """Return a cell of the student's own, pictures pasted into its text included."""
    result = _NEW_CELL[cell.cell_type](_source(cell))
    _copy_attachments(cell, result)
    return result


def _copy_attachments(theirs: NotebookNode, ours: NotebookNode) -> None:
    """Take over the pictures that were pasted into a text."""
    if ours.cell_type == "markdown" and isinstance(theirs.get("attachments"), dict):
        with contextlib.suppress(ValueError):
            ours["attachments"] = {**ours.get("attachments", {}), **replace_surrogates(theirs.attachments)}
