"""Recognise arrays that differ by rounding alone.

They are the same activations, computed in another way or in other batches.

t-SNE magnifies rounding: on another machine the same notebook gives another map, just as right. So one map is computed for
all of them. Random projections of their rows (Johnson and Lindenstrauss 1984) find candidates; they are public, and noise
can be made that they don't see. So the arrays themselves decide, value by value.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import numpy as np

from autograder.checks.sketches import project_rows
from autograder.checks.values import Array
from autograder.sandbox.sealed_files import SealedFile

__all__ = ["NearlyEqual", "nearly_equal"]

_ROUNDING = 5e-6  # of a usual row's largest value; float32 sums in another order differ by less than 1e-6
_MAX_ARRAYS = 300  # of one kind, the ones not used for longest forgotten first
_MAX_BYTES = 2**29  # of all arrays: a class's usual layers, each once
_BLOCK_BYTES = 2**22  # are compared at a time


class _Entry(NamedTuple):
    """An array and its projected rows."""

    rows: Array
    file: SealedFile


class NearlyEqual:
    """Arrays seen before, by a kind that fixes shape and type; not safe for several threads at once."""

    def __init__(self) -> None:
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()
        self._bytes = 0

    def candidates(self, kind: str, rows: Array) -> dict[str, SealedFile]:
        """Return the arrays, by key, whose projected rows are nearly these.

        Each is still to be compared itself.
        """
        room = _ROUNDING * float(np.median(np.abs(rows).max(axis=1)))
        if not np.isfinite(rows).all():
            return {}
        return {
            key: entry.file
            for (other, key), entry in self._entries.items()
            if other == kind and entry.rows.shape == rows.shape and float(np.abs(entry.rows - rows).max()) <= room
        }

    def add(self, kind: str, key: str, rows: Array, file: SealedFile) -> None:
        """Remember an array under a key; the ones not used for longest go where there are too many."""
        if (kind, key) in self._entries:
            self._bytes -= self._entries.pop((kind, key)).file.size
        self._entries[kind, key] = _Entry(rows, file)
        self._bytes += file.size
        while len(self._entries) > _MAX_ARRAYS or (self._bytes > _MAX_BYTES and len(self._entries) > 1):
            _, oldest = self._entries.popitem(last=False)
            self._bytes -= oldest.file.size

    def use(self, kind: str, key: str) -> None:
        """Keep an array longer than those that were not used since."""
        if (kind, key) in self._entries:
            self._entries.move_to_end((kind, key))

    @staticmethod
    def project(vectors: Array) -> Array:
        """Return what finds arrays (n, d), (n, 8).

        They are projections around the rows' middle, which no outlier moves.
        """
        with np.errstate(all="ignore"):
            rows = project_rows(vectors)
            return np.asarray(rows - np.median(rows, axis=0))


def nearly_equal(one: Array, other: Array) -> bool:
    """Return whether no value of two arrays (n, d) differs by more than rounding.

    Rounding is 5e-6 of the largest value of a usual row, by the smaller of both arrays; values that are not finite equal
    nothing.
    """
    room = _ROUNDING * min(_usual(one), _usual(other))
    step = max(1, _BLOCK_BYTES // max(1, one[:1].nbytes))
    with np.errstate(all="ignore"):
        return np.isfinite(room) and all(
            bool((np.abs(one[start : start + step] - other[start : start + step]) <= room).all())
            for start in range(0, len(one), step)
        )


def _usual(array: Array) -> float:
    """Return the largest value of a usual row."""
    return float(np.median(np.maximum(array.max(axis=1), -array.min(axis=1))))
