"""Let code that was written beside a blank answer cell count as if it stood in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nbformat import NotebookNode

from autograder.assignment.placeholders import is_placeholder
from autograder.assignment.plan import AssignmentPlan, PlannedCell
from autograder.execute.matching import assigns_name, wanted_names

__all__ = ["REMARKS", "Piece", "answer_elsewhere"]

Piece = tuple[NotebookNode, PlannedCell | None]
"""A cell of a prepared notebook with the plan's; None for one of the student's own."""

_ABOVE = "# The answer stands in a cell above."
_BELOW = "# The answer stands in a cell below."
REMARKS = (_ABOVE, _BELOW)
"""What stands in a blank answer cell whose answer stands elsewhere; no student wrote it."""


def answer_elsewhere(pieces: list[Piece], plan: AssignmentPlan) -> list[str]:
    """Keep blank answer cells from undoing an answer in other cells.

    An answer that stands below its checks is moved above them.

    Args:
        pieces: the notebook, which is changed in place.
        plan: the assignment.

    Returns:
        A sentence for each answer that was found so.
    """
    wanted, told = wanted_names(plan), []
    for planned in [one for _, one in pieces if one is not None and one.kind == "solution"]:
        index = next(place for place, (_, one) in enumerate(pieces) if one is planned)
        cell = pieces[index][0]
        if not is_placeholder(cell.source, planned.source):
            continue
        own = [place for place in _own_code(pieces, index) if _assigns(pieces[place][0], wanted[planned.grade_id])]
        above, below = [one for one in own if one < index], [one for one in own if one > index]
        if above or below:
            cell.source = _ABOVE if above else _BELOW
            told.append(f"The answer to `{planned.grade_id}` stands in a cell of the student's own, and counts.")
        if below and not above:
            _move_up(pieces, index, below[-1])
    return told


def _assigns(cell: NotebookNode, wanted: frozenset[str]) -> bool:
    """Return whether a cell assigns a name that is asked for."""
    return any(assigns_name(cell.source, name) for name in wanted)


def _own_code(pieces: Sequence[Piece], index: int) -> Iterator[int]:
    """Yield where the student's own code stands between the answer cells of code around one."""
    start = next((place for place in reversed(range(index)) if _is_solution(pieces[place])), -1)
    end = next((place for place in range(index + 1, len(pieces)) if _is_solution(pieces[place])), len(pieces))
    for place in range(start + 1, end):
        if pieces[place][1] is None and pieces[place][0].cell_type == "code":
            yield place


def _is_solution(piece: Piece) -> bool:
    """Return whether a cell is an answer's, of code."""
    return piece[1] is not None and piece[1].kind == "solution"


def _move_up(pieces: list[Piece], index: int, last: int) -> None:
    """Put the student's own cells, up to the answer's last, before the checks they stand behind."""
    between = pieces[index + 1 : last + 1]
    first = next((n for n, (_, planned) in enumerate(between) if planned is not None and planned.kind == "test"), None)
    runs = any(one is not None and one.kind == "given" and one.cell_type == "code" for _, one in between[first or 0 :])
    if first is not None and not runs:
        rest = between[first:]
        own, ours = [one for one in rest if one[1] is None], [one for one in rest if one[1] is not None]
        pieces[index + 1 + first : last + 1] = [*own, *ours]
