"""`OUT/marks.jsonl`: every change of marks, with who made it, when, and what was there before; one line a sheet."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from autograder.errors import GradeError
from autograder.files import append_line, cut_half_line, write_file
from autograder.model import Mark, MarkChange, MarkConflict

__all__ = ["HISTORY", "Undo", "changes_to_undo", "forget_latest", "note_changes"]

HISTORY = "marks.jsonl"

Marks = Mapping[str, tuple[Mark, ...]]


@dataclass(frozen=True)
class Undo:
    """What takes the latest sheet back.

    Attributes:
        number: its line in the history, from 1.
        sheet: its name.
        marker: who took it in.
        changes: by student.
        conflicts: the marks that somebody changed since.
    """

    number: int
    sheet: str
    marker: str
    changes: Mapping[str, tuple[MarkChange, ...]]
    conflicts: tuple[MarkConflict, ...]


def note_changes(
    out: Path,
    assignment: str,
    changes: Mapping[str, tuple[MarkChange, ...]],
    *,
    sheet: str,
    marker: str,
    undoes: int | None = None,
) -> None:
    """Write down what is about to change.

    Args:
        out: the folder that `grade` wrote.
        assignment: whose marks.
        changes: by student.
        sheet: the file that says so.
        marker: who took it in.
        undoes: the line that is taken back; None where none is.
    """
    cut_half_line(out / HISTORY)
    each = [
        {
            "student": student,
            "cell": change.before.name,
            "score": [change.before.typed, change.score],
            "comment": [change.before.comment, change.comment],
        }
        for student, own in changes.items()
        for change in own
    ]
    now = datetime.now(UTC).isoformat(timespec="seconds")
    line = {"time": now, "assignment": assignment, "sheet": sheet, "marker": marker, "undoes": undoes, "changes": each}
    append_line(out / HISTORY, line)


def forget_latest(out: Path) -> None:
    """Remove the latest line: what it says could not be done."""
    lines = (out / HISTORY).read_bytes().splitlines(keepends=True)
    write_file(out / HISTORY, b"".join(lines[:-1]))


def changes_to_undo(out: Path, assignment: str, marks: Marks) -> Undo:
    """Return what takes the latest sheet back that nobody has taken back yet.

    Args:
        out: the folder that `grade` wrote.
        assignment: whose marks.
        marks: as they are.

    Raises:
        GradeError: there is none, or the history is damaged.
    """
    lines = _lines(out / HISTORY)
    undone = {line["undoes"] for line in lines.values() if line["undoes"] is not None}
    numbers = [
        number
        for number, line in lines.items()
        if line["assignment"] == assignment and line["undoes"] is None and number not in undone
    ]
    if not numbers:
        raise GradeError(f"No sheet has been taken in for {assignment} that could be taken back.")
    line = lines[max(numbers)]
    known = {(student, mark.name): mark for student, own in marks.items() for mark in own}
    changes, conflicts = dict[str, tuple[MarkChange, ...]](), list[MarkConflict]()
    for each in line["changes"]:
        student, cell = each["student"], each["cell"]
        mark = known.get((student, cell))
        if mark is None:
            conflicts.append(MarkConflict(student, cell, "this answer isn't there any more."))
            continue
        (old, new), (words, new_words) = each["score"], each["comment"]
        if _looks(mark.typed, mark.comment) == _looks(old, words):
            continue
        if _looks(mark.typed, mark.comment) != _looks(new, new_words):
            conflicts.append(MarkConflict(student, cell, "somebody changed it since."))
        changes[student] = (*changes.get(student, ()), MarkChange(mark, old, words))
    return Undo(max(numbers), line["sheet"], line["marker"], changes, tuple(conflicts))


def _looks(score: float | None, comment: str) -> tuple[str, str]:
    """Return a mark as people see it."""
    return "" if score is None else f"{score:g}", comment.strip()


def _lines(path: Path) -> dict[int, dict[str, Any]]:
    """Return the history's lines by number; a last one that a kill cut off is none.

    Raises:
        GradeError: another one is no line of it.
    """
    lines = dict[int, dict[str, Any]]()
    content = path.read_bytes() if path.exists() else b""
    for number, line in enumerate(content.split(b"\n")[:-1], start=1):
        try:
            values = json.loads(line)
            _ = values["assignment"], values["undoes"], values["sheet"], values["marker"], values["changes"]
        except (ValueError, KeyError, TypeError) as error:
            raise GradeError(
                f"{path}, line {number} is no change of marks.", "Put it right, or move it away."
            ) from error
        lines[number] = values
    return lines
