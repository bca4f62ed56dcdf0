"""Add up points: regular ones have a maximum, and bonus comes on top of it."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from autograder.model import CheckResult, Lateness, Mark, SubmissionResult

__all__ = [
    "Total",
    "add_up",
    "credit_sentence",
    "exact_sum",
    "late_penalty",
    "lowest",
    "percent",
    "share_of",
    "subtract",
    "total_of",
    "weighted_sum",
]

_LARGEST_DENOMINATOR = 10_000
"""A float of points is the simple fraction next to it: 0.1 a tenth, 0.3333333333333333 a third."""


@dataclass(frozen=True)
class Total:
    """The points of several cells; as text, "17 of 20, and 4 of 10 bonus".

    Attributes:
        regular: what was given for cells that are no bonus.
        maximum: the most that these give.
        bonus: what was given for the others.
        max_bonus: the most that those give.
    """

    regular: float
    maximum: float
    bonus: float = 0.0
    max_bonus: float = 0.0

    @property
    def points(self) -> float:
        """Everything that was given."""
        return exact_sum((self.regular, self.bonus))

    @property
    def most(self) -> float:
        """Everything that could be given."""
        return exact_sum((self.maximum, self.max_bonus))

    def __add__(self, other: Total) -> Total:
        return Total(
            exact_sum((self.regular, other.regular)),
            exact_sum((self.maximum, other.maximum)),
            exact_sum((self.bonus, other.bonus)),
            exact_sum((self.max_bonus, other.max_bonus)),
        )

    def __str__(self) -> str:
        bonus = f"{self.bonus:g} of {self.max_bonus:g} bonus"
        regular = f"{self.regular:g} of {self.maximum:g}"
        if not self.max_bonus:
            return regular
        return f"{regular}, and {bonus}" if self.maximum else bonus


def add_up(cells: Iterable[CheckResult | Mark], bonus: Collection[str]) -> Total:
    """Return the points of some cells; an answer that nobody has marked counts as 0.

    Args:
        cells: checks and written answers.
        bonus: the names of those that are bonus.
    """
    total = Total(0.0, 0.0)
    for cell in cells:
        score = cell.score or 0.0
        total += Total(0.0, 0.0, score, cell.max_score) if cell.name in bonus else Total(score, cell.max_score)
    return total


def total_of(result: SubmissionResult, marks: Iterable[Mark] = ()) -> Total:
    """Return what the machine gave, and people for these answers."""
    extra = add_up((check for check in result.checks if check.name in result.bonus), result.bonus)
    regular, maximum = subtract(result.score, extra.bonus), subtract(result.max_score, extra.max_bonus)
    machine = Total(regular, maximum, extra.bonus, extra.max_bonus)
    return machine + add_up(marks, result.bonus)


def late_penalty(total: Total, late: Lateness | None) -> float:
    """Return the points that a late hand-in loses: a share of all that were reached, bonus included.

    It has two decimals, as every LMS shows; half of the second is left to the student. The same rule holds where a total
    is below 0: there is nothing to lose.
    """
    percent = Fraction(0) if late is None else _exact(late.percent)
    hundredths = (_exact(total.regular) + _exact(total.bonus)) * percent  # percent, and of points the hundredths
    return max(0, math.ceil(hundredths - Fraction(1, 2))) / 100


def exact_sum(points: Iterable[float]) -> float:
    """Return a sum as the float next to the exact one: 0.7 + 0.1 + 3 * (1 / 3) is 1.8."""
    return float(sum(map(_exact, points), Fraction(0)))


def weighted_sum(points: Iterable[tuple[float, Fraction]]) -> float:
    """Return the sum of points that count more than once, or in part, as the float next to the exact one."""
    return float(sum((_exact(number) * weight for number, weight in points), Fraction(0)))


def percent(points: float, maximum: float) -> float | None:
    """Return a share in percent, as the float next to the exact one; None where nothing could be reached."""
    return float(100 * _exact(points) / _exact(maximum)) if maximum else None


def lowest(shares: Mapping[str, tuple[float, float]], count: int) -> tuple[str, ...]:
    """Return the names of the lowest shares; one is always left, and one of no points is never among them.

    Args:
        shares: points, and the most that there are, by name.
        count: how many are wanted.
    """
    ratios = {name: _exact(points) / _exact(most) for name, (points, most) in shares.items() if most}
    order = sorted(ratios, key=lambda name: ratios[name])
    return tuple(order[: max(0, min(count, len(shares) - 1))])


def subtract(points: float, penalty: float) -> float:
    """Return what is left of points, as the float next to the exact difference."""
    return float(_exact(points) - _exact(penalty))


def share_of(points: float, share: float) -> float:
    """Return a part of points as the float next to the exact product: 0.75 of 0.7 is 0.525."""
    return float(_exact(points) * _exact(share))


def credit_sentence(score: float, points: float) -> str:
    """Say to a student how many points stay after a mistake."""
    return f"With this mistake, {score:g} of {points:g} {'point stays' if score == 1 else 'points stay'}."


def _exact(points: float) -> Fraction:
    """Return the fraction that a float stands for."""
    return Fraction(points).limit_denominator(_LARGEST_DENOMINATOR)
