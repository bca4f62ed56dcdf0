"""Write the marking sheet: each written answer beside its rubric and the student's maps."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from autograder.files import write_file
from autograder.model import Mark, StudentMap, exercise_of
from autograder.report.class_page.page import Tile
from autograder.report.class_records import ClassRecords, Entry, ReportError
from autograder.report.marking.sheets import write_sheet
from autograder.report.safe_html import render_markdown
from autograder.report.templates import fill_template
from autograder.report.thumbnails import Painter, legend
from autograder.report.written_text import WrittenText

__all__ = ["StudentAnswer", "WrittenQuestion", "questions", "render_marking_page", "write_marking"]

Answers = Mapping[str, Mapping[str, tuple[WrittenText, ...]]]
"""What each student wrote, by student and `grade_id`."""

PICTURE_PIXELS = 240
"""Large enough to see strays."""


@dataclass(frozen=True)
class StudentAnswer:
    """One student's answer.

    Attributes:
        entry: whose it is.
        mark: what the gradebook says.
        words: what the student wrote, in the answer's cell and elsewhere; none where no notebook holds it.
        tiles: the maps that the answer may be about.
    """

    entry: Entry
    mark: Mark
    words: tuple[WrittenText, ...]
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class WrittenQuestion:
    """One cell that a person marks, and what the class wrote.

    Attributes:
        name: the cell's `grade_id`.
        max_score: the most that it gives.
        rubric: the mark scheme; empty where there is none.
        waiting: answers without a mark.
        marked: answers with one.
        blank: those that were left as they were given.
    """

    name: str
    max_score: float
    rubric: Markup
    waiting: tuple[StudentAnswer, ...]
    marked: tuple[StudentAnswer, ...]
    blank: tuple[StudentAnswer, ...]


def write_marking(records: ClassRecords, words: Answers, folder: Path) -> tuple[str, str]:
    """Write the marking sheet and the table to fill; where one of them can't be written, neither is.

    Args:
        records: the class.
        words: what each student wrote, by student and `grade_id`.
        folder: takes the two files.

    Returns:
        The files' names.

    Raises:
        ReportError: there is nothing to mark, or a table that is there holds marks that would be lost.
    """
    page = render_marking_page(records, words)
    write_sheet(folder / records.sheet, {entry.student: entry.marks for entry in records.entries})
    write_file(folder / records.marking_page, page)
    return records.marking_page, records.sheet


def render_marking_page(records: ClassRecords, words: Answers) -> str:
    """Return the marking sheet.

    Args:
        records: the class.
        words: what each student wrote, by student and `grade_id`.

    Raises:
        ReportError: the gradebook has no written answers of this class.
    """
    to_mark = questions(records, words)
    if not to_mark:
        raise ReportError(
            "There is nothing to mark: the gradebook has no written answers of these students.",
            "Look whether `gradebook.db` lies beside `results.jsonl`.",
        )
    return fill_template(
        "marking",
        records=records,
        questions=to_mark,
        bonus=records.bonus,
        legend=legend(records.images),
        size=_painter(records).size,
        quoted=shlex.quote(records.folder),
        quoted_sheet=shlex.quote(str(Path(records.folder, records.sheet))),
    )


def questions(records: ClassRecords, words: Answers) -> tuple[WrittenQuestion, ...]:
    """Return what is to be marked, question by question, as that is fairer than student by student."""
    tiles = _tiles(records)
    by_question: dict[str, list[StudentAnswer]] = {}
    for entry in records.entries:
        for mark in entry.marks:
            near = tuple(tile for tile in tiles[entry.student] if _order(tile.drawn.check) <= _order(mark.name))
            answer = StudentAnswer(entry, mark, words.get(entry.student, {}).get(mark.name, ()), near)
            by_question.setdefault(mark.name, []).append(answer)
    return tuple(_question(name, answers, records.rubric.get(name, "")) for name, answers in by_question.items())


def _question(name: str, answers: list[StudentAnswer], rubric: str) -> WrittenQuestion:
    """Return a question with its answers, sorted out."""
    written = [answer for answer in answers if not answer.mark.blank]
    return WrittenQuestion(
        name,
        max(answer.mark.max_score for answer in answers),
        render_markdown(rubric) if rubric else Markup(),
        tuple(answer for answer in written if answer.mark.score is None),
        tuple(answer for answer in written if answer.mark.score is not None),
        tuple(answer for answer in answers if answer.mark.blank),
    )


def _tiles(records: ClassRecords) -> dict[str, tuple[Tile, ...]]:
    """Return each student's maps as pictures."""
    painter = _painter(records)

    def tile(entry: Entry, drawn: StudentMap) -> Tile:
        return Tile(entry, drawn, painter.paint(drawn))

    return {entry.student: tuple(tile(entry, drawn) for drawn in entry.maps) for entry in records.entries}


def _painter(records: ClassRecords) -> Painter:
    """Return what draws the class's maps."""
    return Painter(records.images, PICTURE_PIXELS, dot=3)


def _order(cell: str) -> tuple[int, str]:
    """Return a cell's place: an answer may be about the maps of its exercise and of those before it."""
    exercise = exercise_of(cell)
    number = re.search(r"\d+", exercise)
    return (int(number[0]) if number else 0, exercise)
