"""Compare large arrays by a few random projections of them.

A sketch of an array (n, d) keeps `8 n + 8 d` numbers. By the Johnson-Lindenstrauss lemma (Johnson
and Lindenstrauss 1984) distances between sketches estimate distances between the arrays, row by row
and column by column, in one pass over the data each. That is what makes it possible to compare with
every layer of a network without keeping every layer's values.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

import numpy as np

from .memo import memoised
from .parallel import in_two_threads
from .values import Array

__all__ = [
    "SAME",
    "Sketch",
    "directions",
    "match_columns",
    "order_of_columns",
    "project_rows",
    "row_errors",
    "row_squares",
    "sketch",
]

_PROJECTIONS = 8
_CACHED = 2**16  # length of directions, at most: 32 such take 150 MB
# Two arrays are the same when no row differs by more than this part of the rows' spread (root mean
# square distance from their mean). Honest differences: float16 up to 0.001, bfloat16 0.004, another
# convolution algorithm 1e-6. Wrong ones: the neighbouring row or layer, 0.3 and more.
SAME = 0.02
_FEW = 500  # columns
_RANKS = 64  # of the sorted projections are compared
_MATCHES = 64  # columns that are looked for
_MATCHED = 0.9  # of the columns, when they are matched one by one: rounding swaps a few that are nearly equal


@dataclass(frozen=True)
class Sketch:
    """Random projections of an array (n, d).

    Attributes:
        rows: (n, 8) each row's projections onto random directions in feature space.
        columns: (8, d) each column's projections onto random directions in row space.
        row_sums: (n,) the sum of each row.
        means: (d,) the mean of each column.
        weights: (8,) the sum of each direction in row space: what a column of ones projects to.
        feature_sums: (8,) the same in feature space.
        spread: root mean square distance of the rows from their mean; above 0.
    """

    rows: Array
    columns: Array
    row_sums: Array
    means: Array
    weights: Array
    feature_sums: Array
    spread: float

    @functools.cached_property
    def ascending(self) -> Array:
        """(d,) the columns in the order of their first projections."""
        return np.argsort(self.columns[0], kind="stable")

    @functools.cached_property
    def firsts(self) -> Array:
        """(d,) the columns' first projections in ascending order."""
        return np.asarray(self.columns[0][self.ascending])

    @functools.cached_property
    def unit(self) -> float:
        """Spread of the columns' projections; above 0."""
        return _unit(self.columns)


def sketch(array: Array) -> Sketch:
    """Return the sketch of a float array (n, d), or of a larger one flattened to that."""
    return memoised(array, ("sketch", len(array)), lambda: _sketch(array.reshape(len(array), -1)))


def _sketch(flat: Array) -> Sketch:
    """Return the sketch of a float array (n, d)."""
    features, images = (directions(length, flat.dtype.str) for length in flat.shape[::-1])

    def project(half: slice) -> tuple[Array, Array, float]:
        part = flat[half]
        values = part.reshape(-1)
        return part @ features, images[half].T @ part, float(np.dot(values, values))

    parts = in_two_threads(project, len(flat), flat.size)
    rows, columns = np.concatenate([part[0] for part in parts]), sum(part[1] for part in parts[1:]) + parts[0][1]
    means = columns[-1].astype(np.float64) / len(flat)
    square = sum(part[2] for part in parts) / len(flat) - float(means @ means)
    spread = max(square, 1e-12 * (1.0 + float(means @ means))) ** 0.5
    sums = [directions[:, :-1].sum(axis=0, dtype=np.float64) for directions in (images, features)]
    return Sketch(rows[:, :-1], columns[:-1], rows[:, -1], means, sums[0], sums[1], spread)


def project_rows(flat: Array) -> Array:
    """Return the rows' projections (n, 8) alone, as `sketch` has them."""
    return np.asarray(flat @ directions(flat.shape[1], flat.dtype.str)[:, :-1])


def row_squares(flat: Array) -> Array:
    """Return (n,) float64, the sum of squares of each row of a float array (n, d).

    Of float32 they are right to seven digits.
    """

    def squares(half: slice) -> Array:
        return np.asarray(np.vecdot(flat[half], flat[half]), dtype=np.float64)

    return memoised(
        flat, ("row squares", len(flat)), lambda: np.concatenate(in_two_threads(squares, len(flat), flat.size))
    )


def row_errors(array: Array, ours: Sketch, theirs: Sketch, order: Array | None = None) -> Array:
    """Estimate how far each row of one array is from the same row of another.

    Args:
        array: the array in question, (n, d).
        ours: its sketch.
        theirs: the sketch of what it is compared with, (n, d); its spread is the unit.
        order: for each column of `array`, which column of the other it is; None when
            they correspond as they stand.

    Returns:
        (n,) distances, in units of the spread.
    """
    rows = ours.rows
    if order is not None and not np.array_equal(order, np.arange(len(order))):
        rows = array @ np.ascontiguousarray(directions(array.shape[1], array.dtype.str)[order, :-1])
    return np.asarray(np.linalg.norm(rows - theirs.rows, axis=1) / np.sqrt(_PROJECTIONS) / theirs.spread)


def order_of_columns(ours: Sketch, theirs: Sketch, shape: tuple[int, ...]) -> Array | None:
    """Find the order of features, the same in all rows, that makes one array the other.

    Args:
        ours: the array in question, (n, d).
        theirs: the array it is compared with, (n, d).
        shape: the axes that the d features of `theirs` come from, such as (26, 26, 32): their
            exchanges are tried first.

    Returns:
        (d,) for each column of `ours` the column of `theirs` that it is; None where no order fits.
    """
    features = theirs.columns.shape[1]
    if ours.columns.shape != theirs.columns.shape or not _may_fit(ours, theirs):
        return None
    index = np.arange(features).reshape(shape if int(np.prod(shape)) == features else (features,))
    for axes in itertools.permutations(range(index.ndim)):
        order = index.transpose(axes).reshape(-1)
        if _fits(ours, theirs, order):
            return np.asarray(order)
    order = np.empty(features, dtype=np.intp)
    order[ours.ascending] = theirs.ascending
    return order if _fits(ours, theirs, order) else None


def _may_fit(ours: Sketch, theirs: Sketch) -> bool:
    """Tell from the first projections whether nearly all columns may be the other's, reordered.

    Where they are, the projections in ascending order are nearly the same: each is moved by
    rounding, and by as many places as there are columns that don't fit.
    """
    count = len(ours.firsts)
    reach = int((1 - _MATCHED) * count)
    some = np.linspace(reach, count - 1 - reach, _RANKS).astype(np.intp)
    slack, first = 2 * SAME * theirs.unit * np.sqrt(_PROJECTIONS), ours.firsts[some]
    low, high = theirs.firsts[some - reach] - slack, theirs.firsts[some + reach] + slack
    return bool(np.all((low <= first) & (first <= high)))


def _fits(ours: Sketch, theirs: Sketch, order: Array) -> bool:
    """Tell whether nearly all columns of one array are those of the other in this order.

    A few are compared first.
    """
    some = slice(None, None, max(1, len(order) // _FEW))
    if _columns_differ(ours.columns[:, some], theirs.columns[:, order[some]]).mean() > 1 - _MATCHED / 2:
        return False
    return bool(_columns_differ(ours.columns, theirs.columns[:, order]).mean() < 1 - _MATCHED)


def match_columns(ours: Sketch, theirs: Sketch, share: float) -> bool:
    """Return whether at least `share` of one array's columns occur among another's.

    Both arrays have equally many rows.
    """
    unit = theirs.unit
    some = ours.columns[:, :: max(1, ours.columns.shape[1] // _MATCHES)].T.astype(np.float64)
    lost = 0
    for column in some:
        lost += bool(np.min(np.mean(np.square(theirs.columns.T - column), axis=1)) > (2 * SAME * unit) ** 2)
        if lost >= (1 - share) * len(some):
            return False
    return True


def _columns_differ(ours: Array, theirs: Array) -> Array:
    """Tell for each column whether its projections differ by more than rounding does."""
    return np.asarray(np.sqrt(np.mean(np.square(ours - theirs), axis=0)) > 2 * SAME * _unit(theirs))


def _unit(columns: Array) -> float:
    """Return the spread of columns' projections (8, d); above 0."""
    return float(np.sqrt(np.mean(np.square(columns - columns.mean(axis=1, keepdims=True))))) + 1e-12


def directions(length: int, dtype: str) -> Array:
    """Return (length, 9): eight random directions and, last, the sum; the same in every process.

    Those that are longer than any usual layer are made anew each time: who judges a class would
    keep gigabytes of them.
    """
    return _cached_directions(length, dtype) if length <= _CACHED else _directions(length, dtype)


def _directions(length: int, dtype: str) -> Array:
    """Return what `directions` does, made a part at a time: random numbers come in float64."""
    generator = np.random.default_rng(length)
    made = np.ones((length, _PROJECTIONS + 1), np.dtype(dtype))
    for start in range(0, length, _CACHED):
        part = made[start : start + _CACHED, :-1]
        part[...] = generator.standard_normal(part.shape)
    return made


_cached_directions = functools.lru_cache(maxsize=32)(_directions)
