"""Add up points: regular ones have a maximum, and bonus comes on top of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from autograder.model import CheckResult, Mark, SubmissionResult

__all__ = ["Total", "add_up", "total_of"]


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
        return self.regular + self.bonus

    @property
    def most(self) -> float:
        """Everything that could be given."""
        return self.maximum + self.max_bonus

    def __add__(self, other: Total) -> Total:
        return Total(
            self.regular + other.regular,
            self.maximum + other.maximum,
            self.bonus + other.bonus,
            self.max_bonus + other.max_bonus,
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
    machine = Total(result.score - extra.bonus, result.max_score - extra.max_bonus, extra.bonus, extra.max_bonus)
    return machine + add_up(marks, result.bonus)
