"""Read a folder that `grade` wrote, for `report`.

Results, maps, marks and answers come together; feedback is written again.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from urllib.parse import quote

from autograder.collect.record_files import read_unclear
from autograder.grade.about import read_about
from autograder.grade.folders import folder_name
from autograder.grade.gradebook.read import read_marks
from autograder.grade.map_files import read_images, read_maps
from autograder.grade.page_desk import PageDesk, page_processes
from autograder.grade.results import read_results
from autograder.model import StudentMap, SubmissionResult
from autograder.report import write_page
from autograder.report.class_records import ClassRecords, Entry, ReportError, of_assignment
from autograder.report.marking.answers import read_answers
from autograder.report.marking.similar import read_alike
from autograder.report.written_text import WrittenText

__all__ = [
    "alike_path",
    "assignments_of",
    "name_of",
    "read_class",
    "read_class_answers",
    "results_of",
    "suffix_of",
    "write_feedback_again",
]


def read_class(out: Path, assignment: str | None) -> ClassRecords:
    """Return what the class page is made from.

    Args:
        out: the folder that `grade` wrote.
        assignment: whose results; None for the only one that there is.

    Raises:
        AutograderError: there are no results of it, or a file is damaged.
    """
    results, previous = results_of(out, assignment), out / "results.previous.jsonl"
    name, marks = results[0].assignment, read_marks(out / "gradebook.db", results[0].assignment)
    about = read_about(out, name, Path.cwd())
    entries = (
        Entry(one, _feedback_address(out, one), _own(read_maps(out, one.student, name)), marks.get(one.student, ()))
        for one in results
    )
    return ClassRecords(
        assignment=name,
        title=about.title,
        entries=tuple(entries),
        previous=read_results(previous),
        images=read_images(out, name),
        folder=str(out),
        rubric=about.rubric,
        unclear=read_unclear(out, name),
        deadline=about.deadline,
        accuracy=about.accuracy,
        alike=read_alike(alike_path(out, name)),
        suffix=suffix_of(out, name),
    )


def alike_path(out: Path, assignment: str) -> Path:
    """Return where it stands whose written answers are alike."""
    return out / "assignments" / assignment / "alike.json"


def assignments_of(out: Path) -> tuple[str, ...]:
    """Return the names of the assignments that a folder holds results of."""
    return tuple(sorted({one.assignment for one in read_results(out / "results.jsonl")}))


def suffix_of(out: Path, assignment: str) -> str:
    """Return what the names of an assignment's pages end with: "" where the folder holds no other."""
    return f"-{assignment}" if set(assignments_of(out)) - {assignment} else ""


def name_of(out: Path, assignment: str | None) -> str:
    """Return the name of the assignment whose results are to be read, as `read_class` does."""
    return results_of(out, assignment)[0].assignment


def results_of(out: Path, assignment: str | None) -> tuple[SubmissionResult, ...]:
    """Return the results of one assignment, sorted by student.

    Raises:
        ReportError: there are none of it, or there are several assignments and none was named.
    """
    graded = read_results(out / "results.jsonl")
    if not graded:
        raise ReportError(f"{out} holds no results.", "Grade a class first: `autograder grade PATH --out OUT`.")
    return of_assignment(graded, assignment)


def _own(maps: tuple[StudentMap, ...]) -> tuple[StudentMap, ...]:
    """Return maps without the grader's beside them.

    Of a thousand students these fill a quarter of a gigabyte.
    """
    return tuple(dataclasses.replace(one, reference=()) for one in maps)


def _feedback_address(out: Path, result: SubmissionResult) -> str:
    """Return the address of a student's feedback as seen from `out`; "" where there is none."""
    parts = ("feedback", folder_name(result.student), f"{result.assignment}.html")
    return "/".join(quote(part, safe="") for part in parts) if out.joinpath(*parts).is_file() else ""


def write_feedback_again(out: Path, records: ClassRecords, students: set[str]) -> None:
    """Write students' feedback again, with the gradebook's marks and comments of today.

    Nothing is run.
    """
    name, page = records.assignment, write_page(records.title)
    with page_processes(page) as processes, PageDesk(page, processes) as desk:
        desk.images = records.images
        for entry in (one for one in records.entries if one.student in students):
            folder = folder_name(entry.student)
            notebook = out / "autograded" / folder / name / f"{name}.ipynb"
            maps = read_maps(out, entry.student, name)
            executed = notebook if notebook.is_file() else None
            target = out / "feedback" / folder / f"{name}.html"
            desk.write_page(entry.result, executed, target, maps=maps, marks=entry.marks)


def read_class_answers(out: Path, records: ClassRecords) -> dict[str, dict[str, tuple[WrittenText, ...]]]:
    """Return what each student wrote, by student and cell."""
    path = Path(records.assignment, f"{records.assignment}.ipynb")
    students = (entry.student for entry in records.entries)
    return {student: read_answers(out / "autograded" / folder_name(student) / path) for student in students}
