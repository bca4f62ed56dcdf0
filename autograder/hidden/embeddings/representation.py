"""Representations that an embedding may be a map of, kept as the distances between their rows.

Squared distances in float32 keep the relative precision of the smallest, which inner products do
not, at half their size. Everything else that a comparison asks for is made from them, and the
latest of it is remembered.
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from scipy.linalg import eigh

from autograder.checks.meanings import NEIGHBOURS
from autograder.checks.parallel import in_two_threads
from autograder.checks.sketches import row_squares
from autograder.checks.values import Array

__all__ = [
    "EVERY_PAIR",
    "VARIANTS",
    "Representation",
    "cache_latest",
    "components_of",
    "distances",
    "make_representation",
    "nearest_marks",
    "neighbours",
    "products_of",
    "rows_of",
    "share_of_nearest",
    "some_distances",
    "squared_distances",
]

_ACCURATE = 1000  # features: up to so many, inner products in float64, as class probabilities need them
_BLOCK = 2**22  # numbers of a representation that are worked on at a time
_COMPONENTS = 200
# Ways to see a representation that people use before or in t-SNE. scikit-learn squares
# every metric's distances.
VARIANTS = (
    "euclidean",
    "cosine",
    "unit rows",
    "standardised",
    "50 components",
    "30 components",
    "20 components",
    "10 components",
    "100 components",
)
# Distances as they are, and affinities of all pairs, as `method="exact"` has them; the
# others' end behind the nearest.
EVERY_PAIR = "every pair"


@dataclass(frozen=True, eq=False)
class Representation:
    """A representation that an embedding may be a map of.

    Attributes:
        name: the layer's name, or what else it is.
        squared: (n, n) float32, squared distances between the rows.
        lengths: (n,) the rows' lengths.
        width: d, the number of features.
        values: gives the representation (n, d) again, to standardise it;
            None where that isn't wanted.
        memory: what was computed from it, the latest of each kind; it goes
            when the representation goes.
    """

    name: str
    squared: Array
    lengths: Array
    width: int
    values: Callable[[], Array] | None = None
    memory: dict[str, OrderedDict[Hashable, Any]] = field(default_factory=dict, repr=False)


Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Computes = Callable[Concatenate[Representation, Arguments], Result]


def cache_latest(most: int) -> Callable[[Computes[Arguments, Result]], Computes[Arguments, Result]]:
    """Cache a function's latest `most` results on the representation that they are about.

    A class asks for the same layers' again and again; what one student handed in is
    forgotten with the submission.
    """

    def decorate(compute: Computes[Arguments, Result]) -> Computes[Arguments, Result]:
        """Return the function that looks first whether the result is there."""

        @functools.wraps(compute)
        def look_up(representation: Representation, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            """Return what is remembered of this call, or compute it now."""
            memory = representation.memory.setdefault(compute.__name__, OrderedDict())
            key = (args, tuple(sorted(kwargs.items())))
            if key not in memory:
                memory[key] = compute(representation, *args, **kwargs)
                while len(memory) > most:
                    memory.popitem(last=False)
            memory.move_to_end(key)
            result: Result = memory[key]
            return result

        return look_up

    return decorate


def make_representation(name: str, flat: Array, values: Callable[[], Array] | None = None) -> Representation:
    """Return the record of a representation (n, d).

    Args:
        name: the layer's name, or what else it is.
        flat: the representation; it is not kept.
        values: gives it again, when its standardised form is asked for;
            None where that isn't wanted.
    """
    squared = squared_distances(flat)
    return Representation(name, squared, np.sqrt(row_squares(flat)), flat.shape[1], values)


def rows_of(representation: Representation, name: str, rows: Array, values: Callable[[], Array]) -> Representation:
    """Return the representation of some rows (n,) of another, with repetitions."""
    return Representation(
        name, representation.squared[np.ix_(rows, rows)], representation.lengths[rows], representation.width, values
    )


def squared_distances(flat: Array, *, standardise: bool = False) -> Array:
    """Return the squared distances between rows: float32, from products in float64 where rows are narrow.

    Args:
        flat: (n, d) floats.
        standardise: whether the columns' standard scores are meant.

    Returns:
        (n, n), 0 on the diagonal; not finite where the values are too large.
    """
    kind = np.dtype(np.float64 if flat.shape[1] <= _ACCURATE else np.float32)
    products, *others = in_two_threads(
        lambda half: _products(flat[:, half], kind, standardise=standardise), flat.shape[1], flat.size
    )
    for other in others:
        products += other
    lengths, squared = np.diag(products).copy(), products
    squared *= -2
    squared += lengths[:, np.newaxis]
    squared += lengths
    np.maximum(squared, 0, out=squared)
    np.fill_diagonal(squared, 0)
    return np.asarray(squared, dtype=np.float32)


def _products(flat: Array, kind: np.dtype[Any], *, standardise: bool) -> Array:
    """Return the inner products (n, n) of centred rows, or of their standard scores."""
    products = np.zeros((len(flat), len(flat)), kind)
    for block in _centred_blocks(flat, kind):
        if standardise:
            deviations = np.sqrt(np.einsum("ij,ij->j", block, block) / len(block))
            np.divide(block, np.where(deviations > 0, deviations, 1), out=block)
        products += block @ block.T  # NumPy asks BLAS for one triangle, and lets another thread run meanwhile
    return products


def _centred_blocks(flat: Array, kind: np.dtype[Any]) -> Iterator[Array]:
    """Yield the columns less their means, in blocks of bounded size.

    The means are right to rounding. Each block overwrites the one before it.
    """
    step = max(1, _BLOCK // max(1, len(flat)))
    room = np.empty((len(flat), min(step, flat.shape[1])), kind)
    for start in range(0, flat.shape[1], step):
        part = flat[:, start : start + step]
        block = room if part.shape == room.shape else np.empty(part.shape, kind)
        # Nearly their means will do: distances don't depend on it.
        yield np.subtract(part, np.ones(len(part), part.dtype) @ part / len(part), out=block, dtype=kind)


def distances(representation: Representation, variant: str) -> Array | None:
    """Return (n, n) squared distances as one of `VARIANTS` or `EVERY_PAIR` sees them.

    None where that isn't known.
    """
    if variant in ("euclidean", EVERY_PAIR):
        return representation.squared
    if variant == "standardised":
        return _standardised(representation)
    return _from_distances(representation, variant)


@cache_latest(1)
def _from_distances(representation: Representation, variant: str) -> Array | None:
    """Return the squared distances of a variant that is made from the distances."""
    return some_distances(representation, variant, np.arange(len(representation.squared)))


@cache_latest(1)
def _standardised(representation: Representation) -> Array | None:
    """Return the squared distances of the standard scores."""
    return None if representation.values is None else squared_distances(representation.values(), standardise=True)


def some_distances(representation: Representation, variant: str, rows: Array) -> Array | None:
    """Return some rows (k, n) of what `distances` returns; None where that isn't known."""
    if variant in ("euclidean", EVERY_PAIR, "standardised"):
        whole = distances(representation, variant)
        return None if whole is None else whole[rows]
    if variant.endswith("components"):
        return _in_components(representation, int(variant.split(maxsplit=1)[0]), rows)
    lengths = representation.lengths
    # 1 - cos: exact for small angles too, as 1 less the cosine would not be; a row
    # of zeros is at 1 from all.
    apart = representation.squared[rows] - np.square(lengths[rows, np.newaxis] - lengths).astype(np.float32)
    both = np.outer(lengths[rows], lengths).astype(np.float32)
    apart = np.where(both > 0, np.maximum(apart, 0) / (2 * both + np.float32(1e-30)), np.float32(1))
    apart[np.arange(len(rows)), rows] = 0
    return np.asarray(np.square(apart) if variant == "cosine" else 2 * apart, dtype=np.float32)


def _in_components(representation: Representation, components: int, rows: Array) -> Array:
    """Return squared distances (k, n) in the first principal components."""
    variances, directions = components_of(representation)
    scores = (directions[:, -components:] * np.sqrt(variances[-components:])).astype(np.float32)
    lengths = np.einsum("ij,ij->i", scores, scores)
    apart = scores[rows] @ scores.T
    apart *= -2
    apart += lengths
    apart += lengths[rows, np.newaxis]
    np.maximum(apart, 0, out=apart)
    apart[np.arange(len(rows)), rows] = 0
    return np.asarray(apart)


def products_of(representation: Representation) -> Array:
    """Return the (n, n) inner products of the centred rows (Gower 1966)."""
    squared = representation.squared
    means = squared.mean(axis=1, dtype=np.float64)
    products = squared - means[:, np.newaxis]
    products -= means
    products += means.mean()
    products *= -0.5
    return np.asarray(products)


@cache_latest(1)
def components_of(representation: Representation) -> tuple[Array, Array]:
    """Return the variances (k,) and directions (n, k) of up to 200 principal components.

    The variances ascend; none is 0.
    """
    count = len(representation.squared)
    if representation.values is not None and representation.width <= _COMPONENTS:
        variances, vectors = _narrow_components(representation.values())
    else:
        part = (max(0, count - _COMPONENTS), count - 1)
        variances, vectors = eigh(products_of(representation), subset_by_index=part, driver="evr")
    some = variances > 1e-5 * variances.max()
    return variances[some].astype(np.float32), vectors[:, some].astype(np.float32)


def _narrow_components(flat: Array) -> tuple[Array, Array]:
    """Return the same of rows (n, d) with few features, from those alone."""
    centred = flat - flat.mean(axis=0, dtype=np.float64)
    variances, axes = eigh(centred.T @ centred)
    return variances, centred @ (axes / np.sqrt(np.maximum(variances, 1e-300)))


@cache_latest(2)
def _nearest(representation: Representation, variant: str = "euclidean") -> Array | None:
    """Return (n, 15) the nearest of each row, in no order; None where the variant isn't known."""
    apart = distances(representation, variant)
    return None if apart is None else nearest(apart).astype(np.int16 if len(apart) < 2**15 else np.int32)


def neighbours(representation: Representation, variant: str = "euclidean") -> Array | None:
    """Return (n, n) bool: whether column j is among the 15 nearest of row i.

    None where the variant isn't known.
    """
    columns = _nearest(representation, variant)
    return None if columns is None else _marks(columns)


def share_of_nearest(representation: Representation, variant: str, marks: Array) -> float | None:
    """Return which part of the nearest neighbours are marked (n, n); None where the variant isn't known."""
    columns = _nearest(representation, variant)
    return None if columns is None else float(np.take_along_axis(marks, columns.astype(np.intp), axis=1).mean())


def nearest_marks(apart: Array) -> Array:
    """Return (n, n) bool: the 15 nearest of each row, by distances (n, n)."""
    return _marks(nearest(apart))


def nearest(apart: Array) -> Array:
    """Return (n, 15) the nearest of each row but itself, by distances (n, n)."""
    count = min(NEIGHBOURS, len(apart) - 1)
    alone = apart.astype(np.float32)
    np.fill_diagonal(alone, np.inf)
    return np.asarray(np.argpartition(alone, count - 1, axis=1)[:, :count])


def _marks(columns: Array) -> Array:
    """Return (n, n) bool, True for the columns (n, k) of each row."""
    marks = np.zeros((len(columns), len(columns)), dtype=bool)
    np.put_along_axis(marks, columns.astype(np.intp), values=True, axis=1)
    return marks
