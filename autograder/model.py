"""The records that pass between the stages: plain, frozen, documented; no stage hands another a dict.

Each record that leaves the process can be written as JSON (`to_json`) and read back (`from_json`), so that any stage can
be run again alone.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from autograder.checks.meanings import NEIGHBOURS, Diagnosis
from autograder.stops import NOT_HANDED_IN, Stop, SubmissionStatus

__all__ = [
    "NEIGHBOURS",
    "NOTHING",
    "NO_RESPONSE",
    "AskedMap",
    "Assignment",
    "CheckResult",
    "CheckStatus",
    "Credit",
    "Deadline",
    "Diagnosis",
    "ExtensionMatch",
    "Isolation",
    "Lateness",
    "MapImages",
    "Mark",
    "MarkChange",
    "MarkConflict",
    "RosterMatch",
    "SampleSubmission",
    "StudentMap",
    "Submission",
    "SubmissionResult",
    "SubmissionStatus",
    "exercise_of",
    "exercise_title",
    "has_written",
]

CheckStatus = Literal["passed", "failed", "skipped", "error"]
NOTHING = "nothing was answered"
NO_RESPONSE = "No response."
"""What the gradebook says of an answer that was left as it was given; never what a person wrote."""
Isolation = Literal["bubblewrap", "user", "process"]


@dataclass(frozen=True)
class SampleSubmission:
    """A submission that the build's gate grades: the solved notebook with another text in one cell.

    Attributes:
        title: what people call it.
        cell: the `grade_id` of a solution cell.
        text: what a student may have written there.
    """

    title: str
    cell: str
    text: str


@dataclass(frozen=True)
class Deadline:
    """Until when work may be handed in, and what it costs to be late.

    Attributes:
        at: the last moment that is on time, by the clocks of the zone.
        zone: the time zone's name, such as "Europe/Berlin"; times without a zone are of it.
        percent: what each day or hour takes off, in percent of the points that were reached.
        per: "day" or "hour"; a part of one counts as one.
        cap: the most that is taken off, in percent.
        grace_minutes: so much later is still on time; days and hours count from then on.
    """

    at: datetime
    zone: str
    percent: float = 0.0
    per: Literal["day", "hour"] = "day"
    cap: float = 100.0
    grace_minutes: float = 0.0


@dataclass(frozen=True)
class AccuracyBars:
    """What the gate asks of the grader's accuracy, in percent.

    Attributes:
        accepted: of the right specimens, how many must pass.
        caught: of the wrong ones, how many must lose their points.
        named: of the wrong ones, how many must get the name of their mistake.
    """

    accepted: float = 100.0
    caught: float = 98.0
    named: float = 95.0


@dataclass(frozen=True)
class Credit:
    """Which part of a check's points stays after which kind of mistake, from 0 to below 1.

    Attributes:
        shares: by kind of mistake, of every check.
        checks: by check and kind of mistake; these come before the others.
    """

    shares: Mapping[str, float] = dataclasses.field(default_factory=dict)
    checks: Mapping[str, Mapping[str, float]] = dataclasses.field(default_factory=dict)

    def of(self, check: str) -> dict[str, float]:
        """Return the shares of one check that are above 0."""
        return {kind: share for kind, share in {**self.shares, **self.checks.get(check, {})}.items() if share}


@dataclass(frozen=True)
class Assignment:
    """What `assignment.toml` says.

    Attributes:
        name: the assignment's id, also its folder's and its notebook's name.
        title: the name that people read.
        folder: the source folder.
        files: the files that travel with the release, relative to `folder`.
        student_readme: the page for students, relative to `folder`; it becomes the release's README.md.
        requirements: distributions that a student's notebook needs, by name; versions come from the project's own lock.
        python: the Python version that Gradescope's container is given, such as "3.12".
        seed: set in otter's grading environment before each cell.
        maps: those that feedback shows beside the checks.
        seconds: the longest that one submission may take in Gradescope's container.
        submissions: those that the build's gate grades.
        modules: what is imported before the first submission runs; None for what the notebook imports.
        package: the checks that travel with the release, or "none"; None for what the notebook imports.
        deadline: until when it may be handed in; None where nobody says.
        bars: what the build's gate asks of the grader's accuracy.
        credit: which part of a check's points stays after which kind of mistake.
    """

    name: str
    title: str
    folder: Path
    files: tuple[str, ...]
    student_readme: str
    requirements: tuple[str, ...]
    python: str
    seed: int
    maps: tuple[AskedMap, ...] = ()
    seconds: float = 480.0
    submissions: tuple[SampleSubmission, ...] = ()
    modules: tuple[str, ...] | None = None
    package: str | None = None
    deadline: Deadline | None = None
    bars: AccuracyBars = AccuracyBars()
    credit: Credit = Credit()

    @property
    def notebook(self) -> Path:
        """The source notebook."""
        return self.folder / f"{self.name}.ipynb"


@dataclass(frozen=True)
class Submission:
    """One student's hand-in, as found on disk.

    Attributes:
        student: the id under which the result is reported.
        assignment: the assignment that it claims to answer.
        notebook: the notebook to grade; None when the hand-in has none.
        origin: where it was found, for messages.
        note: what the person who grades should know ("two submissions: the later one counts"); empty when nothing.
        handed_in: when, as ISO 8601, of the attempt that counts; "" where nobody says.
        marked_late: whether the download says that it was late; None where it says nothing.
    """

    student: str
    assignment: str
    notebook: Path | None
    origin: str
    note: str = ""
    handed_in: str = ""
    marked_late: bool | None = None


@dataclass(frozen=True)
class CheckResult:
    """The outcome of one graded test cell.

    Attributes:
        name: the cell's `grade_id`.
        status: "skipped" when what it needs is missing or already failed, "error" when the fault is the grader's.
        score: points given.
        max_score: the most that the cell gives.
        diagnosis: a `Diagnosis`, or the id that a test of the instructor's own gave; None where nothing is wrong.
        detail: what the diagnosis is about, such as the layer that was really handed in. Where all answers of an
            exercise are missing: the answer's name if the student wrote anything there, None if not.
        message: what, where, how far, what to try.
    """

    name: str
    status: CheckStatus
    score: float
    max_score: float
    diagnosis: str | None = None
    detail: str | None = None
    message: str | None = None


@dataclass(frozen=True)
class Lateness:
    """How late a hand-in was, and what that costs; times are ISO 8601 with their offset.

    Attributes:
        handed_in: when; "" where nobody knows, and nothing is taken off.
        until: until when it was on time for this student.
        zone: the time zone's name in which `until` was set.
        extended: whether the student had longer than the class.
        seconds: how long after `until`; 0 where it was on time, grace included.
        count: how many days or hours count; 0 where the assignment has no late policy.
        per: "day" or "hour".
        percent: what is taken off, in percent of the points that were reached.
    """

    handed_in: str
    until: str
    zone: str
    extended: bool = False
    seconds: int = 0
    count: int = 0
    per: Literal["day", "hour"] = "day"
    percent: float = 0.0


@dataclass(frozen=True)
class SubmissionResult:
    """Everything that the machine says about one submission; one line of `results.jsonl`.

    Attributes:
        student: the student's id.
        assignment: the assignment's name.
        status: "graded", or what stopped it. Answers given before the stop still count.
        score: the sum of the checks' scores, bonus included.
        max_score: the sum of what the checks could give, bonus included.
        isolation: the sandbox level that it ran under.
        seconds: wall time spent on it.
        message: what the person who grades should know; None when nothing.
        checks: one result for each graded test cell, in the notebook's order.
        sandbox: what made the sandbox, with its version; "" where that isn't known.
        plain: whether it was graded by `grade --plain`.
        bonus: the cells whose points are bonus, written answers among them.
        handed_in: when, as the submission has it.
        marked_late: as the submission has it.
        late: how late that was; None where the assignment has no deadline. No score has it in it.
        receipt: digests of what it was made from, by what that is; of the verdict itself under "verdict".
    """

    student: str
    assignment: str
    status: SubmissionStatus
    score: float
    max_score: float
    isolation: str
    seconds: float
    message: str | None = None
    checks: tuple[CheckResult, ...] = ()
    sandbox: str = ""
    plain: bool = False
    bonus: tuple[str, ...] = ()
    handed_in: str = ""
    marked_late: bool | None = None
    late: Lateness | None = None
    receipt: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def has_fault(self) -> bool:
        """Whether the log may say more: the submission crashed, or a check of ours failed."""
        return self.status == "crashed" or any(check.status == "error" for check in self.checks)

    @property
    def reason(self) -> str:
        """What stopped the submission, and whatever else is to be known of it; "" where there is nothing."""
        if self.message or self.status == "graded":
            return self.message or ""
        stop = Stop.named(self.status)
        return NOT_HANDED_IN if stop is None else stop.sentence()

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The exercises that were never begun, by the start of their checks' names, in the notebook's order."""
        groups: dict[str, list[CheckResult]] = {}
        for check in self.checks:
            groups.setdefault(exercise_of(check.name), []).append(check)
        return tuple(name for name, checks in groups.items() if all(map(_never_begun, checks)))

    @property
    def begun_checks(self) -> tuple[CheckResult, ...]:
        """The checks of the other exercises."""
        unanswered = self.unanswered
        return tuple(check for check in self.checks if exercise_of(check.name) not in unanswered)

    def not_answered(self, *, wrote: bool = False) -> str:
        """Return which exercises were never begun, in words; "" where each one was.

        Args:
            wrote: whether the student answered something in words, which no check sees.
        """
        unanswered = self.unanswered
        if not unanswered:
            return ""
        if not self.begun_checks and not wrote:
            return NOTHING
        titles = [exercise_title(name) for name in unanswered]
        return f"{', '.join(title[:1].lower() + title[1:] for title in titles)}: not answered"

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values, in the published order of keys."""
        return dataclasses.asdict(self) | {"checks": [dataclasses.asdict(check) for check in self.checks]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> SubmissionResult:
        """Return the record that `to_json` wrote.

        Raises:
            TypeError: a key is missing or unknown.
        """
        checks = tuple(CheckResult(**check) for check in values.get("checks", ()))
        late = None if values.get("late") is None else Lateness(**values["late"])
        return cls(**{**values, "checks": checks, "bonus": tuple(values.get("bonus", ())), "late": late})


def exercise_of(grade_id: str) -> str:
    """Return the exercise that a cell belongs to: what stands before the first `_` of its id."""
    return grade_id.partition("_")[0]


def exercise_title(exercise: str) -> str:
    """Return what people call an exercise: `ex2` is "Exercise 2", `pixels` is "Pixels"."""
    number = re.fullmatch(r"(?:ex|exercise)?(\d+)", exercise)
    return f"Exercise {number[1]}" if number else exercise.capitalize()


def _never_begun(check: CheckResult) -> bool:
    """Return whether a check found nothing, and the student wrote nothing where it looks."""
    return check.status in ("failed", "skipped") and check.diagnosis == Diagnosis.MISSING and check.detail is None


@dataclass(frozen=True)
class StudentMap:
    """One map of a submission, beside the grader's own map of the layer that it should show.

    Attributes:
        check: the `grade_id` of the check that is about it.
        title: what people call it, such as "Deep layer".
        layer: the layer whose activations were handed in; None where they are no layer's.
        fidelity: the share of each image's `NEIGHBOURS` nearest neighbours in the representation that are its neighbours in the
            map too, mean over the images, from 0 to 1; None where it can't be told.
        points: (n, 2) the student's embedding, moved, scaled evenly to lie in [0, 1]; row i is image i.
        reference: (n, 2) the grader's own map, scaled in the same way and turned so as to lie like the student's; empty
            where there is none.
        digests: of the bytes of the answers that belong to the map, by name: equal bytes have equal digests.
    """

    check: str
    title: str
    layer: str | None
    fidelity: float | None
    points: tuple[tuple[float, float], ...]
    reference: tuple[tuple[float, float], ...] = ()
    digests: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values; its thousands of points are not copied, as `asdict` would."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> StudentMap:
        """Return the record that `to_json` wrote.

        Raises:
            TypeError: a key is missing or unknown.
        """
        points = {key: tuple((float(x), float(y)) for x, y in values.get(key, ())) for key in ("points", "reference")}
        return cls(**{**values, **points})


@dataclass(frozen=True)
class MapImages:
    """The images, or rows of numbers, whose maps a class makes: the same for all.

    Attributes:
        labels: (n,) the class of each, by its name.
        pictures: (n,) each image as a `data:` address with a PNG; empty where rows of numbers are mapped.
        classes: the names of all classes, in the order of their numbers.
    """

    labels: tuple[str, ...]
    pictures: tuple[str, ...]
    classes: tuple[str, ...]

    @property
    def thing(self) -> str:
        """What pages call one of them."""
        return "image" if self.pictures else "example"


@dataclass(frozen=True)
class EarlierMark:
    """A mark that was given for other words than an answer has now.

    Attributes:
        score: the points.
        extra: points on top, which formgrader knows; None for none.
        comment: what the marker wrote.
        text: the words that it was given for.
    """

    score: float
    extra: float | None
    comment: str
    text: str


@dataclass(frozen=True)
class Mark:
    """What the gradebook says of one written answer.

    Attributes:
        name: its cell's `grade_id`.
        score: the points that a person gave; None where nobody has looked at it yet; 0 where it was left blank.
        max_score: the most that it gives.
        comment: what the person wrote; "" when nothing.
        blank: whether the answer was left as it was given, and no person gave points: its 0 is nobody's mark.
        earlier: what was given for earlier words, where nothing has been given for those of now.
    """

    name: str
    score: float | None
    max_score: float
    comment: str = ""
    blank: bool = False
    earlier: EarlierMark | None = None

    @property
    def typed(self) -> float | None:
        """The points that a person gave; None where no person gave any."""
        return None if self.blank else self.score


@dataclass(frozen=True)
class MarkChange:
    """What a person says anew of one written answer.

    Attributes:
        before: the mark as it is.
        score: the points from now on; None for none.
        comment: the words from now on.
    """

    before: Mark
    score: float | None
    comment: str


@dataclass(frozen=True)
class MarkConflict:
    """A change of a mark that somebody else has changed since.

    Attributes:
        student: whose mark it is.
        cell: the answer's `grade_id`.
        why: what contradicts what, in a sentence.
    """

    student: str
    cell: str
    why: str


def has_written(marks: Iterable[Mark]) -> bool:
    """Return whether any answer in words was given: one that was left blank has 0 points from the start."""
    return any(mark.score is None or mark.score > 0 for mark in marks)


@dataclass(frozen=True)
class AskedMap:
    """A map that students hand in, as `[[maps]]` of `assignment.toml` has it.

    Attributes:
        check: the `grade_id` of the check that is about it.
        title: what people call it.
        layer: the answer that names the layer.
        representation: the answer that was embedded.
        embedding: the answer that is the map.
    """

    check: str
    title: str
    layer: str
    representation: str
    embedding: str


@dataclass(frozen=True)
class RosterMatch:
    """How the students who handed in fit a class list.

    Attributes:
        names: what the list calls each student who is on it, by id.
        unmatched: students who are on no line, or on none without doubt: the id, and why, as the end of a sentence.
        missing: those on the list who handed in nothing.
    """

    names: Mapping[str, str] = dataclasses.field(default_factory=dict)
    unmatched: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExtensionMatch:
    """Which students have longer.

    Attributes:
        until: the moment until which each of them is on time, by id.
        notes: sentences about lines of the list that nobody's work belongs to, or more than one student's.
    """

    until: Mapping[str, datetime] = dataclasses.field(default_factory=dict)
    notes: tuple[str, ...] = ()
