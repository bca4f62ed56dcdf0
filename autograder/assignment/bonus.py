"""Whether points are bonus stands once, as the tag of a graded cell: texts that say otherwise are mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nbformat import NotebookNode

from autograder.assignment.cells import BONUS, grade_id, is_bonus, is_graded, is_test
from autograder.assignment.points import rows_of_exercises
from autograder.assignment.problems import Mistake
from autograder.model import exercise_of

__all__ = ["find_bonus_mistakes"]

_HEADING = re.compile(r"#+\s.*(\bpoints?\b|\bbonus\b)", re.IGNORECASE)
_FIRST_LINE = re.compile(r"#\s*(Points|Bonus):")
_SAYS = f"it speaks of bonus, and no graded cell of {{}} has the tag `{BONUS}`."
_SAYS_NOT = f"every graded cell of {{}} has the tag `{BONUS}`, and this line doesn't say it."


def find_bonus_mistakes(cells: Sequence[NotebookNode]) -> Iterator[Mistake]:
    """Yield tags that no points belong to, and texts that call points bonus which aren't, or don't where they are."""
    kinds: dict[str, set[bool]] = {}
    for cell in filter(is_graded, cells):
        kinds.setdefault(exercise_of(grade_id(cell)), set()).add(is_bonus(cell))
    for index, cell in enumerate(cells):
        if is_bonus(cell) and not is_graded(cell):
            yield index, 1, f"the tag `{BONUS}` stands on a cell without points, and says nothing there."
        if is_test(cell) and (said := _FIRST_LINE.match(cell.source)) and (said[1] == "Bonus") != is_bonus(cell):
            yield (
                index,
                1,
                f"it says `# {said[1]}:`, and the cell has {'the' if is_bonus(cell) else 'no'} tag `{BONUS}`.",
            )
        lines = cell.source.split("\n") if cell.cell_type == "markdown" else []
        for number, name in _lines_of_points(lines, "" if is_graded(cell) else exercise_of(grade_id(cell))):
            says = re.search(rf"\b{BONUS}\b", lines[number - 1], re.IGNORECASE) is not None
            if kinds.get(name) == {not says}:
                yield index, number, _SAYS.format(name) if says else _SAYS_NOT.format(name)


def _lines_of_points(lines: Sequence[str], exercise: str) -> Iterator[tuple[int, str]]:
    """Yield the lines that tell a whole exercise's points: headings where the cell is that exercise's, rows of tables."""
    yield from ((number, f"ex{row}") for number, row, _ in rows_of_exercises(lines))
    yield from ((number, exercise) for number, line in enumerate(lines, start=1) if _HEADING.match(line))
