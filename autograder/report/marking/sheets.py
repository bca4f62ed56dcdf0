"""Write `marking.csv`, to be filled in a spreadsheet, and read it back with every row checked."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from autograder.files import write_file
from autograder.model import NO_RESPONSE, Mark
from autograder.report.class_records import ReportError
from autograder.texts import guard_formula, replace_surrogates, unguard_formula

__all__ = ["read_sheet", "write_sheet"]

_COLUMNS = ("student", "cell", "max", "state", "score", "comment")
_WORKBOOK = b"PK\x03\x04"  # Excel's and LibreOffice's are zip files
_NEEDED_COLUMNS = ("student", "cell", "score")

_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)", re.ASCII)
"""With a comma too: half of the world's spreadsheets write 1,5."""

Marks = Mapping[str, tuple[Mark, ...]]


def write_sheet(path: Path, marks: Marks) -> None:
    """Write a row for each written answer, with the mark that a person gave.

    That an answer is blank stands in a column of its own: a 0 that nobody typed is no mark.

    Raises:
        ReportError: the file that is there holds marks that the gradebook doesn't have: they would be lost.
    """
    if path.exists() and _holds_work(path, marks):
        raise ReportError(
            f"{path} holds marks that are not in the gradebook yet, or rows with mistakes.",
            f"Take them in first, with --marks {path}, or move the file away.",
        )
    rows = sorted(
        ((mark.name, student, mark) for student, own in marks.items() for mark in own), key=lambda row: row[:2]
    )
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    for name, student, mark in rows:
        score = "" if mark.typed is None else f"{mark.typed:g}"
        writer.writerow((_as_cell(student), name, f"{mark.max_score:g}", _state(mark), score, _as_cell(mark.comment)))
    write_file(path, file.getvalue(), "utf-8-sig")  # Excel takes a file without the mark for another encoding


def _state(mark: Mark) -> str:
    """Return what is to be known of an answer before it is marked."""
    if mark.blank:
        return "blank"
    return "to mark" if mark.score is None else "marked"


def _holds_work(path: Path, marks: Marks) -> bool:
    """Return whether a sheet holds anything that the gradebook doesn't."""
    try:
        return bool(read_sheet(path, marks))
    except ReportError:
        return True


def read_sheet(path: Path, marks: Marks) -> dict[str, tuple[Mark, ...]]:
    """Return the marks of a filled sheet that are others than the gradebook's.

    What is left empty stays as it is: a score, a comment, or both. Rows may be left out, columns may stand in any order.

    Args:
        path: a CSV file with commas, semicolons or tabs.
        marks: the written answers that there are, with the marks that they have.

    Returns:
        By student, the marks to write; their `score` is None and their `comment` "" where the sheet says nothing.

    Raises:
        ReportError: the file can't be read as such a table, or rows have mistakes; every one of them is told.
    """
    answers: dict[tuple[str, str], list[tuple[str, Mark]]] = defaultdict(list)
    for student, own in marks.items():
        for mark in own:
            answers[_as_cell(student), mark.name].append((student, mark))
    seen: dict[tuple[str, str], int] = {}
    changed: dict[str, list[Mark]] = defaultdict(list)
    problems = []
    for line, row in _rows(path):
        try:
            student, before, after = _read_row(row, answers)
            _note(seen, (student, before.name), line)
            if after.score is not None or after.comment:
                changed[student].append(after)
        except ValueError as problem:
            problems.append(f"line {line}: {problem}")
    if problems:
        lines = "".join(f"\n  {problem}" for problem in problems)
        raise ReportError(f"{path} has mistakes, and none of its marks was taken in:{lines}", "Correct these rows.")
    return {student: tuple(own) for student, own in changed.items()}


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


def _read_row(
    row: Mapping[str, str], answers: Mapping[tuple[str, str], list[tuple[str, Mark]]]
) -> tuple[str, Mark, Mark]:
    """Return the student of a row, the mark as it is, and what the row says anew.

    Raises:
        ValueError: the row has a mistake; the text says which.
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
    student, before = matches[0]
    points, comment = row.get("score", "").strip(), unguard_formula(row.get("comment", "").strip())
    if comment == NO_RESPONSE:  # of a sheet as it was once written, with the gradebook's own 0 and words
        points, comment = "" if points == "0" else points, ""
    score = _score(points, before)
    same_comment = comment == before.comment.strip()
    return student, before, dataclasses.replace(before, score=score, comment="" if same_comment else comment)


def _score(text: str, before: Mark) -> float | None:
    """Return a row's points; None for an empty cell, and for the points that are there already.

    The latter are no mistake even above the maximum: formgrader gives extra credit.
    """
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"the score {text!r} is no number.")
    score = float(text.replace(",", "."))
    if before.typed is not None and score == float(f"{before.typed:g}"):
        return None
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
