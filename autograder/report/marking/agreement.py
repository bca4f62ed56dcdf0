"""Tell how alike several people mark: Krippendorff's alpha, severity, and what order and time have to do with it.

Nothing is adjusted by these figures. Alpha is that of interval data, with 1 for complete agreement and 0 for what chance alone
gives (Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from autograder.report.class_records import task_of
from autograder.report.marking.ratings import Rating

__all__ = ["Difference", "agreement_lines", "alpha", "differences", "summary"]

_LEAST_FOR_TREND = 20
_LEAST_HOURS = 0.25
"""Fewer marks, or a shorter time, say nothing of a hundred answers or an hour."""
_MOST_NAMED = 20

Table = Mapping[str, Mapping[str, float]]
"""By answer, what each person gave."""


@dataclass(frozen=True)
class Difference:
    """An answer for which people gave different points.

    Attributes:
        cell: its `grade_id`.
        student: whose it is.
        points: by marker.
    """

    cell: str
    student: str
    points: Mapping[str, float]


def alpha(table: Table) -> float | None:
    """Return Krippendorff's alpha for interval data; None where nothing was marked twice, or all points are equal."""
    twice = {answer: given for answer, given in table.items() if len(given) > 1}
    if len({points for given in twice.values() for points in given.values()}) < 2:
        return None
    import krippendorff
    import numpy as np

    markers = sorted({marker for given in twice.values() for marker in given})
    data = [[given.get(marker, np.nan) for given in twice.values()] for marker in markers]
    return float(krippendorff.alpha(reliability_data=np.array(data), level_of_measurement="interval"))


def differences(ratings: Sequence[Rating]) -> tuple[Difference, ...]:
    """Return the answers for which two people gave different points, for somebody's third look."""
    tables = {cell: _table(own, lambda one: one.points) for cell, own in _by_cell(ratings).items()}
    return tuple(
        Difference(cell, student, given)
        for cell, table in tables.items()
        for student, given in table.items()
        if len(set(given.values())) > 1
    )


def summary(ratings: Sequence[Rating]) -> str:
    """Return the agreement in one sentence; "" where nothing was marked by two people."""
    parts = []
    for cell, own in _by_cell(ratings).items():
        table = _table(own, lambda one: one.points)
        if count := _twice(table):
            parts.append(f"{task_of(cell)}: {_alpha(table)}, of {count} {'answer' if count == 1 else 'answers'}")
    return f"Agreement where two people marked (Krippendorff's alpha). {'; '.join(parts)}." if parts else ""


def agreement_lines(ratings: Sequence[Rating], maxima: Mapping[str, float]) -> Iterator[str]:
    """Yield what is to be told of several people's marks; nothing where nobody marked what another one did.

    Args:
        ratings: everybody's.
        maxima: the most that each question gives, by `grade_id`.
    """
    by_cell = _by_cell(ratings)
    shared = {cell: _table(own, lambda one: one.points) for cell, own in by_cell.items()}
    if not any(map(_twice, shared.values())):
        return
    yield "Agreement (Krippendorff's alpha, interval; 1 is complete, 0 is chance):"
    for cell, table in shared.items():
        if count := _twice(table):
            same = sum(len(given) > 1 and len(set(given.values())) == 1 for given in table.values())
            yield f"  {task_of(cell)}: {_alpha(table)}; {same} of {count} answers that two people marked have the same points"
            yield from _items(by_cell[cell])
    yield "Severity, order and time (in percent of a question's points):"
    for marker in sorted({one.marker for one in ratings}):
        yield f"  {marker}: {'; '.join(_of_marker(marker, ratings, maxima))}"
    apart = differences(ratings)
    if apart:
        yield f"For a third look, {len(apart)} answers with different points:"
    for one in apart[:_MOST_NAMED]:
        given = ", ".join(f"{marker} {points:g}" for marker, points in sorted(one.points.items()))
        yield f"  {task_of(one.cell)}, {one.student}: {given}"
    if len(apart) > _MOST_NAMED:
        yield f"  and {len(apart) - _MOST_NAMED} more"


def _items(ratings: Sequence[Rating]) -> Iterator[str]:
    """Yield the agreement on each item of a mark scheme."""
    numbers = sorted({number for one in ratings for number in one.items or ()}, key=int)
    ticked = [one for one in ratings if one.items is not None]
    for number in numbers:
        table = _table(ticked, partial(_item, number=number))
        if _twice(table):
            yield f"    item {number}: {_alpha(table)}"


def _item(rating: Rating, number: str) -> float:
    """Return the points for one item."""
    return (rating.items or {}).get(number, 0.0)


def _of_marker(marker: str, ratings: Sequence[Rating], maxima: Mapping[str, float]) -> Iterator[str]:
    """Yield what is to be said of one person's marks."""
    own = [one for one in ratings if one.marker == marker]
    shares = {id(one): 100 * one.points / maxima[one.cell] for one in ratings}
    others: dict[tuple[str, str], list[float]] = defaultdict(list)
    of_question: dict[str, list[float]] = defaultdict(list)
    for one in ratings:
        of_question[one.cell].append(shares[id(one)])
        if one.marker != marker:
            others[one.student, one.cell].append(shares[id(one)])
    apart = [shares[id(one)] - _mean(both) for one in own if (both := others.get((one.student, one.cell)))]
    if apart:
        yield f"{_mean(apart):+.1f} against others on {len(apart)} answers"
    # Against the question's mean: questions are marked one after another, and one may be harder than the next.
    rests = {id(one): shares[id(one)] - _mean(of_question[one.cell]) for one in own}
    placed = [(float(one.place), rests[id(one)]) for one in own if one.place is not None]
    timed = [(_hours(one.time), rests[id(one)]) for one in own if one.time]
    yield _trend(placed, 0, 100, "100 answers")
    yield _trend(timed, _LEAST_HOURS, 1, "hour")


def _trend(pairs: Sequence[tuple[float, float]], least: float, times: float, unit: str) -> str:
    """Return a slope with its standard error, in words; none where the values span less than the least."""
    values = {x for x, _ in pairs}
    if len(pairs) < _LEAST_FOR_TREND or len(values) < 2 or max(values) - min(values) < least:
        return f"too few marks to tell a trend per {unit}"
    from scipy.stats import linregress

    line = linregress(*zip(*pairs, strict=True))
    return f"{times * line.slope:+.1f} ± {times * line.stderr:.1f} per {unit}"


def _hours(time: str) -> float:
    """Return a moment in hours."""
    return datetime.fromisoformat(time).timestamp() / 3600


def _alpha(table: Table) -> str:
    """Return alpha in words."""
    value = alpha(table)
    return "no alpha, all points are equal" if value is None else f"alpha {value:.2f}"


def _twice(table: Table) -> int:
    """Return how many answers two people marked."""
    return sum(len(given) > 1 for given in table.values())


def _table(ratings: Sequence[Rating], value: Callable[[Rating], float]) -> dict[str, dict[str, float]]:
    """Return ratings of one question by student and marker."""
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for one in ratings:
        table[one.student][one.marker] = value(one)
    return dict(table)


def _by_cell(ratings: Sequence[Rating]) -> dict[str, list[Rating]]:
    """Return ratings by question."""
    by_cell: dict[str, list[Rating]] = defaultdict(list)
    for one in sorted(ratings, key=lambda one: (one.cell, one.student, one.marker)):
        by_cell[one.cell].append(one)
    return dict(by_cell)


def _mean(values: Sequence[float]) -> float:
    """Return the mean."""
    return sum(values) / len(values)
