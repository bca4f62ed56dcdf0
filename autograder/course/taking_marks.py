"""Take sheets of marks into the gradebook, or take the latest one back; nothing is lost in silence."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.errors import AutograderError, GradeError
from autograder.files import write_file
from autograder.grade.gradebook.read import read_marks
from autograder.grade.gradebook.write_marks import apply_marks
from autograder.grade.mark_history import changes_to_undo, forget_latest, note_changes
from autograder.grade.results import read_results
from autograder.log import logged_suppress
from autograder.model import Mark, MarkChange, MarkConflict
from autograder.report.class_records import of_assignment
from autograder.report.marking.agreement import agreement_lines, summary
from autograder.report.marking.ratings import add_ratings, read_ratings, write_ratings
from autograder.report.marking.sheets import Sheet, read_sheet
from autograder.texts import printable

__all__ = ["MarksRequest", "agreement_summary", "pages_are_written", "take_marks"]

_MOST_NAMED = 20


@dataclass(frozen=True)
class MarksRequest:
    """What is to be taken in, or back.

    Attributes:
        out: the folder that `grade` wrote.
        assignment: whose marks.
        sheets: filled ones, of one person each.
        marker: who marked what doesn't say so itself; "" for whom the system knows.
        conflicts: what counts where somebody else changed a mark since: "ask", "sheet" or "gradebook".
        undo: whether the latest sheet is taken back.
    """

    out: Path
    assignment: str
    sheets: tuple[Path, ...] = ()
    marker: str = ""
    conflicts: str = "ask"
    undo: bool = False


def take_marks(request: MarksRequest, tell: Callable[[str], None]) -> set[str]:
    """Take in sheets, or take the latest one back; return whose pages have to say another thing.

    Where an earlier call ended between the gradebook and the pages, those students are among them. What several people gave
    for the same answers is compared, and that is told.

    Raises:
        AutograderError: a file has mistakes, or marks contradict each other; nothing was written then but who gave what.
    """
    waiting = _waiting(request.out, request.assignment)
    if request.sheets:
        return waiting | _take_in(request, tell)
    if request.undo:
        undo = changes_to_undo(request.out, request.assignment, _marks(request))
        changes = _decided(Sheet(undo.changes, undo.conflicts), request)
        _write(request, changes, undo.sheet, request.marker or _who(), undo.number)
        back = {(student, change.before.name) for student, own in undo.changes.items() for change in own}
        ratings = read_ratings(_ratings(request.out, request.assignment))
        left = [one for one in ratings if one.marker != undo.marker or (one.student, one.cell) not in back]
        write_ratings(_ratings(request.out, request.assignment), left)
        count = sum(map(len, changes.values()))
        tell(f"{undo.sheet} of {undo.marker} was taken back: {count} written answers are as they were before.")
        return waiting | changes.keys()
    return waiting


def _take_in(request: MarksRequest, tell: Callable[[str], None]) -> set[str]:
    """Take in sheets, all of them or none; return whose marks changed.

    Each is read with the marks that the ones before it give, so that two of them can contradict each other.
    """
    marks = _marks(request)
    maxima = {mark.name: mark.max_score for own in marks.values() for mark in own}
    ratings = read_ratings(_ratings(request.out, request.assignment))
    taken, conflicts = list[tuple[Mapping[str, tuple[MarkChange, ...]], Path, str]](), list[MarkConflict]()
    for path in request.sheets:
        sheet = read_sheet(path, marks)
        marker = sheet.marker or request.marker or _who()
        ratings = add_ratings(ratings, (replace(one, marker=marker) for one in sheet.ratings))
        named = f"{path.name}: " if len(request.sheets) > 1 else ""
        conflicts += [replace(one, why=named + one.why) for one in sheet.conflicts]
        changes = _decided(sheet, replace(request, conflicts="gradebook") if request.conflicts == "ask" else request)
        taken.append((changes, path, marker))
        marks = _with(marks, changes)
    write_ratings(_ratings(request.out, request.assignment), ratings)
    for line in agreement_lines(ratings, maxima):
        tell(printable(line))
    _decided(Sheet({}, tuple(conflicts)), request)
    for changes, path, marker in taken:
        if changes:
            _write(request, changes, path.name, marker)
    count = len(
        {(student, one.before.name) for changes, _, _ in taken for student, own in changes.items() for one in own}
    )
    students = {student for changes, _, _ in taken for student in changes}
    tell(f"{count} written answers of {len(students)} students have new marks or comments.")
    return students


def _with(
    marks: Mapping[str, tuple[Mark, ...]], changes: Mapping[str, tuple[MarkChange, ...]]
) -> dict[str, tuple[Mark, ...]]:
    """Return marks as they are after these changes."""
    new = {(student, change.before.name): change for student, own in changes.items() for change in own}

    def changed(student: str, mark: Mark) -> Mark:
        change = new.get((student, mark.name))
        if change is None:
            return mark
        blank = mark.blank and change.score is None
        return replace(mark, score=mark.score if blank else change.score, comment=change.comment, blank=blank)

    return {student: tuple(changed(student, mark) for mark in own) for student, own in marks.items()}


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
    request: MarksRequest,
    changes: Mapping[str, tuple[MarkChange, ...]],
    sheet: str,
    marker: str,
    undoes: int | None = None,
) -> None:
    """Write down whose pages wait, what changes, and then the marks."""
    waiting = sorted(_waiting(request.out, request.assignment) | changes.keys())
    write_file(_path(request.out, request.assignment), json.dumps(waiting, ensure_ascii=False) + "\n")
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


def _ratings(out: Path, assignment: str) -> Path:
    """Return where it stands who gave what."""
    return out / "assignments" / assignment / "ratings.json"


def agreement_summary(out: Path, assignment: str) -> str:
    """Return how alike several people marked, in a sentence; "" where nothing was marked by two."""
    return summary(read_ratings(_ratings(out, assignment)))


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
