"""Write `marking.csv`, to be filled in a spreadsheet, and read it back with every row checked.

Each row carries what it was made from. What its marker left alone is left alone, though somebody else changed it since; what
both changed is a conflict.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.files import write_file
from autograder.model import NO_RESPONSE, Mark, MarkChange, MarkConflict
from autograder.report.class_records import ReportError
from autograder.report.marking.dealing import Dealt
from autograder.report.marking.ratings import Rating
from autograder.texts import guard_formula, replace_surrogates, text_digest, unguard_formula

__all__ = ["Sheet", "read_sheet", "row_of", "unseen", "write_sheet"]

_COLUMNS = ("student", "cell", "max", "state", "score", "comment", "was")
_WORKBOOK = b"PK\x03\x04"  # Excel's and LibreOffice's are zip files
_NEEDED_COLUMNS = ("student", "cell", "score")

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)", re.ASCII)
"""With a comma too: half of the world's spreadsheets write 1,5."""

_WAS = re.compile(r"(?P<score>[\d.]*)\|(?P<comment>[0-9a-f]*)")
"""The points that a row was made from, and a digest of the comment."""
_DIGITS = 12  # of that digest
_TICKED = re.compile(r"(\d{1,3})=(\d{1,4}(?:\.\d{1,4})?)(?:;|$)", re.ASCII)
_TIME = re.compile(r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\dZ", re.ASCII)

Marks = Mapping[str, tuple[Mark, ...]]


@dataclass(frozen=True)
class Sheet:
    """What a filled sheet says that the gradebook doesn't.

    Attributes:
        changes: by student.
        conflicts: the answers that somebody else has marked otherwise since the sheet was made.
        marker: who filled it, as it says itself; "" where it doesn't.
        ratings: the points that this person gave, whatever the gradebook says; their marker is that one.
    """

    changes: Mapping[str, tuple[MarkChange, ...]]
    conflicts: tuple[MarkConflict, ...] = ()
    marker: str = ""
    ratings: tuple[Rating, ...] = ()


def write_sheet(path: Path, marks: Marks, dealt: Dealt | None = None) -> None:
    """Write a row for each written answer, with the mark that a person gave.

    That an answer is blank stands in a column of its own: a 0 that nobody typed is no mark.

    Args:
        path: of the file.
        marks: the written answers that there are.
        dealt: the answers of one of several people, without the others' marks; None for all.

    Raises:
        ReportError: the file that is there holds marks that the gradebook doesn't have: they would be lost.
    """
    if path.exists() and _holds_work(path, marks):
        raise ReportError(
            f"{path} holds marks that are not in the gradebook yet, or rows with mistakes.",
            f"Take them in first, with --marks {path}, or move the file away.",
        )
    rows = [
        row_of(student, mark if dealt is None else unseen(mark)) | {"marker": _as_cell(dealt.marker) if dealt else ""}
        for name, student, mark in sorted(
            ((mark.name, student, mark) for student, own in marks.items() for mark in own), key=lambda row: row[:2]
        )
        if dealt is None or (student, name) in dealt.answers
    ]
    file = io.StringIO(newline="")
    columns = _COLUMNS if dealt is None else (*_COLUMNS, "marker")
    writer = csv.DictWriter(file, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    write_file(path, file.getvalue(), "utf-8-sig")  # Excel takes a file without the mark for another encoding


def row_of(student: str, mark: Mark) -> dict[str, str]:
    """Return an answer's row by column, as a person fills it."""
    values = (mark.name, f"{mark.max_score:g}", _state(mark), _points(mark), _as_cell(mark.comment), _was(mark))
    return dict(zip(_COLUMNS, (_as_cell(student), *values), strict=True))


def unseen(mark: Mark) -> Mark:
    """Return a mark as one sees it who is not to know what others gave."""
    return mark if mark.blank else Mark(mark.name, None, mark.max_score)


def _points(mark: Mark) -> str:
    """Return a mark's points as a cell has them."""
    return "" if mark.typed is None else f"{mark.typed:g}"


def _was(mark: Mark) -> str:
    """Return what a row is made from."""
    return f"{_points(mark)}|{_comment_digest(mark.comment)}"


def _comment_digest(comment: str) -> str:
    """Return what tells a comment from others."""
    return text_digest(comment.strip())[:_DIGITS]


def _state(mark: Mark) -> str:
    """Return what is to be known of an answer before it is marked."""
    if mark.blank:
        return "blank"
    if mark.score is None and mark.earlier is not None:
        return f"to mark ({mark.earlier.score:g} on an earlier answer)"
    return "to mark" if mark.score is None else "marked"


def _holds_work(path: Path, marks: Marks) -> bool:
    """Return whether a sheet holds anything that the gradebook doesn't."""
    try:
        sheet = read_sheet(path, marks)
    except ReportError:
        return True
    return bool(sheet.changes or sheet.conflicts)


def read_sheet(path: Path, marks: Marks) -> Sheet:
    """Return what a filled sheet says that is another thing than the gradebook's.

    What its marker left as it was stays. A score or a comment that was emptied is taken back. In a table without the
    column `was`, as one makes it by hand, what is empty stays. Rows may be left out, columns may stand in any order.

    Args:
        path: a CSV file with commas, semicolons or tabs.
        marks: the written answers that there are, with the marks that they have.

    Raises:
        ReportError: the file can't be read as such a table, or rows have mistakes; every one of them is told.
    """
    answers: dict[tuple[str, str], list[tuple[str, Mark]]] = defaultdict(list)
    for student, own in marks.items():
        for mark in own:
            answers[_as_cell(student), mark.name].append((student, mark))
    seen: dict[tuple[str, str], int] = {}
    changed: dict[str, list[MarkChange]] = defaultdict(list)
    problems, conflicts = list[str](), list[MarkConflict]()
    markers, ratings = dict[str, int](), list[Rating]()
    for line, row in _rows(path):
        try:
            student, before = _answer_of(row, answers)
            _note(seen, (student, before.name), line)
            change, against = _change(row, before)
            ratings += _ratings(row, student, before)
        except ValueError as problem:
            problems.append(f"line {line}: {problem}")
            continue
        if marker := unguard_formula(row.get("marker", "").strip()):
            markers.setdefault(marker, line)
        conflicts += [MarkConflict(student, before.name, why) for why in against]
        if (change.score, change.comment.strip()) != (before.typed, before.comment.strip()):
            changed[student].append(change)
    if len(markers) > 1:
        one, other = list(markers.items())[:2]
        problems.append(
            f"line {other[1]}: the marker is {other[0]!r}, and {one[0]!r} in line {one[1]}: one sheet, one marker."
        )
    if problems:
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise ReportError(f"{path} has mistakes, and none of its marks was taken in:{lines}", "Correct these rows.")
    marker = next(iter(markers), "")
    ratings = [replace(one, marker=marker) for one in ratings]
    return Sheet({student: tuple(own) for student, own in changed.items()}, tuple(conflicts), marker, tuple(ratings))


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each row with the line that it begins in, its cells by column; empty rows are passed over.

    Raises:
        ReportError: the file is not there, is no text, or lacks a column.
    """
    try:
        data = path.read_bytes()
        if data.startswith(_WORKBOOK):
            raise ReportError(f"{path} is a spreadsheet program's workbook, not a CSV file.", 'Save it as "CSV UTF-8".')
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise ReportError(f"{path} can't be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ReportError(f"{path} is no UTF-8 text.", 'Save it as "CSV UTF-8".') from error
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        names = [name.strip().casefold() for name in next(reader, [])]
        missing = [name for name in _NEEDED_COLUMNS if names.count(name) != 1]
        if missing:
            raise ReportError(
                f"{path} needs each of the columns {', '.join(_NEEDED_COLUMNS)} once, in its first row; look at {', '.join(missing)}.",
                "`autograder report OUT --marking` writes such a table.",
            )
        line = reader.line_num + 1
        for row in reader:
            if any(cell.strip() for cell in row):
                yield line, dict(zip(names, row, strict=False))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ReportError(f"{path}, line {reader.line_num} is no row of a table: {error}.") from error


def _answer_of(row: Mapping[str, str], answers: Mapping[tuple[str, str], list[tuple[str, Mark]]]) -> tuple[str, Mark]:
    """Return the student of a row, and the mark as it is.

    Raises:
        ValueError: there is no such answer, or there are several.
    """
    name, cell = row.get("student", ""), row.get("cell", "").strip()
    matches = answers.get((name, cell), [])
    if not matches:
        students = {student for student, _ in answers}
        if name not in students:
            raise ValueError(f"there is no student {name!r} in this class.")
        cells = ", ".join(sorted(cell for student, cell in answers if student == name))
        raise ValueError(f"{cell!r} is no written answer of {name!r}: there are {cells}.")
    if len(matches) > 1:
        raise ValueError(f"{name!r} names {len(matches)} students. Mark them in formgrader.")
    return matches[0]


def _change(row: Mapping[str, str], before: Mark) -> tuple[MarkChange, list[str]]:
    """Return what a row says of an answer, and sentences where somebody else said another thing since it was made.

    Raises:
        ValueError: the row has a mistake; the text says which.
    """
    points, comment = row.get("score", "").strip(), unguard_formula(row.get("comment", "").strip())
    if comment == NO_RESPONSE:  # of a sheet as it was once written, with the gradebook's own 0 and words
        points, comment = "" if points == "0" else points, ""
    now = before.comment.strip()
    was = _WAS.fullmatch(row.get("was", "").strip())
    if was is None:
        return MarkChange(before, before.typed if not points else _score(points, before), comment or now), []
    conflicts = list[str]()
    score, old = (_score(points, before) if points else None), (float(was["score"]) if was["score"] else None)
    if _same(score, old):
        score = before.typed
    elif not (_same(before.typed, old) or _same(before.typed, score)):
        conflicts.append(
            f"the sheet says {_number(score)} for {_number(old)}, and it is {_number(before.typed)} by now."
        )
    if _comment_digest(comment) == was["comment"]:
        comment = now
    elif _comment_digest(now) != was["comment"] and comment != now:
        conflicts.append("the sheet has another comment, and somebody else wrote one since.")
    return MarkChange(before, score, comment), conflicts


def _ratings(row: Mapping[str, str], student: str, before: Mark) -> list[Rating]:
    """Return what the person who filled a row gave: nothing where the points are those that the row was made with.

    Raises:
        ValueError: the row has a mistake.
    """
    text, was = row.get("score", "").strip(), _WAS.fullmatch(row.get("was", "").strip())
    if not text or was is None or (was["score"] and _same(_score(text, before), float(was["score"]))):
        return []
    points, items, place, time = _score(text, before), row.get("items", ""), row.get("place", ""), row.get("time", "")
    ticked = {number: float(value) for number, value in _TICKED.findall(items)}
    known = ticked if ticked or (place and points == 0) else None
    return [
        Rating(
            "",
            student,
            before.name,
            points,
            known,
            int(place) if place.isdecimal() else None,
            time if _TIME.fullmatch(time) else "",
        )
    ]


def _same(one: float | None, other: float | None) -> bool:
    """Tell whether two scores look the same in a sheet."""
    return _number(one) == _number(other)


def _number(score: float | None) -> str:
    """Return a score in words."""
    return "no points" if score is None else f"{score:g}"


def _score(text: str, before: Mark) -> float:
    """Return a row's points.

    Those that are there already are no mistake even above the maximum: formgrader gives extra credit.

    Raises:
        ValueError: they are no points for this answer.
    """
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"the score {text!r} is no number.")
    score = float(text.replace(",", "."))
    if before.typed is not None and score == float(f"{before.typed:g}"):
        return before.typed
    if not 0 <= score <= before.max_score:
        raise ValueError(f"the score {text} does not lie between 0 and {before.max_score:g}.")
    return score


def _note(seen: dict[tuple[str, str], int], key: tuple[str, str], line: int) -> None:
    """Note that an answer has its row.

    Raises:
        ValueError: it has one already.
    """
    if key in seen:
        raise ValueError(f"{key[1]} of {key[0]!r} stands in line {seen[key]} already.")
    seen[key] = line


def _as_cell(text: str) -> str:
    """Return a text as its cell has it."""
    return guard_formula(replace_surrogates(text))
