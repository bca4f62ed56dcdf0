"""What a student calls the cell that an exercise is answered in: no editor shows a cell's id."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from autograder.assignment.cells import grade_id, is_solution

__all__ = ["exercises_above", "name_answer_cells"]

_EXERCISE = re.compile(r"^#{1,6} .*?\b(exercise \w+)", re.IGNORECASE | re.MULTILINE)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def exercises_above(texts: Iterable[str | None]) -> Iterator[str]:
    """Yield for each cell the exercise of the last heading up to it; "" before the first.

    An exercise is named as in "Exercise 2".

    Args:
        texts: the given Markdown cells' texts, and None for each cell in which no heading counts.
    """
    current = ""
    for text in texts:
        headings = _EXERCISE.findall(text or "")
        current = headings[-1].capitalize() if headings else current
        yield current


def name_answer_cells(cells: Iterable[Any]) -> dict[str, str]:
    """Return a student's words for each code cell that asks for an answer, by its `grade_id`.

    "the answer cell of Exercise 2": the exercise of the heading above it. Where one exercise has several, they are counted;
    under no such heading there are no better words than the id.

    Args:
        cells: a notebook's, in order, with nbgrader's metadata.
    """
    all_cells = list(cells)
    texts = (cell.source if cell.cell_type == "markdown" and not is_solution(cell) else None for cell in all_cells)
    return _in_words(
        {
            grade_id(cell): exercise
            for cell, exercise in zip(all_cells, exercises_above(texts), strict=True)
            if cell.cell_type == "code" and is_solution(cell)
        }
    )


def _in_words(exercises: dict[str, str]) -> dict[str, str]:
    """Return the words for cells whose exercises are given, in order; "" is no exercise."""
    totals, counts = Counter(exercises.values()), Counter[str]()
    words = {}
    for name, exercise in exercises.items():
        counts[exercise] += 1
        if not exercise or counts[exercise] > len(_ORDINALS):
            words[name] = f"the cell `{name}`"
        else:
            which = f"{_ORDINALS[counts[exercise] - 1]} answer cell" if totals[exercise] > 1 else "answer cell"
            words[name] = f"the {which} of {exercise}"
    return words
