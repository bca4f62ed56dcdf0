"""What each written answer said when it was marked: a mark belongs to the words that it was given for.

`OUT/assignments/NAME/words/STUDENT.json` has, for each answer, the words of now, and the marks that were given for earlier
ones. Where a student's words change, or the question does, the mark is put aside here and the answer waits for a person;
where the old words come back, so does the mark.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from autograder.assignment.plan import AssignmentPlan
from autograder.files import write_file
from autograder.grade.folders import folder_name
from autograder.log import log_suppressed
from autograder.model import EarlierMark, Mark
from autograder.texts import text_digest

__all__ = ["AnswerWords", "MarkedWords", "put_aside", "with_earlier"]

_MOST_MARKS = 20  # earlier ones of an answer that are kept


@dataclass
class AnswerWords:
    """One written answer.

    Attributes:
        now: what tells the words, and the question, of now from others; "" where nothing is known.
        text: the words of now.
        moving: the same of the words that replace them, while they do; "" otherwise.
        marks: those that were put aside, by the words that they were given for, the latest last.
    """

    now: str
    text: str
    moving: str
    marks: dict[str, EarlierMark]


class MarkedWords:
    """The words of one assignment's written answers.

    Args:
        out: the folder that `grade` wrote.
        plan: the assignment.
    """

    def __init__(self, out: Path, plan: AssignmentPlan) -> None:
        self._folder = out / "assignments" / plan.name / "words"
        self._questions = _questions(plan)

    def key(self, cell: str, text: str) -> str:
        """Return what tells an answer's words, and its question, from others."""
        return text_digest(f"{self._questions.get(cell, '')}\0{text.strip()}")

    def read(self, student: str) -> dict[str, AnswerWords]:
        """Return a student's answers by cell; nothing where none are known."""
        return _read(self._folder / f"{folder_name(student)}.json")

    def expected(self, student: str, marks: tuple[Mark, ...], words: Mapping[str, str] | None) -> tuple[Mark, ...]:
        """Return a student's marks as they will be once other words are let in.

        Args:
            student: the id of `results.jsonl`.
            marks: as they are.
            words: what is written as each answer from now on; None where that isn't known.
        """
        known, new = self.read(student), words or {}
        return tuple(
            self._expected(mark, known[mark.name], new[mark.name]) if mark.name in known and mark.name in new else mark
            for mark in marks
        )

    def _expected(self, mark: Mark, answer: AnswerWords, text: str) -> Mark:
        """Return a mark as it will be by other words."""
        key = self.key(mark.name, text)
        if answer.now in ("", key):
            return mark
        if (back := answer.marks.get(key)) is not None:
            return replace(mark, score=back.score + (back.extra or 0), comment=back.comment, blank=False, earlier=None)
        score, given = (0.0 if not text else None), mark.typed
        earlier = EarlierMark(given, None, mark.comment, answer.text) if given is not None else mark.earlier
        comment = mark.comment if given is None else ""
        return Mark(mark.name, score, mark.max_score, comment, blank=not text, earlier=earlier)

    def write(self, student: str, answers: Mapping[str, AnswerWords]) -> None:
        """Keep a student's answers."""
        path = self._folder / f"{folder_name(student)}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, json.dumps({name: asdict(one) for name, one in answers.items()}, ensure_ascii=False) + "\n")


def put_aside(answer: AnswerWords, key: str, mark: EarlierMark | None) -> EarlierMark | None:
    """Let other words take an answer's place; return the mark that these have.

    Args:
        answer: is changed: its mark is among those that were put aside.
        key: of the new words.
        mark: what the old ones have; None for no mark.
    """
    if answer.moving != key:  # else a run was killed on the way, and the mark has been put aside
        answer.marks.pop(answer.now, None)
        if mark is not None:
            answer.marks[answer.now] = mark
        for old in list(answer.marks)[:-_MOST_MARKS]:
            del answer.marks[old]
        answer.moving = key
    return answer.marks.get(key)


def with_earlier(out: Path, assignment: str, student: str, marks: tuple[Mark, ...]) -> tuple[Mark, ...]:
    """Return a student's marks; answers without one say which was given for earlier words.

    Args:
        out: the folder that `grade` wrote.
        assignment: whose marks.
        student: the id of `results.jsonl`.
        marks: as the gradebook has them.
    """
    known = _read(out / "assignments" / assignment / "words" / f"{folder_name(student)}.json")
    return tuple(_with_earlier(mark, known.get(mark.name)) for mark in marks)


def _with_earlier(mark: Mark, answer: AnswerWords | None) -> Mark:
    """Return a mark with the latest that was put aside, where no person has given another one."""
    if answer is None or mark.typed is not None:
        return mark
    earlier = [one for key, one in answer.marks.items() if key != answer.now]
    return replace(mark, earlier=earlier[-1]) if earlier else mark


def _read(path: Path) -> dict[str, AnswerWords]:
    """Return a file's answers; of a damaged one nothing, and a person looks at the marks again."""
    try:
        values: dict[str, Any] = json.loads(path.read_text("utf-8"))
        return {
            name: AnswerWords(
                str(one["now"]),
                str(one["text"]),
                str(one["moving"]),
                {key: EarlierMark(**mark) for key, mark in one["marks"].items()},
            )
            for name, one in values.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log_suppressed(error)
        return {}


def _questions(plan: AssignmentPlan) -> dict[str, str]:
    """Return the question of each written answer: the nearest given text before it."""
    questions, given = dict[str, str](), ""
    for cell in plan.cells:
        if cell.kind == "given" and cell.cell_type == "markdown":
            given = cell.source
        elif cell.kind == "written":
            questions[cell.grade_id] = given
    return questions
