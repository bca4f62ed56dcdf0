"""Deal a class's answers out to several people who mark, some of them to two."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Dealt", "deal", "shuffled"]

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Dealt:
    """One person's answers.

    Attributes:
        marker: whose.
        answers: student and `grade_id` of each.
    """

    marker: str
    answers: frozenset[tuple[str, str]]


def shuffled(things: Sequence[Thing], *seed: str) -> list[Thing]:
    """Return things in random order, which is always the same for these words."""
    mixed = list(things)
    random.Random("\n".join(seed)).shuffle(mixed)  # noqa: S311 - no secret
    return mixed


def deal(
    assignment: str, answers: Mapping[str, Sequence[str]], markers: Sequence[str], overlap: float
) -> tuple[Dealt, ...]:
    """Return who marks what: of each question everybody has as many answers as the others, give or take one.

    Args:
        assignment: its name; another one is dealt otherwise.
        answers: by `grade_id`, the students who wrote something.
        markers: two people or more.
        overlap: the share of answers that two people mark, 0 to 1.
    """
    own: dict[str, set[tuple[str, str]]] = {marker: set() for marker in markers}
    for cell, students in answers.items():
        order = shuffled(sorted(students), assignment, cell)
        twice = round(overlap * len(order))
        for place, student in enumerate(order):
            first = place % len(markers)
            own[markers[first]].add((student, cell))
            if place < twice:
                other = 1 + (place // len(markers)) % (len(markers) - 1)
                own[markers[(first + other) % len(markers)]].add((student, cell))
    return tuple(Dealt(marker, frozenset(dealt)) for marker, dealt in own.items())
