"""Collect what checks measured, with the bounds that it is held against; only where somebody asks for it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Evidence", "collect_evidence", "is_collected", "note"]


@dataclass(frozen=True)
class Evidence:
    """One thing that a check saw.

    Attributes:
        what: what it looked at.
        found: what it found, in numbers or words.
        bound: what it is held against; "" where it decides nothing.
    """

    what: str
    found: str
    bound: str = ""


_open: list[list[Evidence]] = []


@contextlib.contextmanager
def collect_evidence() -> Iterator[list[Evidence]]:
    """Yield a list that gets whatever checks note in the body, on any thread of this process."""
    notes = list[Evidence]()
    _open.append(notes)
    try:
        yield notes
    finally:
        _open.pop()


def is_collected() -> bool:
    """Return whether anybody wants to know: measuring more than a verdict needs takes time."""
    return bool(_open)


def note(what: str, found: object, bound: object = "") -> None:
    """Note something that was seen; nothing where nobody collects it."""
    if _open:
        _open[-1].append(Evidence(what, str(found), str(bound)))
