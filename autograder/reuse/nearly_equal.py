"""Recognise arrays that differ by rounding alone: the same activations, computed in another way or in other batches.

t-SNE magnifies rounding: on another machine the same notebook gives another map, just as right. So one map is computed for
all of them. They are compared by random projections of their rows (Johnson and Lindenstrauss 1984), which no difference
that is worth a name gets past, and which are small enough to be kept.
"""

from __future__ import annotations

from collections import OrderedDict

import numpy as np

from autograder.checks.sketches import project_rows
from autograder.checks.values import Array

__all__ = ["NearlyEqual"]

_ROUNDING = 5e-6  # of a usual row's distance from the middle; float32 sums in another order differ by less than 1e-6
_MOST = 300  # arrays of one kind that are looked through, the oldest forgotten first


class NearlyEqual:
    """Arrays seen before, by a kind within which they are compared; not safe for several threads at once."""

    def __init__(self) -> None:
        self._seen: dict[str, OrderedDict[str, Array]] = {}

    def find(self, kind: str, rows: Array) -> str | None:
        """Return the key of an array that these projected rows are nearly those of; None where there is none."""
        room = _ROUNDING * float(np.median(np.abs(rows).max(axis=1)))
        for key, others in self._seen.get(kind, {}).items():
            if others.shape == rows.shape and float(np.abs(others - rows).max(initial=0)) <= room:
                return key
        return None

    def add(self, kind: str, key: str, rows: Array) -> None:
        """Remember an array by its projected rows, and under which key."""
        seen = self._seen.setdefault(kind, OrderedDict())
        seen[key] = rows
        if len(seen) > _MOST:
            seen.popitem(last=False)

    @staticmethod
    def project(vectors: Array) -> Array:
        """Return what arrays (n, d) are compared by, (n, 8): projections around their middle, which no outlier moves."""
        with np.errstate(all="ignore"):
            rows = project_rows(vectors)
            return np.asarray(rows - np.median(rows, axis=0))
