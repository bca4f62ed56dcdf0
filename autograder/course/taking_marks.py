"""Take a sheet of marks into the gradebook, or take the latest one back; nothing is lost in silence."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import AutograderError, GradeError
from autograder.files import write_file
from autograder.grade.gradebook.read import read_marks
from autograder.grade.gradebook.write_marks import apply_marks
from autograder.grade.mark_history import changes_to_undo, forget_latest, note_changes
from autograder.grade.results import read_results
from autograder.log import logged_suppress
from autograder.model import Mark, MarkChange
from autograder.report.class_records import of_assignment
from autograder.report.marking.sheets import Sheet, read_sheet
from autograder.texts import printable

__all__ = ["MarksRequest", "pages_are_written", "take_marks"]

_MOST_NAMED = 20


@dataclass(frozen=True)
class MarksRequest:
    """What is to be taken in, or back.

    Attributes:
        out: the folder that `grade` wrote.
        assignment: whose marks.
        sheet: a filled sheet; None for none.
        marker: who marked; "" for whom the system knows.
        conflicts: what counts where somebody else changed a mark since: "ask", "sheet" or "gradebook".
        undo: whether the latest sheet is taken back.
    """

    out: Path
    assignment: str
    sheet: Path | None = None
    marker: str = ""
    conflicts: str = "ask"
    undo: bool = False


def take_marks(request: MarksRequest, tell: Callable[[str], None]) -> set[str]:
    """Take in a sheet, or take the latest one back; return whose pages have to say another thing.

    Where an earlier call ended between the gradebook and the pages, those students are among them.

    Raises:
        AutograderError: a file has mistakes, or marks contradict each other; nothing was written then.
    """
    waiting = _waiting(request.out, request.assignment)
    if request.sheet is not None:
        sheet = read_sheet(request.sheet, _marks(request))
        changes = _decided(sheet, request)
        if changes:
            _write(request, changes, request.sheet.name)
        count = sum(map(len, changes.values()))
        tell(f"{count} written answers of {len(changes)} students have new marks or comments.")
        return waiting | changes.keys()
    if request.undo:
        undo = changes_to_undo(request.out, request.assignment, _marks(request))
        changes = _decided(Sheet(undo.changes, undo.conflicts), request)
        _write(request, changes, undo.sheet, undo.number)
        count = sum(map(len, changes.values()))
        tell(f"{undo.sheet} of {undo.marker} was taken back: {count} written answers are as they were before.")
        return waiting | changes.keys()
    return waiting


def _decided(sheet: Sheet, request: MarksRequest) -> Mapping[str, tuple[MarkChange, ...]]:
    """Return the changes that count.

    Raises:
        GradeError: marks contradict each other, and nobody has said which count.
    """
    if not sheet.conflicts or request.conflicts == "sheet":
        return sheet.changes
    against = {(one.student, one.cell) for one in sheet.conflicts}
    if request.conflicts == "gradebook":
        kept = {
            student: tuple(change for change in own if (student, change.before.name) not in against)
            for student, own in sheet.changes.items()
        }
        return {student: own for student, own in kept.items() if own}
    lines = "".join(f"\n  {printable(one.student)}, {one.cell}: {one.why}" for one in sheet.conflicts[:_MOST_NAMED])
    more = len(sheet.conflicts) - _MOST_NAMED
    lines += f"\n  and {more} more" if more > 0 else ""
    raise GradeError(
        f"Nothing was taken in: these marks were changed by somebody else since.{lines}",
        "Say what counts there: --conflicts sheet, or --conflicts gradebook. Everything else is taken in then.",
    )


def _write(
    request: MarksRequest, changes: Mapping[str, tuple[MarkChange, ...]], sheet: str, undoes: int | None = None
) -> None:
    """Write down whose pages wait, what changes, and then the marks."""
    waiting = sorted(_waiting(request.out, request.assignment) | changes.keys())
    write_file(_path(request.out, request.assignment), json.dumps(waiting, ensure_ascii=False) + "\n")
    marker = request.marker or _who()
    note_changes(request.out, request.assignment, changes, sheet=sheet, marker=marker, undoes=undoes)
    try:
        apply_marks(request.out / "gradebook.db", request.assignment, changes)
    except AutograderError:
        forget_latest(request.out)
        raise


def _marks(request: MarksRequest) -> dict[str, tuple[Mark, ...]]:
    """Return the written answers of everybody who has a result."""
    known = read_marks(request.out / "gradebook.db", request.assignment)
    results = of_assignment(read_results(request.out / "results.jsonl"), request.assignment)
    return {result.student: known.get(result.student, ()) for result in results}


def _who() -> str:
    """Return whom the system knows; "" for nobody."""
    with logged_suppress(Exception):  # a container may know no name for its user
        return getpass.getuser()
    return ""


def _path(out: Path, assignment: str) -> Path:
    """Return where it stands whose pages wait for the marks that they have."""
    return out / "assignments" / assignment / "pages-to-write.json"


def _waiting(out: Path, assignment: str) -> set[str]:
    """Return whose pages an earlier call didn't come to."""
    with logged_suppress(OSError, ValueError, TypeError):
        path = _path(out, assignment)
        return set(map(str, json.loads(path.read_text("utf-8")))) if path.exists() else set()
    return set()


def pages_are_written(out: Path, assignment: str) -> None:
    """Note that every page says what the gradebook does."""
    _path(out, assignment).unlink(missing_ok=True)
