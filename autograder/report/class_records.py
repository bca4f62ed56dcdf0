"""Records of a class, from which the class page and the marking sheet are made."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from autograder.accuracy import Accuracy
from autograder.errors import AutograderError
from autograder.model import MapImages, Mark, StudentMap, SubmissionResult, exercise_title, has_written

__all__ = ["AlikeStudents", "ClassRecords", "Entry", "ReportError", "of_assignment", "task_of"]


class ReportError(AutograderError):
    """`report` was called wrongly, or a file of marks has mistakes; the message lists every one."""


@dataclass(frozen=True)
class Entry:
    """One student on the pages.

    Attributes:
        result: what the machine says.
        page: the address of the feedback page, relative to the class page, percent-encoded; "" where there is none.
        maps: the maps that were handed in.
        marks: the written answers, marked or not.
    """

    result: SubmissionResult
    page: str = ""
    maps: tuple[StudentMap, ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def student(self) -> str:
        """The student's id."""
        return self.result.student

    @property
    def not_answered(self) -> str:
        """Which exercises were never begun, in words; "" where each one was."""
        return self.result.not_answered(wrote=has_written(self.marks))


@dataclass(frozen=True)
class AlikeStudents:
    """Students whose written answers are equal or nearly so.

    Attributes:
        cell: the answers' `grade_id`.
        students: their ids.
        equal: whether the answers are equal but for capitals and white space.
    """

    cell: str
    students: tuple[str, ...]
    equal: bool


@dataclass(frozen=True)
class ClassRecords:
    """A class on one assignment.

    Attributes:
        assignment: the assignment's name.
        title: the name that people read.
        entries: the students.
        previous: the results before the last grading, of any assignment; none where the class was graded once.
        images: what the maps are of; None where nobody knows.
        folder: the folder of the results, as the person who asked for the page named it.
        rubric: the mark scheme of each written answer, in Markdown, by `grade_id`.
        unclear: sentences about what was handed in and not understood.
        deadline: the class's, in words, and what it costs to be late; "" where it isn't known.
        late_notes: sentences about hand-ins without a time, and extensions that are nobody's.
        accuracy: how right the grader is about the assignment; None where nobody has measured it.
        alike: whose written answers were alike when the marking page was last made.
        suffix: what the names of its pages end with: "" where the folder holds no other assignment.
    """

    assignment: str
    title: str
    entries: tuple[Entry, ...]
    previous: tuple[SubmissionResult, ...] = ()
    images: MapImages | None = None
    folder: str = "."
    rubric: Mapping[str, str] = field(default_factory=dict)
    unclear: tuple[str, ...] = ()
    deadline: str = ""
    late_notes: tuple[str, ...] = ()
    accuracy: Accuracy | None = None
    alike: tuple[AlikeStudents, ...] = ()
    suffix: str = ""

    @property
    def page(self) -> str:
        """The class page's file."""
        return f"report{self.suffix}.html"

    @property
    def marking_page(self) -> str:
        """The marking page's file."""
        return f"marking{self.suffix}.html"

    @property
    def sheet(self) -> str:
        """The file that takes marks."""
        return f"marking{self.suffix}.csv"

    @property
    def choice(self) -> str:
        """What `report` has to be told besides the folder, such as " --assignment hw2"; "" for nothing."""
        return f" --assignment {shlex.quote(self.assignment)}" if self.suffix else ""

    @property
    def results(self) -> tuple[SubmissionResult, ...]:
        """The results, in the entries' order."""
        return tuple(entry.result for entry in self.entries)

    @property
    def bonus(self) -> frozenset[str]:
        """The cells whose points are bonus."""
        return frozenset(name for result in self.results for name in result.bonus)


def of_assignment(results: Iterable[SubmissionResult], name: str | None = None) -> tuple[SubmissionResult, ...]:
    """Return the results of one assignment, sorted by student; of two results of a student the later one.

    Args:
        results: of any assignments.
        name: which one; None for the only one that there is.

    Raises:
        ReportError: there is no result of it, or several assignments and none was named.
    """
    by_assignment: dict[str, dict[str, SubmissionResult]] = {}
    for result in results:
        by_assignment.setdefault(result.assignment, {})[result.student] = result
    if not by_assignment:
        raise ReportError("There are no results here.", "Grade a class first: `autograder grade PATH --out OUT`.")
    if name is None and len(by_assignment) > 1:
        raise ReportError(f"There are results of {_names(by_assignment)}.", "Choose one with --assignment.")
    name = next(iter(by_assignment)) if name is None else name
    if name not in by_assignment:
        raise ReportError(
            f"There are no results of {name!r}, but of {_names(by_assignment)}.",
            "Choose one of these with --assignment.",
        )
    return tuple(sorted(by_assignment[name].values(), key=lambda result: (result.student.casefold(), result.student)))


def task_of(cell: str) -> str:
    """Return what a cell is called on a page: `ex2_map` is "Exercise 2, map"."""
    exercise, _, rest = cell.partition("_")
    head = exercise_title(exercise)
    return f"{head}, {rest.replace('_', ' ')}" if rest else head


def _names(assignments: Iterable[str]) -> str:
    """Return assignments for a sentence."""
    names: Sequence[str] = sorted(assignments)
    return ", ".join(repr(name) for name in names)
