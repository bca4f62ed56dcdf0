"""What t-SNE tries to keep of a representation: each point's neighbours, and how near they are.

The affinities are those of van der Maaten and Hinton (2008), "Visualizing Data using t-SNE", section 2, kept for the
nearest neighbours only as in van der Maaten (2014), "Accelerating t-SNE using Tree-Based Algorithms", section 4.1.
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar

import numpy as np
from scipy.linalg import blas, eigh

from .values import Array

__all__ = [
    "NEIGHBOURS",
    "PERPLEXITY",
    "VARIANTS",
    "Affinities",
    "Source",
    "affinities",
    "components_of",
    "distances",
    "make_source",
    "nearest_marks",
    "neighbours",
    "trust",
]

PERPLEXITY = 30.0  # scikit-learn's default, and the assignment's
NEIGHBOURS = 15
_REACH = 3  # neighbours in multiples of the perplexity, as scikit-learn keeps them
_MOST_REMEMBERED = 30  # results a source, of 0.5 to 2 MB each
_ACCURATE = 1000  # features: up to so many, inner products in float64, as class probabilities need them
# Ways to see a representation that people use before or in t-SNE. scikit-learn squares every metric's distances.
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


@dataclass(frozen=True)
class Affinities:
    """Joint probabilities of neighbourhood among n points, for the pairs that have any.

    Attributes:
        rows: (m,) one end of each pair.
        columns: (m,) the other end; each pair is kept once.
        weights: (m,) its probability in one direction; they sum to 1/2.
        entropy: sum of p log p over ordered pairs.
    """

    rows: Array
    columns: Array
    weights: Array
    entropy: float


@dataclass(frozen=True, eq=False)
class Source:
    """A representation that an embedding may be a map of.

    Attributes:
        name: the layer's name, or what else it is.
        gram: (n, n) inner products of the centred rows.
        lengths: (n,) inner products of the rows with their mean, for those of the rows as they are.
        scores: (n, n) inner products of the standardised rows; None where they weren't kept.
        memory: what was computed from it, the latest only; it goes when the source goes.
    """

    name: str
    gram: Array
    lengths: Array
    scores: Array | None = None
    memory: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict, repr=False)


Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def _remembered(
    compute: Callable[Concatenate[Source, Arguments], Result],
) -> Callable[Concatenate[Source, Arguments], Result]:
    """Keep a function's latest results with the source that they are about.

    A class asks for the same layers' again and again; what one student handed in is forgotten with the submission.
    """

    @functools.wraps(compute)
    def ask(source: Source, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        """Return what is remembered of this call, or compute it now."""
        key = (compute.__name__, args, tuple(sorted(kwargs.items())))
        if key not in source.memory:
            source.memory[key] = compute(source, *args, **kwargs)
            while len(source.memory) > _MOST_REMEMBERED:
                source.memory.popitem(last=False)
        source.memory.move_to_end(key)
        result: Result = source.memory[key]
        return result

    return ask


def make_source(name: str, flat: Array, *, standardise: bool = False) -> Source:
    """Return the inner products of a representation (n, d); with `standardise`, of its standard scores too."""
    means = flat.mean(axis=0, dtype=np.float64)
    kind = np.dtype(np.float64 if flat.shape[1] <= _ACCURATE else np.float32)
    centred: Array = flat.astype(kind)
    centred -= means.astype(kind)
    lengths = centred @ means.astype(kind) + 0.5 * float(means @ means)
    gram = _inner_products(centred)
    scores = None
    if standardise:
        deviations = np.sqrt(np.einsum("ij,ij->j", centred, centred) / len(centred))
        centred /= np.where(deviations > 0, deviations, 1)
        scores = _inner_products(centred)
    return Source(name, gram, lengths.astype(np.float64), scores)


def _inner_products(rows: Array) -> Array:
    """Return the (n, n) inner products of rows; by the symmetric routine, at half the work."""
    multiply = blas.dsyrk if rows.dtype == np.float64 else blas.ssyrk
    upper = multiply(1.0, rows.T, trans=1)
    return np.asarray(upper + np.triu(upper, 1).T)


@functools.lru_cache(maxsize=2)  # 8 MB each
def distances(source: Source, variant: str) -> Array | None:
    """Return (n, n) squared distances as one of `VARIANTS` sees them; None where that isn't known."""
    if variant == "standardised":
        return None if source.scores is None else _from_products(source.scores)
    if variant == "euclidean":
        return _from_products(source.gram)
    if variant.endswith("components"):
        return _from_products(_leading(source, int(variant.split(maxsplit=1)[0])))
    products = source.gram + source.lengths[:, np.newaxis] + source.lengths
    lengths = np.sqrt(np.maximum(np.diag(products), 1e-12))
    apart = np.maximum(1 - products / np.outer(lengths, lengths), 0)
    np.fill_diagonal(apart, 0)
    return np.asarray(apart**2 if variant == "cosine" else 2 * apart)


def _from_products(gram: Array) -> Array:
    """Return squared Euclidean distances from inner products."""
    square = np.diag(gram)
    apart = np.maximum(square[:, np.newaxis] + square[np.newaxis, :] - 2 * gram, 0)
    np.fill_diagonal(apart, 0)
    return np.asarray(apart)


def _leading(source: Source, components: int) -> Array:
    """Return the inner products of the first principal components."""
    values, vectors = components_of(source)
    scores = vectors[:, -components:] * np.sqrt(values[-components:])
    return np.asarray(scores @ scores.T)


@_remembered
def components_of(source: Source) -> tuple[Array, Array]:
    """Return the variances (k,) and directions (n, k) of up to 200 principal components, ascending; none that is 0."""
    count = len(source.gram)
    values, vectors = eigh(source.gram, subset_by_index=(max(0, count - 200), count - 1), driver="evr")
    some = values > 1e-5 * values.max()
    return values[some], vectors[:, some]


@_remembered
def affinities(source: Source, variant: str = "euclidean", perplexity: float = PERPLEXITY) -> Affinities | None:
    """Return the joint probabilities that t-SNE would start from; None where the variant isn't known."""
    apart = distances(source, variant)
    if apart is None:
        return None
    count = len(apart)
    reach = min(int(_REACH * perplexity) + 1, count - 1)
    nearest = np.argpartition(apart + _no_self(count), reach - 1, axis=1)[:, :reach]
    near = np.take_along_axis(apart, nearest, axis=1).astype(np.float64)
    conditional = _conditional(near, min(perplexity, reach / _REACH))
    joint = np.zeros((count, count))
    np.put_along_axis(joint, nearest, conditional, axis=1)
    joint = np.triu(joint + joint.T, 1)
    rows, columns = np.nonzero(joint)
    weights = joint[rows, columns]
    weights /= 2 * weights.sum()
    small = np.int16 if count < 2**15 else np.int32
    return Affinities(
        rows.astype(small), columns.astype(small), weights, float(2 * np.sum(weights * np.log(weights + 1e-300)))
    )


@_remembered
def neighbours(source: Source, variant: str = "euclidean") -> Array | None:
    """Return (n, n) bool, True where column j is among the 15 nearest of row i; None where the variant isn't known."""
    apart = distances(source, variant)
    return None if apart is None else nearest_marks(apart)


def nearest_marks(apart: Array) -> Array:
    """Return (n, n) bool: the 15 nearest of each row, by distances (n, n)."""
    count = min(NEIGHBOURS, len(apart) - 1)
    marks = np.zeros(apart.shape, dtype=bool)
    np.put_along_axis(marks, np.argpartition(apart + _no_self(len(apart)), count - 1, axis=1)[:, :count], True, axis=1)
    return marks


def trust(here: Array, there: Array) -> float:
    """Return the trustworthiness of neighbourhoods `there` as seen from `here` (Venna and Kaski 2001, equation 1).

    With distances (n, n) in a representation and in its map it is the map's trustworthiness; exchanged, its continuity.
    """
    count, reach = len(here), min(NEIGHBOURS, len(here) // 2 - 1)
    ranks = np.argsort(np.argsort(here + _no_self(count), axis=1), axis=1) + 1
    intruders = np.maximum(ranks[nearest_marks(there)].reshape(count, -1)[:, :] - reach, 0)
    return float(1 - 2 * intruders.sum() / (count * reach * (2 * count - 3 * reach - 1)))


@functools.lru_cache(maxsize=4)
def _no_self(count: int) -> Array:
    """Return what to add to distances so that no point is its own neighbour."""
    return np.diag(np.full(count, np.inf, dtype=np.float32))


def _conditional(near: Array, perplexity: float) -> Array:
    """Return each row's neighbour probabilities (n, k) at the given perplexity, by bisection on the precision."""
    near = near - near.min(axis=1, keepdims=True)
    near /= near.mean(axis=1, keepdims=True) + 1e-300
    low, high = np.full((len(near), 1), -12.0), np.full((len(near), 1), 28.0)  # log precision
    for _ in range(28):
        middle = (low + high) / 2
        weights = np.exp(-np.exp(middle) * near)
        total = weights.sum(axis=1, keepdims=True)
        # H = log Z + beta E[d], in one pass over the weights
        entropy = np.log(total) + np.exp(middle) * np.einsum("ij,ij->i", weights, near)[:, np.newaxis] / total
        wide = entropy > np.log(perplexity)
        low, high = np.where(wide, middle, low), np.where(wide, high, middle)
    return np.asarray(weights / total)
