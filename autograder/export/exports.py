"""Write a class's results into the file that its LMS takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from autograder.export.changes import plan_changes, plan_zeros
from autograder.export.files import write_export
from autograder.export.lms import find_systems
from autograder.export.match_students import match_students
from autograder.export.notes import sheet_notes
from autograder.export.records import ExportError, ExportOutcome, ExportRequest, Omission, Score
from autograder.export.scores import count_scores
from autograder.export.systems import ClassListSystem, NewFilesSystem, System
from autograder.export.table import parse_table

__all__ = ["export", "read_class_list"]

_MAX_BYTES = 64 * 2**20
"""Larger than any class list; what is larger is another file, given by mistake."""


def export(request: ExportRequest) -> ExportOutcome:
    """Fill the class list that the LMS gave, or write the files of an LMS that gives none.

    Args:
        request: what to export, from where, in which form.

    Raises:
        ExportError: it was called wrongly, or a file is not what it has to be. Nothing was written then.
    """
    systems = find_systems()
    system = systems[request.lms]
    _check(request, system, systems.values())
    scores, notes = count_scores(
        request.results,
        request.marks,
        request.overrides,
        request.scores,
        request.late,
        missing=request.missing is not None,
    )
    notes = (*notes, *request.notes)
    if isinstance(system, ClassListSystem):
        return _fill(request, system, scores, notes)
    assert isinstance(system, NewFilesSystem)  # noqa: S101 - there is no third kind
    if request.student is not None:
        scores = (_score_of(request.student, scores),)
    return _outcome(request, scores, system.write(scores, request), notes)


def _check(request: ExportRequest, system: System, systems: Iterable[System]) -> None:
    """Refuse what can't be meant."""
    if not request.results:
        raise ExportError(
            f"{request.out} holds no results.", "Give the folder that `autograder grade` wrote with --out."
        )
    names = sorted({result.assignment for result in request.results})
    if len(names) > 1:
        raise ExportError(f"There are results of several assignments: {', '.join(names)}.", "Choose with --assignment.")
    if isinstance(system, ClassListSystem) and request.class_list is None:
        raise ExportError(
            f"The {request.lms} file is made from the one that the LMS gives: nothing in it is made up.",
            "Download it there, and give it with --class-list.",
        )
    for option in sorted({option for other in systems for option in other.options} - {*system.options}):
        if getattr(request, option) not in (None, False):
            flag = f"--{option.replace('_', '-')}"
            raise ExportError(f"{flag} says nothing for --lms {request.lms}.", f"Leave out {flag}.")
    if request.scale and request.cap:
        raise ExportError("--scale and --cap are two answers to one question.", "Give one of them.")


def _score_of(student: str, scores: Sequence[Score]) -> Score:
    """Return one student's score."""
    for score in scores:
        if score.student == student:
            return score
    raise ExportError(
        f"There is no result of a student {student!r}.",
        f"There are {len(scores)}: {', '.join(repr(score.student) for score in scores[:8])}"
        f"{', …' if len(scores) > 8 else ''}.",
    )


def _fill(
    request: ExportRequest, system: ClassListSystem, scores: Sequence[Score], notes: Sequence[str]
) -> ExportOutcome:
    """Fill the class list."""
    original = request.class_list
    assert original is not None  # noqa: S101 - _check has seen to it
    sheet = system.read(parse_table(read_class_list(original)), request, max(score.total.maximum for score in scores))
    matches, unmatched = match_students([score.student for score in scores], sheet.people, request.match)
    changes, same, kept = plan_changes(sheet, matches, scores, request)
    rows = {match.person.row for match in matches} | {row for one in unmatched for row in one.rows}
    without = [person for person in sheet.people if person.row not in rows]
    zeros = plan_zeros(sheet, without, unmatched) if request.missing else ()
    changes = (*changes, *zeros)
    path = _place(request, original)
    filled = sheet.table.filled({(change.row, change.column): change.new for change in changes})
    if not request.dry_run:
        write_export(path, filled.render())
    given = {change.row for change in zeros}
    return replace(
        _outcome(request, scores, path, (*notes, *sheet_notes(sheet, scores, unmatched, request))),
        changes=changes,
        same=same,
        unmatched=unmatched,
        kept=kept,
        without_result=tuple(person.label for person in without if person.row not in given),
        given_zero=tuple(change.label for change in zeros),
    )


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


def _place(request: ExportRequest, original: Path) -> Path:
    """Return where the filled list goes; by itself never over the original."""
    suffix = original.suffix if original.suffix.lower() in (".csv", ".xls", ".txt", ".tsv") else ".csv"
    path = request.output or (original if request.overwrite else request.out / f"{request.lms}{request.suffix}{suffix}")
    if path.exists() and path.samefile(original) and not request.overwrite and not request.dry_run:
        raise ExportError(
            f"{path} is the class list itself.", "Give another file with --output, or say --overwrite to change it."
        )
    return path


def _outcome(request: ExportRequest, scores: Sequence[Score], path: Path, notes: Sequence[str]) -> ExportOutcome:
    """Return an outcome without changes; it names the notebooks that were not graded to the end."""
    results = [score.result for score in scores if score.result.status != "graded" and score.points is not None]
    stopped = ", ".join(f"{result.student} ({result.status.replace('_', ' ')})" for result in results)
    if stopped:
        notes = (*notes, f"Not graded to the end, so that what was answered by then counts: {stopped}.")
    kept = tuple(Omission(score.student, score.why) for score in scores if score.why)
    return ExportOutcome(None if request.dry_run else path, len(scores), kept=kept, notes=tuple(notes))
