"""Make the pages of one assignment, and the one in front of them where a folder holds several."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.course.taking_marks import MarksRequest, pages_are_written, take_marks
from autograder.files import held
from autograder.grade.about import read_about, renew_about
from autograder.grade.folders import folder_name
from autograder.grade.gradebook.read import read_marks
from autograder.grade.results import read_results
from autograder.graded_folder import (
    alike_path,
    assignments_of,
    name_of,
    read_class,
    read_class_answers,
    write_feedback_again,
)
from autograder.late_work import follow_deadline, take_extensions
from autograder.report.class_page.page import write_class_page
from autograder.report.class_records import ClassRecords, Entry, of_assignment
from autograder.report.front_page import FRONT_PAGE, AssignmentLine, line_of, write_front_page
from autograder.report.marking.dealing import deal
from autograder.report.marking.page import Answers, write_marking
from autograder.report.marking.similar import alike_students, write_alike
from autograder.report.viva import write_viva

__all__ = ["ReportRequest", "report", "write_pages"]


@dataclass(frozen=True)
class ReportRequest:
    """What is to be made, and what is to be taken in first.

    Attributes:
        out: the folder that `grade` wrote.
        root: the folder that holds `source/`, where it is at hand.
        assignment: whose pages; None for the only one that there is.
        marks: filled sheets.
        marker: who marks; "" for whom the system knows.
        conflicts: what counts where somebody else changed a mark since the sheet was made: "ask", "sheet" or "gradebook".
        undo: whether the latest sheet is taken back.
        extensions: who has longer than the class; None for the list that is there.
        feedback: whether every feedback page is written again.
        marking: whether the marking page and its sheet are made.
        markers: the people whose pages and sheets are made, with the answers dealt out; none, or two and more.
        overlap: the share of answers that two of them mark.
        viva: the student about whose maps somebody will talk with them; None for nobody.
    """

    out: Path
    root: Path
    assignment: str | None = None
    marks: tuple[Path, ...] = ()
    marker: str = ""
    conflicts: str = "ask"
    undo: bool = False
    extensions: Path | None = None
    feedback: bool = False
    marking: bool = False
    markers: tuple[str, ...] = ()
    overlap: float = 0.1
    viva: str | None = None


def report(request: ReportRequest, tell: Callable[[str], None]) -> tuple[str, ...]:
    """Take in what was given, and make the pages; two at once take their sheets in one after the other.

    Args:
        request: what is to be made.
        tell: is told what a person should know, a line at a time.

    Returns:
        The names of the files.

    Raises:
        AutograderError: there are no such results, or a file has mistakes or can't be written.
    """
    with held(request.out / "gradebook.db", wait=True):
        return _report(request, tell)


def _report(request: ReportRequest, tell: Callable[[str], None]) -> tuple[str, ...]:
    """Do it, while nobody else does."""
    out, name = request.out, name_of(request.out, request.assignment)
    if request.extensions:
        take_extensions(out, name, request.root, request.extensions)
    renew_about(out, name, request.root)
    changed, work = follow_deadline(out, name, request.root)
    asked = MarksRequest(out, name, request.marks, request.marker, request.conflicts, undo=request.undo)
    marked = take_marks(asked, tell)
    records = replace(read_class(out, name), late_notes=work.notes)
    for note in work.notes:
        tell(note)
    words = read_class_answers(out, records) if request.marking or request.markers else {}
    if words:
        records = replace(records, alike=alike_students(records, words))
        write_alike(alike_path(out, name), records.alike)
    pages = write_pages(out, request.root, records)
    again = {entry.student for entry in records.entries} if request.feedback else changed | marked
    if again:
        write_feedback_again(out, records, again)
        tell(f"{len(again)} feedback pages were written again.")
    pages_are_written(out, name)
    marking = _write_marking(request, records, words, tell) if words else ()
    return (*pages[:1], *marking, *_write_viva(request, records), *pages[1:])


def _write_viva(request: ReportRequest, records: ClassRecords) -> tuple[str, ...]:
    """Write the sheet for a conversation that was asked for; return its name."""
    if request.viva is None:
        return ()
    name = f"viva/{folder_name(request.viva)}{records.suffix}.html"
    write_viva(records, request.viva, request.out / name)
    return (name,)


def _write_marking(
    request: ReportRequest, records: ClassRecords, words: Answers, tell: Callable[[str], None]
) -> tuple[str, ...]:
    """Write the marking pages and sheets that were asked for; return their names."""
    names = write_marking(records, words, request.out, request.marker) if request.marking else ()
    written: dict[str, list[str]] = {}
    for entry in records.entries:
        for mark in entry.marks:
            if not mark.blank:
                written.setdefault(mark.name, []).append(entry.student)
    for dealt in deal(records.assignment, written, request.markers, request.overlap) if request.markers else ():
        if written and not dealt.answers:
            tell(f"There are too few answers for {dealt.marker}, who has no page.")
            continue
        names = (*names, *write_marking(records, words, request.out, dealt=dealt))
    return names


def write_pages(out: Path, root: Path, records: ClassRecords) -> tuple[str, ...]:
    """Write an assignment's class page, and the one in front where there are several; return their names.

    Args:
        out: the folder that `grade` wrote.
        root: the folder that holds `source/`, where it is at hand.
        records: the assignment's.
    """
    write_class_page(records, out / records.page)
    return (records.page, *_write_front_page(out, root, records))


def _write_front_page(out: Path, root: Path, records: ClassRecords) -> tuple[str, ...]:
    """Write the page that lists several assignments, and the class pages that it would miss."""
    if not records.suffix:
        return ()
    for name in assignments_of(out):
        if not (out / f"report-{name}.html").is_file():
            other = read_class(out, name)
            write_class_page(other, out / other.page)
    write_front_page([_line(out, root, name) for name in assignments_of(out)], out)
    return (FRONT_PAGE,)


def _line(out: Path, root: Path, name: str) -> AssignmentLine:
    """Return what the front page says of an assignment; its maps are not read."""
    marks = read_marks(out / "gradebook.db", name)
    results = of_assignment(read_results(out / "results.jsonl"), name)
    entries = tuple(Entry(one, marks=marks.get(one.student, ())) for one in results)
    about = read_about(out, name, root)
    return line_of(ClassRecords(name, about.title, entries, deadline=about.deadline, suffix=f"-{name}"))
