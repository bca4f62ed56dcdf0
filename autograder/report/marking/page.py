"""Write the marking page: each written answer beside its rubric and the student's maps, one at a time, without names."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from markupsafe import Markup

from autograder.assignment.rubrics import RubricItem, read_items
from autograder.files import write_file
from autograder.model import CheckResult, Mark, StudentMap, exercise_of
from autograder.report.class_page.page import Tile
from autograder.report.class_records import ClassRecords, Entry, ReportError, task_of
from autograder.report.marking.dealing import Dealt, shuffled
from autograder.report.marking.sheets import row_of, unseen, write_sheet
from autograder.report.marking.similar import AlikeAnswers, find_alike
from autograder.report.safe_html import render_markdown
from autograder.report.templates import fill_template
from autograder.report.thumbnails import Painter, legend
from autograder.report.written_text import WrittenText
from autograder.texts import text_digest

__all__ = ["Answers", "StudentAnswer", "WrittenQuestion", "questions", "render_marking_page", "write_marking"]

Answers = Mapping[str, Mapping[str, tuple[WrittenText, ...]]]
"""What each student wrote, by student and `grade_id`."""

PICTURE_PIXELS = 240
"""Large enough to see strays."""

KEYS = (
    ("→ or j, ← or k", "the next answer, the one before"),
    ("n", "the next answer that isn't marked"),
    ("] and [", "the next question, the one before"),
    ("1 to 9", "tick an item of the mark scheme, or take it back"),
    ("Shift and 1 to 9", "half of an item's points"),
    ("+ and -", "half a point more, or less"),
    ("0", "no points"),
    ("p", "type points; Enter or Esc leaves the field"),
    ("c", "type a comment; Esc leaves the field"),
    ("r", "go to the comments used before; Tab for the next, Enter takes it"),
    ("e", "give answers that are equal or nearly so the same points and comment"),
    ("w", "write the table"),
    ("h", "show or hide these keys"),
)
"""What the page's script listens to, and what it does."""


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

    @property
    def checks(self) -> tuple[CheckResult, ...]:
        """What the machine says of the same exercise, readings of maps among it."""
        exercise = exercise_of(self.mark.name)
        return tuple(check for check in self.entry.result.checks if exercise_of(check.name) == exercise)

    @property
    def text(self) -> str:
        """All of its words."""
        return "\n".join(text.words for text in self.words)


@dataclass(frozen=True)
class WrittenQuestion:
    """One cell that a person marks, and what the class wrote.

    Attributes:
        name: the cell's `grade_id`.
        max_score: the most that it gives.
        rubric: the mark scheme; empty where there is none.
        items: what can be ticked of it.
        answers: the students', in the records' order.
        alike: groups of equal or nearly equal ones, by their places among the answers.
    """

    name: str
    max_score: float
    rubric: Markup
    items: tuple[RubricItem, ...]
    answers: tuple[StudentAnswer, ...]
    alike: tuple[AlikeAnswers, ...]

    @property
    def item_words(self) -> tuple[Markup, ...]:
        """The items in HTML."""
        return tuple(render_markdown(item.text) for item in self.items)


def write_marking(
    records: ClassRecords, words: Answers, folder: Path, marker: str = "", dealt: Dealt | None = None
) -> tuple[str, str]:
    """Write the marking page and the table to fill; where one of them can't be written, neither is.

    Args:
        records: the class.
        words: what each student wrote, by student and `grade_id`.
        folder: takes the two files.
        marker: who marks; the order of the answers goes by it.
        dealt: the answers of one of several people, who sees no mark of the others; None for all answers.

    Returns:
        The files' names.

    Raises:
        ReportError: there is nothing to mark, or a table that is there holds marks that would be lost.
    """
    page = render_marking_page(records, words, marker, dealt)
    sheet = _sheet(records, dealt)
    write_sheet(folder / sheet, {entry.student: entry.marks for entry in records.entries}, dealt)
    write_file(folder / Path(sheet).with_suffix(".html"), page)
    return str(Path(sheet).with_suffix(".html")), sheet


def _sheet(records: ClassRecords, dealt: Dealt | None) -> str:
    """Return the table's file."""
    return records.sheet if dealt is None else f"marking{records.suffix}-{dealt.marker}.csv"


def render_marking_page(records: ClassRecords, words: Answers, marker: str = "", dealt: Dealt | None = None) -> str:
    """Return the marking page, as `write_marking` describes it.

    Raises:
        ReportError: the gradebook has no written answers of this class, or nothing was dealt to this person.
    """
    to_mark = questions(records, words, dealt)
    if not to_mark:
        raise ReportError(
            "There is nothing to mark: the gradebook has no written answers of these students.",
            "Look whether `gradebook.db` lies beside `results.jsonl`.",
        )
    marker = marker if dealt is None else dealt.marker
    answers = [answer for question in to_mark for answer in question.answers]
    tiles = list({id(tile): tile for answer in answers for tile in answer.tiles}.values())
    sheet = _sheet(records, dealt)
    values = _values(records, to_mark, marker, {id(tile): number for number, tile in enumerate(tiles)})
    text = json.dumps({**values, "sheet": sheet}).replace("<", "\\u003c")
    return fill_template(
        "marking",
        scripts=[files("autograder.report").joinpath("pages/marking.js").read_text("utf-8")],
        records=records,
        questions=to_mark,
        answers=answers,
        tiles=tiles,
        marker=marker,
        sheet=sheet,
        keys=KEYS,
        data=Markup(text),  # noqa: S704 - JSON, in which no element begins
        legend=legend(records.images),
        size=_painter(records).size,
        quoted=shlex.quote(records.folder),
        quoted_sheet=shlex.quote(str(Path(records.folder, sheet))),
    )


def _values(
    records: ClassRecords, to_mark: Sequence[WrittenQuestion], marker: str, tiles: Mapping[int, int]
) -> dict[str, Any]:
    """Return what the page's script works with."""
    answers, shown, first = list[dict[str, Any]](), list[dict[str, Any]](), 0
    for question in to_mark:
        group_of = {place: group for group in question.alike for place in group.places}
        names = [answer.entry.student for answer in question.answers]
        numbers = {name: number for number, name in enumerate(shuffled(sorted(names), question.name), start=1)}
        for place, answer in enumerate(question.answers):
            group = group_of.get(place)
            answers.append(
                {
                    **row_of(answer.entry.student, answer.mark),
                    "comment": answer.mark.comment,
                    "name": answer.entry.student,
                    "page": answer.entry.page,
                    "number": numbers[answer.entry.student],
                    "words_digest": text_digest(answer.text)[:12],
                    "tiles": [tiles[id(tile)] for tile in answer.tiles],
                    "alike": [first + other for other in group.places] if group else [],
                    "equal": group is not None and group.equal,
                }
            )
        shown.append(
            {
                "title": task_of(question.name),
                "max": question.max_score,
                "bonus": question.name in records.bonus,
                "items": [{"points": item.points} for item in question.items],
                "order": [first + place for place in _order_of(question, marker)],
            }
        )
        first += len(names)
    key = f"autograder marking\n{records.folder}\n{records.assignment}\n{marker}"
    return {"key": key, "marker": marker, "answers": answers, "questions": shown}


def _order_of(question: WrittenQuestion, marker: str) -> list[int]:
    """Return the places of a question's answers as this person sees them: at random, equal ones together, blank ones last."""
    together = [list(group.places) for group in question.alike]
    grouped = {place for group in together for place in group}
    alone = [[place] for place in range(len(question.answers)) if place not in grouped]
    order = [place for group in shuffled(sorted(together + alone), marker, question.name) for place in group]
    return sorted(order, key=lambda place: question.answers[place].mark.blank)


def questions(records: ClassRecords, words: Answers, dealt: Dealt | None = None) -> tuple[WrittenQuestion, ...]:
    """Return what is to be marked, question by question, as that is fairer than student by student."""
    tiles = _tiles(records)
    by_question: dict[str, list[StudentAnswer]] = {}
    for entry in records.entries:
        for mark in entry.marks:
            if dealt is not None and (entry.student, mark.name) not in dealt.answers:
                continue
            near = tuple(tile for tile in tiles[entry.student] if _order(tile.drawn.check) <= _order(mark.name))
            own = words.get(entry.student, {}).get(mark.name, ())
            answer = StudentAnswer(entry, mark if dealt is None else unseen(mark), own, near)
            by_question.setdefault(mark.name, []).append(answer)
    return tuple(_question(name, answers, records.rubric.get(name, "")) for name, answers in by_question.items())


def _question(name: str, answers: list[StudentAnswer], rubric: str) -> WrittenQuestion:
    """Return a question with its answers."""
    return WrittenQuestion(
        name,
        max(answer.mark.max_score for answer in answers),
        render_markdown(rubric) if rubric else Markup(),
        read_items(rubric),
        tuple(answers),
        find_alike([answer.text for answer in answers]),
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
