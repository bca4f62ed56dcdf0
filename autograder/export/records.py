"""What passes between the steps of an export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from autograder.errors import AutograderError
from autograder.export.table import Table
from autograder.lateness import cost_in_words
from autograder.model import Mark, SubmissionResult
from autograder.totals import Total, total_of

__all__ = [
    "Decimal",
    "ExportError",
    "ExportOutcome",
    "ExportRequest",
    "FieldChange",
    "Key",
    "Late",
    "Omission",
    "Person",
    "Score",
    "Worksheet",
]

Key = Literal["number", "id", "login", "email", "name"]
Decimal = Literal["point", "comma"]
Late = Literal["apply", "show", "ignore"]
"""What becomes of the points that late work loses: taken off, named beside the score, or neither."""


class ExportError(AutograderError):
    """`export` was called wrongly, or a class list is not what it has to be."""


@dataclass(frozen=True)
class ExportRequest:
    """What to export, from where, in which form.

    Attributes:
        lms: the name of the system whose form it is, as `find_systems` has it.
        out: the folder that `grade` wrote.
        results: the class's results, of one assignment.
        title: what the assignment is called in the LMS, where its column has to be found.
        folder_name: gives a student's id as the name of a folder.
        marks: the written answers of each student, by the id of the results.
        overrides: the tests whose score a person changed, in the same way.
        class_list: the file that the LMS gave.
        column: the title of the column to fill; None to look for the assignment's.
        new_column: add a column where none has the title.
        output: the file to write; None for the usual place in `out`.
        overwrite: `output` may be the class list itself.
        dry_run: say what would change, and write nothing.
        match: what students are recognised by; None for ids first and unique names then.
        scores: the machine's checks, or all with what people gave; None for all once every answer is marked.
        replace: replace scores that are there already.
        scale: convert to the column's maximum.
        cap: write the column's maximum where a score is above it.
        feedback: fill Moodle's feedback column too.
        decimal: how numbers are written; None to see from the file.
        student: for Gradescope, the one student to write.
        late: what becomes of the points that late work loses.
        missing: give 0 to who handed in nothing, or nothing that could be graded; None leaves their rows as they are.
        notes: sentences on the results, told with the outcome.
        suffix: what the names of files in `out` end with: "" where it holds no other assignment.
    """

    lms: str
    out: Path
    results: tuple[SubmissionResult, ...]
    title: str
    folder_name: Callable[[str], str]
    marks: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)
    overrides: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)
    class_list: Path | None = None
    column: str | None = None
    new_column: bool = False
    output: Path | None = None
    overwrite: bool = False
    dry_run: bool = False
    match: Key | None = None
    scores: Literal["machine", "all"] | None = None
    replace: bool = False
    scale: bool = False
    cap: bool = False
    feedback: bool = False
    decimal: Decimal | None = None
    student: str | None = None
    late: Late = "apply"
    missing: Literal["0"] | None = None
    notes: tuple[str, ...] = ()
    suffix: str = ""


@dataclass(frozen=True)
class Score:
    """What one student gets.

    Attributes:
        result: the machine's result, with what a person changed in it.
        written: the student's written answers.
        points: the number to export; None where there is none yet.
        counted: those of `written` that count in it.
        why: why there is no number; "" where there is one.
        penalty: the points that being late costs; 0 where it costs none, or isn't looked at.
        taken_off: whether `points` is what is left without them.
    """

    result: SubmissionResult
    written: tuple[Mark, ...]
    points: float | None
    counted: tuple[Mark, ...] = ()
    why: str = ""
    penalty: float = 0.0
    taken_off: bool = False

    @property
    def total(self) -> Total:
        """The points that count, and how many of them are bonus; an answer without a mark counts as 0."""
        return total_of(self.result, self.counted)

    @property
    def student(self) -> str:
        """The student's id."""
        return self.result.student

    @property
    def late_sentence(self) -> str:
        """What being late costs; "" where it costs nothing."""
        if not self.penalty:
            return ""
        points = f"{self.penalty:g} {'point' if self.penalty == 1 else 'points'}"
        then = f"{points} taken off" if self.taken_off else f"{points}, not taken off here"
        return f"{cost_in_words(self.result.late)}: {then}."


@dataclass(frozen=True)
class Person:
    """One row of a class list that is about a student.

    Attributes:
        row: its number in the table, from 0.
        label: what people call it.
        keys: what may name the student, folded, by kind; "number" is the id that the LMS itself puts into the
            names of downloaded files.
        words: the words of the name, folded; what a downloaded file's name is compared with.
        locked: why the row may not be filled; "" when it may.
    """

    row: int
    label: str
    keys: Mapping[Key, frozenset[str]]
    words: frozenset[str] = frozenset()
    locked: str = ""


@dataclass(frozen=True)
class Worksheet:
    """A class list, and where in it things stand.

    Attributes:
        table: the file.
        people: its rows of students.
        column: the column to fill.
        maximum: the most that the LMS says a score can be; None where it doesn't say.
        comma: whether decimals are written with a comma.
        strict: whether the LMS refuses a score above the maximum.
        unscored: what a field without a score says, folded; "" is always one.
        feedback: the column of comments; None where there is none.
        notes: sentences for the person who exports.
    """

    table: Table
    people: tuple[Person, ...]
    column: int
    maximum: float | None
    comma: bool = False
    strict: bool = False
    unscored: frozenset[str] = frozenset()
    feedback: int | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldChange:
    """One field that is filled.

    Attributes:
        student: whose it is, by the id of the results; "" for who has none.
        label: what the class list calls the student.
        row: the row.
        column: the column.
        old: what it said.
        new: what it says now.
    """

    student: str
    label: str
    row: int
    column: int
    old: str
    new: str


@dataclass(frozen=True)
class Omission:
    """A student whose row stays as it is.

    Attributes:
        who: the student's id.
        why: the reason, as the end of a sentence.
        rows: the rows that it may be.
    """

    who: str
    why: str
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class ExportOutcome:
    """What an export did, or would do.

    Attributes:
        path: the file or folder; None when nothing was written.
        scores: the number of students with a score to export.
        changes: the fields that are filled.
        same: students whose score was there already.
        unmatched: results that belong to no row, or to none without doubt.
        kept: students whose row is known and stays as it is.
        without_result: rows of students who have no result, left as they are.
        given_zero: those of such rows that were given 0.
        notes: sentences for the person who exports.
    """

    path: Path | None
    scores: int
    changes: tuple[FieldChange, ...] = ()
    same: tuple[str, ...] = ()
    unmatched: tuple[Omission, ...] = ()
    kept: tuple[Omission, ...] = ()
    without_result: tuple[str, ...] = ()
    given_zero: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
