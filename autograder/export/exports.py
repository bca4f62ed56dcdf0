"""From a class's results to the file that its LMS takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.export.changes import plan_changes
from autograder.export.csv_file import csv_bytes
from autograder.export.files import write_file
from autograder.export.lms.blackboard import read_blackboard
from autograder.export.lms.canvas import read_canvas
from autograder.export.lms.d2l import read_d2l
from autograder.export.lms.gradescope import only, write_gradescope
from autograder.export.lms.moodle import read_moodle
from autograder.export.match_students import match_students
from autograder.export.notes import sheet_notes
from autograder.export.records import ExportError, ExportOutcome, ExportRequest, Kept, Score, Worksheet
from autograder.export.scores import count_scores
from autograder.export.table import Table, parse_table

__all__ = ["export", "read_class_list"]

_MAX_BYTES = 64 * 2**20
"""Larger than any class list; what is larger is another file, given by mistake."""


def export(request: ExportRequest) -> ExportOutcome:
    """Fill the class list that the LMS gave, or write the files of an LMS that gives none.

    Args:
        request: what to export, from where, in which form.

    Raises:
        ExportError: it was called wrongly, or a file is not what it has to be; nothing was written then.
    """
    _check(request)
    scores, notes = count_scores(request.results, request.marks, request.overrides, request.scores)
    if request.lms == "gradescope":
        path = write_gradescope(scores, request)
        return _told(request, scores if request.student is None else (only(scores, request.student),), path, notes)
    if request.lms == "csv":
        path = request.output or request.out / "scores.csv"
        if not request.dry_run:
            write_file(path, csv_bytes(scores, comma=request.decimal == "comma"))
        return _told(request, scores, path, notes)
    return _fill(request, scores, notes)


def _check(request: ExportRequest) -> None:
    """Refuse what can't be meant."""
    if not request.results:
        raise ExportError(
            f"{request.out} holds no results.", "Give the folder that `autograder grade` wrote with --out."
        )
    names = sorted({result.assignment for result in request.results})
    if len(names) > 1:
        raise ExportError(f"There are results of several assignments: {', '.join(names)}.", "Choose with --assignment.")
    listed = request.lms not in ("gradescope", "csv")
    if listed and request.class_list is None:
        raise ExportError(
            f"The {request.lms} file is made from the one that the LMS gives: nothing in it is made up.",
            "Download it there, and give it with --class-list.",
        )
    for name, given, fits in _conditions(request, listed=listed):
        if given and not fits:
            raise ExportError(f"{name} says nothing for --lms {request.lms}.", f"Leave out {name}.")
    if request.scale and request.cap:
        raise ExportError("--scale and --cap are two answers to one question.", "Give one of them.")


def _conditions(request: ExportRequest, *, listed: bool) -> tuple[tuple[str, bool, bool], ...]:
    """Return options that only some LMS have: the name, whether it was given, whether it fits."""
    return (
        ("--class-list", request.class_list is not None, listed),
        ("--column", request.column is not None, listed),
        ("--match", request.match is not None, listed),
        ("--replace", request.replace, listed),
        ("--overwrite", request.overwrite, listed),
        ("--scale", request.scale, listed),
        ("--cap", request.cap, listed),
        ("--decimal", request.decimal is not None, request.lms != "gradescope"),
        ("--new-column", request.new_column, request.lms == "canvas"),
        ("--feedback", request.feedback, request.lms == "moodle"),
        ("--student", request.student is not None, request.lms == "gradescope"),
    )


def _fill(request: ExportRequest, scores: Sequence[Score], notes: Sequence[str]) -> ExportOutcome:
    """Fill the class list."""
    given = request.class_list
    assert given is not None  # noqa: S101 - _check has seen to it
    sheet = _sheet(parse_table(read_class_list(given)), request, max(score.maximum for score in scores))
    matches, unmatched = match_students([score.student for score in scores], sheet.people, request.match)
    changes, same, kept = plan_changes(sheet, matches, scores, request)
    path = _place(request, given)
    filled = sheet.table.filled({(change.row, change.column): change.new for change in changes})
    if not request.dry_run:
        write_file(path, filled.render())
    matched = {match.person.row for match in matches}
    matched |= {row for one in unmatched for row in one.rows}
    outcome = _told(
        request,
        scores,
        path,
        (*notes, *sheet_notes(sheet, scores, unmatched, request)),
    )
    return replace(
        outcome,
        changes=changes,
        same=same,
        unmatched=unmatched,
        kept=kept,
        without_result=tuple(person.label for person in sheet.people if person.row not in matched),
    )


def _sheet(table: Table, request: ExportRequest, maximum: float) -> Worksheet:
    """Read a class list as the LMS in question writes it."""
    if request.lms == "canvas":
        return read_canvas(table, request, maximum)
    readers: dict[str, Callable[[Table, ExportRequest], Worksheet]] = {
        "moodle": read_moodle,
        "blackboard": read_blackboard,
        "d2l": read_d2l,
    }
    return readers[request.lms](table, request)


def read_class_list(path: Path) -> bytes:
    """Return the class list's bytes."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ExportError(f"{path} is larger than a class list can be.", "Give the file that the LMS gave.")
        data = path.read_bytes()
    except OSError as error:
        raise ExportError(f"{path} can't be read: {error.strerror}.", "Give the file that the LMS gave.") from error
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise ExportError(
            f"{path} is a workbook of Excel's.", "Give the file as the LMS gave it: Excel's forms lose what it needs."
        )
    return data


def _place(request: ExportRequest, given: Path) -> Path:
    """Return where the filled list goes; by itself never over the one that was given."""
    suffix = given.suffix if given.suffix.lower() in (".csv", ".xls", ".txt", ".tsv") else ".csv"
    path = request.output or (given if request.overwrite else request.out / f"{request.lms}{suffix}")
    if path.exists() and path.samefile(given) and not request.overwrite and not request.dry_run:
        raise ExportError(
            f"{path} is the class list itself.", "Give another file with --output, or say --overwrite to change it."
        )
    return path


def _told(request: ExportRequest, scores: Sequence[Score], path: Path, notes: Sequence[str]) -> ExportOutcome:
    """Return an outcome without changes of a class list."""
    stopped = [f"{score.student} ({score.result.status.replace('_', ' ')})" for score in scores if _stopped(score)]
    told = (
        [f"Not graded to the end, so that what was answered by then counts: {', '.join(stopped)}."] if stopped else []
    )
    kept = tuple(Kept(score.student, score.why) for score in scores if score.why)
    return ExportOutcome(None if request.dry_run else path, len(scores), kept=kept, notes=(*notes, *told))


def _stopped(score: Score) -> bool:
    """Tell whether a person may want to look before the score goes out."""
    return score.result.status != "graded"
