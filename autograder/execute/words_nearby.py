"""Find words near a written answer: below its cell, above it, in the question's, or as code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from nbformat import NotebookNode

from autograder.assignment.cells import is_blank
from autograder.assignment.misplaced import WordsElsewhere, note_words, origin_of
from autograder.assignment.names import python_of
from autograder.assignment.placeholders import evened
from autograder.assignment.plan import PlannedCell
from autograder.execute.answer_elsewhere import REMARKS
from autograder.model import exercise_of

__all__ = ["holds_words", "note_words_nearby"]

_NEAR = 1
"""Cells of the assignment between an answer and words that belong to no exercise's answer."""
_LEAST_WORDS = 4
"""Of a line of prose in what should be code, and of a text that code prints or assigns."""
_MAX_CHARACTERS = 50_000
"""Of code that is searched for words."""

_NO_WORDS = re.compile(r"<!--.{0,2000}?-->|<[^>]{0,1000}>|\bhttps?://\S+", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{2,}")
_PICTURE = re.compile(r"!\[[^\]\n]{0,200}\]\(|<img\b", re.IGNORECASE)
_CODE_SIGNS = re.compile(r"[=(){}\[\];_%\\]|^\s*(?:import|from|for|def|class|with|return|if|while|print)\b")

Cells = Sequence[NotebookNode]
Planned = Sequence[PlannedCell | None]
Beside = Mapping[str, Mapping[str, str]]
"""For cells of the student's own, by their id: the answers that they stood right beside, and whether above or below."""


def note_words_nearby(cells: Cells, planned: Planned, beside: Beside) -> None:
    """Note at each written answer the words near it that may belong to it.

    Args:
        cells: of a prepared notebook; the answers' metadata is changed.
        planned: for each cell, the plan's; None for the student's own.
        beside: what stood beside answers in the student's notebook, whose cells may have been moved since.
    """
    written = [index for index, one in enumerate(planned) if one is not None and one.kind == "written"]
    exercises = list(_exercises(planned))
    found: dict[int, list[WordsElsewhere]] = {index: [] for index in written}
    for index, cell in enumerate(cells):
        if holds_words(cell, planned[index]):
            sides = beside.get(cell.id, {})
            near = _answers_near(index, written, exercises, planned)
            for answer in sorted({*near, *(one for one in written if _id(planned[one]) in sides)}):
                side = sides.get(_id(planned[answer]), "above" if index < answer else "below")
                found[answer].append(WordsElsewhere(_where(cell, side, answer, planned, planned[index]), cell.id))
    for index in written:
        if _is_blank(cells[index], planned[index]):
            found[index] += _named_elsewhere(index, cells, written, planned)
        note_words(cells[index], found[index])


def holds_words(cell: NotebookNode, planned: PlannedCell | None) -> bool:
    """Return whether words of the student's stand in a cell that is no written answer.

    A cell of the student's own, or code that the student was asked for and wrote words into.
    """
    ours = cell.source in REMARKS or (planned is not None and evened(cell.source) == evened(planned.source))
    if planned is not None and (planned.kind != "solution" or ours):
        return False
    if cell.cell_type == "code":
        return _code_holds_words(cell.source[:_MAX_CHARACTERS])
    text = cell.source[:_MAX_CHARACTERS]
    return bool(cell.get("attachments") or _PICTURE.search(text) or _WORD.search(_NO_WORDS.sub(" ", text)))


def _code_holds_words(source: str) -> bool:
    """Return whether code is words: prose, comments alone, or a text that it prints or names."""
    try:
        statements = ast.parse(python_of(source)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return any(map(_is_prose, source.splitlines()))
    if not statements:
        return any(_is_prose(line.lstrip("# \t")) for line in source.splitlines())
    return any(len(_WORD.findall(text)) >= _LEAST_WORDS for one in statements for text in _texts(one))


def _is_prose(line: str) -> bool:
    """Return whether a line reads like words and not like code."""
    return len(_WORD.findall(line)) >= _LEAST_WORDS and not _CODE_SIGNS.search(line)


def _texts(statement: ast.stmt) -> Iterator[str]:
    """Yield the texts that a statement is, prints or assigns."""
    value = statement.value if isinstance(statement, (ast.Expr, ast.Assign)) else None
    prints = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print"
    for part in value.args if prints and isinstance(value, ast.Call) else [value]:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _exercises(planned: Planned) -> Iterator[str]:
    """Yield each cell's exercise: that of the last of the assignment's cells up to it."""
    exercise = ""
    for one in planned:
        exercise = exercise_of(one.grade_id) if one is not None else exercise
        yield exercise


def _answers_near(index: int, written: Sequence[int], exercises: Sequence[str], planned: Planned) -> list[int]:
    """Return the answers that words may belong to: the next ones of their exercise, else those close by."""
    above = [answer for answer in written if answer < index][-1:]
    below = [answer for answer in written if answer > index][:1]
    both = [*above, *below]
    same = [answer for answer in both if exercises[answer] == exercises[index]]
    return same or [answer for answer in both if _between(index, answer, planned) <= _NEAR]


def _between(one: int, other: int, planned: Planned) -> int:
    """Return how many of the assignment's cells stand between two cells."""
    first, last = sorted((one, other))
    return sum(cell is not None for cell in planned[first + 1 : last])


def _where(cell: NotebookNode, side: str, answer: int, planned: Planned, own: PlannedCell | None) -> str:
    """Return where words stand, seen from an answer's cell, as the end of a sentence."""
    if own is not None:
        return f"written into the code cell `{own.grade_id}`"
    if origin := origin_of(cell):
        return (
            "written into the question's cell" if _is_question(origin, answer, planned) else f"written into `{origin}`"
        )
    what = {"markdown": "written", "raw": "written as raw text", "code": "written as code"}[cell.cell_type]
    return f"{what} {side} the answer's cell"


def _is_question(given: str, answer: int, planned: Planned) -> bool:
    """Return whether a given cell is the one with an answer's question: the last of words above it."""
    above = (one for one in reversed(planned[:answer]) if one is not None and one.cell_type == "markdown")
    question = next((one for one in above if one.kind == "given"), None)
    return question is not None and question.grade_id == given


def _is_blank(cell: NotebookNode, planned: PlannedCell | None) -> bool:
    """Return whether an answer's own cell is as it was released."""
    return planned is not None and is_blank(cell, given=planned.source)


def _named_elsewhere(blank: int, cells: Cells, written: Sequence[int], planned: Planned) -> Iterator[WordsElsewhere]:
    """Yield the other written answers that name the exercise of one that was left blank."""
    exercise = exercise_of(_id(planned[blank]))
    number = re.search(r"\d+", exercise)
    if number is None:
        return
    named = re.compile(rf"\b(?:exercise|ex|question|q|task|part|problem)\W{{0,3}}{number[0]}\b", re.IGNORECASE)
    for index in written:
        other = _id(planned[index])
        if exercise_of(other) != exercise and named.search(cells[index].source):
            yield WordsElsewhere(f"written into the answer `{other}`, which names this exercise", cells[index].id)


def _id(planned: PlannedCell | None) -> str:
    """Return a cell's `grade_id`; "" for the student's own."""
    return planned.grade_id if planned is not None else ""
