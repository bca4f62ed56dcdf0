"""Sum up a class's results: the distribution of scores, how each check went, which mistakes were made."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from autograder.checks.meanings import Diagnosis
from autograder.model import CheckResult, Mark
from autograder.report.class_records import Entry
from autograder.totals import total_of

__all__ = [
    "Bin",
    "CheckTally",
    "LayerTally",
    "LeftOut",
    "MarkTally",
    "MistakeTally",
    "Scores",
    "layer_tallies",
    "left_out",
    "mark_tallies",
    "mistakes",
    "scores",
    "tally_checks",
]

MAX_BINS = 20
"""Bars of the distribution: more are narrower than a finger on a phone."""


@dataclass(frozen=True)
class Bin:
    """One bar of a distribution.

    Attributes:
        label: the scores that it counts, such as "3" or "3 to 4".
        count: how many students have one of them.
    """

    label: str
    count: int


@dataclass(frozen=True)
class Scores:
    """How a class's scores are distributed.

    Attributes:
        mean: points, bonus included.
        median: points, bonus included.
        maximum: the most that the machine could give without bonus.
        max_bonus: the most that it could give as bonus.
        mean_bonus: how much of `mean` is bonus.
        full: how many students have all points that are no bonus.
        bins: from 0 to the most with bonus, each as wide as the others; the last holds that too.
    """

    mean: float
    median: float
    maximum: float
    max_bonus: float
    mean_bonus: float
    full: int
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class CheckTally:
    """How a class did on one check.

    Attributes:
        name: the check's `grade_id`.
        passed: how many students.
        failed: how many, of those who began the exercise.
        unanswered: how many never began the exercise.
        skipped: how many.
        error: how many.
        mean: points, over those who have a result.
        max_score: the most that the check gives.
        diagnoses: what failed students did, with how many did it, the most frequent first.
    """

    name: str
    passed: int
    failed: int
    unanswered: int
    skipped: int
    error: int
    mean: float
    max_score: float
    diagnoses: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """How many students have a result."""
        return self.passed + self.failed + self.unanswered + self.skipped + self.error


@dataclass(frozen=True)
class MistakeTally:
    """One mistake on one check, and who made it.

    Attributes:
        check: the check's `grade_id`.
        diagnosis: an id from the published list.
        message: what one of the students was told.
        entries: who made it, by the detail of the diagnosis, the most frequent first; "" for none.
    """

    check: str
    diagnosis: str
    message: str
    entries: tuple[tuple[str, tuple[Entry, ...]], ...]

    @property
    def count(self) -> int:
        """How many students made it."""
        return sum(len(group) for _, group in self.entries)


@dataclass(frozen=True)
class LeftOut:
    """What some students never began.

    Attributes:
        what: in words.
        entries: who.
    """

    what: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class LayerTally:
    """Which layers a class chose for one map.

    Attributes:
        title: the map's.
        layers: a layer's name, "" for values that are no layer's, with how many chose it, the most frequent first.
        maps: how many maps there are.
    """

    title: str
    layers: tuple[tuple[str, int], ...]
    maps: int


@dataclass(frozen=True)
class MarkTally:
    """How much of one written answer is marked.

    Attributes:
        name: the cell's `grade_id`.
        marked: how many answers a person gave points.
        blank: how many were left blank: they are 0, and nobody has to look at them.
        total: how many there are.
        mean: of those that are marked; None where none is.
        max_score: the most that it gives.
    """

    name: str
    marked: int
    blank: int
    total: int
    mean: float | None
    max_score: float

    @property
    def waiting(self) -> int:
        """How many wait for a person."""
        return self.total - self.marked - self.blank


def scores(entries: Sequence[Entry]) -> Scores:
    """Return the distribution of the machine's scores of a class with at least one student."""
    totals = [total_of(entry.result) for entry in entries]
    points = [total.points for total in totals]
    maximum, max_bonus = (max(getattr(total, name) for total in totals) for name in ("maximum", "max_bonus"))
    full = sum(total.regular >= maximum > 0 for total in totals)
    bonus = fmean(total.bonus for total in totals)
    bins = _bins(points, maximum + max_bonus)
    return Scores(fmean(points), median(points), maximum, max_bonus, bonus, full, bins)


def _bins(points: Sequence[float], maximum: float) -> tuple[Bin, ...]:
    """Return the bars: one a point, or as many points as keep them few."""
    width = max(1, math.ceil((maximum + 1) / MAX_BINS))
    count = int(maximum // width) + 1
    counts = Counter(min(max(int(score // width), 0), count - 1) for score in points)
    return tuple(Bin(_label(number * width, width, maximum), counts[number]) for number in range(count))


def _label(low: int, width: int, maximum: float) -> str:
    """Return the scores of a bar; with one point a bar, half points stand with the whole one below them."""
    high = min(low + width - 1, math.floor(maximum))
    return f"{low}" if high <= low else f"{low} to {high}"


def tally_checks(entries: Iterable[Entry]) -> tuple[CheckTally, ...]:
    """Return how the class did on each check, in the notebook's order."""
    results: dict[str, list[CheckResult]] = {}
    attempts: dict[str, list[CheckResult]] = {}
    for entry in entries:
        for check in entry.result.checks:
            results.setdefault(check.name, []).append(check)
        for check in entry.result.begun_checks:
            attempts.setdefault(check.name, []).append(check)
    return tuple(_tally(name, checks, attempts.get(name, ())) for name, checks in results.items())


def _tally(name: str, checks: Sequence[CheckResult], attempts: Sequence[CheckResult]) -> CheckTally:
    """Return one check's numbers."""
    counts = Counter(check.status for check in attempts)
    diagnoses = Counter(check.diagnosis or Diagnosis.UNKNOWN for check in attempts if check.status == "failed")
    return CheckTally(
        name,
        counts["passed"],
        counts["failed"],
        len(checks) - len(attempts),
        counts["skipped"],
        counts["error"],
        fmean(check.score for check in checks),
        max(check.max_score for check in checks),
        _by_frequency(diagnoses),
    )


def mistakes(entries: Iterable[Entry]) -> tuple[MistakeTally, ...]:
    """Return every mistake of the class with who made it, the most frequent first."""
    groups_of: dict[tuple[str, str], dict[str, list[Entry]]] = {}
    messages: dict[tuple[str, str], str] = {}
    for entry in entries:
        for check in entry.result.begun_checks:
            if check.status == "failed":
                key = (check.name, check.diagnosis or Diagnosis.UNKNOWN)
                groups_of.setdefault(key, {}).setdefault(check.detail or "", []).append(entry)
                messages.setdefault(key, check.message or "")
    tallies = [MistakeTally(*key, messages[key], _largest_first(groups)) for key, groups in groups_of.items()]
    return tuple(sorted(tallies, key=lambda mistake: -mistake.count))  # sorted() keeps the notebook's order otherwise


def _largest_first(groups: dict[str, list[Entry]]) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """Return groups of students, the largest first, by name where they are equal."""
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return tuple((detail, tuple(entries)) for detail, entries in ordered)


def left_out(entries: Iterable[Entry]) -> tuple[LeftOut, ...]:
    """Return what was never begun, and by whom, the most frequent first."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        if what := entry.not_answered:
            groups.setdefault(what, []).append(entry)
    return tuple(LeftOut(what, students) for what, students in _largest_first(groups))


def layer_tallies(entries: Iterable[Entry]) -> tuple[LayerTally, ...]:
    """Return which layers were chosen, for each of the assignment's maps."""
    by_title: dict[str, Counter[str]] = {}
    for entry in entries:
        for student_map in entry.maps:
            by_title.setdefault(student_map.title, Counter())[student_map.layer or ""] += 1
    return tuple(LayerTally(title, _by_frequency(layers), layers.total()) for title, layers in sorted(by_title.items()))


def mark_tallies(entries: Iterable[Entry]) -> tuple[MarkTally, ...]:
    """Return how much of each written answer is marked."""
    marks: dict[str, list[Mark]] = {}
    for entry in entries:
        for mark in entry.marks:
            marks.setdefault(mark.name, []).append(mark)
    return tuple(_mark_tally(name, own) for name, own in marks.items())


def _mark_tally(name: str, marks: Sequence[Mark]) -> MarkTally:
    """Return one written answer's numbers."""
    points = [mark.typed for mark in marks if mark.typed is not None]
    blank, most = sum(mark.blank for mark in marks), max(mark.max_score for mark in marks)
    return MarkTally(name, len(points), blank, len(marks), fmean(points) if points else None, most)


def _by_frequency(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    """Return what was counted, the most frequent first, by name where it is equal."""
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
