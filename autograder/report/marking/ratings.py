"""What each person gave for each answer, as their sheets said it: what is in the gradebook is one of these at most."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.errors import AutograderError
from autograder.files import write_file

__all__ = ["Rating", "add_ratings", "read_ratings", "write_ratings"]


@dataclass(frozen=True)
class Rating:
    """One person's points for one answer.

    Attributes:
        marker: who.
        student: whose answer.
        cell: its `grade_id`.
        points: as many.
        items: the points for each item of the mark scheme, by its number from 1; None where the points were typed.
        place: how many answers this person had marked by then, this one included; None where nobody knows.
        time: when, as ISO 8601 in UTC; "" where nobody knows.
    """

    marker: str
    student: str
    cell: str
    points: float
    items: Mapping[str, float] | None = None
    place: int | None = None
    time: str = ""


def read_ratings(path: Path) -> tuple[Rating, ...]:
    """Return the ratings of a file; none where there is no file.

    Raises:
        AutograderError: the file is damaged.
    """
    if not path.exists():
        return ()
    try:
        return tuple(Rating(**values) for values in json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise AutograderError(f"{path} holds no ratings.", "Put it right, or move it away.") from error


def write_ratings(path: Path, ratings: Iterable[Rating]) -> None:
    """Write ratings, the whole file or nothing."""
    lines = ",\n".join(json.dumps(asdict(one)) for one in ratings)
    write_file(path, f"[\n{lines}\n]\n" if lines else "[]\n")


def add_ratings(known: Sequence[Rating], new: Iterable[Rating]) -> tuple[Rating, ...]:
    """Return all of them; of two by one person for one answer the new one."""
    by_answer = {(one.marker, one.student, one.cell): one for one in (*known, *new)}
    return tuple(sorted(by_answer.values(), key=lambda one: (one.cell, one.student, one.marker)))
