"""Say what was put right in a submission's notebook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from nbformat import NotebookNode

from autograder.assignment.exercise_names import exercises_above
from autograder.assignment.plan import AssignmentPlan
from autograder.execute.given_cells import Change
from autograder.execute.matching import Matches

__all__ = ["notes"]

_KINDS = {"given": "given cell", "solution": "answer cell", "written": "written answer", "test": "check"}
_MOST_NAMED = 8
_OTTER = "otter.Notebook("


def notes(
    cells: Sequence[NotebookNode], plan: AssignmentPlan, matches: Matches, changes: Mapping[str, Sequence[Change]]
) -> Iterator[str]:
    """Yield sentences on what was put right; none where nothing was."""
    managed = [cell for cell in plan.cells if cell.grade_id]
    places = [matches.place_of(cell.grade_id) for cell in managed]
    order = [place for place in places if place is not None]
    missing = {cell.grade_id for cell, place in zip(managed, places, strict=True) if place is None}
    retyped = {
        cell.grade_id
        for cell, place in zip(managed, places, strict=True)
        if place is not None and cells[place].cell_type != cell.cell_type
    }
    if missing:
        yield f"Deleted cells were put back: {_in_words(plan, missing)}."
    yield from _of_changes(changes)
    yield from _of_copies(matches)
    if order != sorted(order):
        yield "Moved cells were put back in order."
    if retyped:
        yield f"The type of cells was put right: {_in_words(plan, retyped)}."
    if any(_OTTER in cell.source for cell in cells):
        yield "It is the notebook of the otter release."
    elif lost := len(matches.places.keys() - matches.by_id):
        found_again = "had lost its metadata and was" if lost == 1 else "had lost their metadata and were"
        yield f"{_counted(lost, 'cell')} {found_again} found by text and place."


def _of_changes(changes: Mapping[str, Sequence[Change]]) -> Iterator[str]:
    """Yield sentences on given cells that the student changed."""
    if changes:
        were = "A given cell that was changed was" if len(changes) == 1 else "Given cells that were changed were"
        yield f"{were} put back: {_listed(changes)}."
    if code := [name for name, own in changes.items() if any(one.added and one.is_python for one in own)]:
        yield f"What was only added to {_listed(code)} runs behind it."
    if words := [name for name, own in changes.items() if any(one.added and not one.is_python for one in own)]:
        yield f"What was written into {_listed(words)} is kept behind it."


def _of_copies(matches: Matches) -> Iterator[str]:
    """Yield sentences on cells that stand several times, or in parts."""
    if copies := len(matches.copies) - sum(matches.in_parts.values()) + len(matches.in_parts):
        yield f"{_counted(copies, 'copied cell')}: the last copy of each counts."
    for name, count in matches.in_parts.items():
        yield f"`{name}` stands in {count} cells, which run in order."
    if split := [name for name, places in matches.places.items() if len(places) > 1]:
        yield f"Cells that were split count whole: {_listed(split)}."


def _listed(names: Collection[str]) -> str:
    """Return cells' ids, so many as a sentence holds."""
    some = ", ".join(f"`{name}`" for name in list(names)[:_MOST_NAMED])
    return some if len(names) <= _MOST_NAMED else f"{some} and {len(names) - _MOST_NAMED} more"


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
