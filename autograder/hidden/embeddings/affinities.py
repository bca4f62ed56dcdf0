"""The affinities that t-SNE tries to keep: each point's neighbours, and how near they are.

The affinities are those of van der Maaten and Hinton (2008), "Visualizing Data using t-SNE",
section 2, kept for the nearest neighbours only as in van der Maaten (2014), "Accelerating t-SNE
using Tree-Based Algorithms", section 4.1, or for every pair, as in the former. Where rows are wide,
a map made by one is far from balance under the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from autograder.checks.parallel import in_two_threads
from autograder.checks.values import Array
from autograder.hidden.embeddings.representation import (
    EVERY_PAIR,
    Representation,
    cache_latest,
    distances,
)

__all__ = ["PERPLEXITY", "Affinities", "affinities", "sharpness", "some_affinities"]

PERPLEXITY = 30.0  # scikit-learn's default, and the assignment's
_REACH = 3  # neighbours in multiples of the perplexity, as scikit-learn keeps them
_FURTHEST = 301  # neighbours whose distances are looked at: for the largest perplexity that is likely
_MAX_AFFINITIES = 8  # affinities a representation, of 0.2 to 2 MB each
_NEWTON_STEPS = 30  # of Newton's method, at most; six usually do
_SHARPEST = 1e30  # precision of a kernel: times any squared distance it is still a float32
_FIRST_ROWS = 25  # rows that a search begins with
_CLOSE = 1e-4  # to the logarithm of the perplexity; scikit-learn's own search ends at 1e-5


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


@dataclass(frozen=True)
class _Kernels:
    """Each point's Gaussian kernel, cut off behind its last neighbour.

    Attributes:
        nearest: (n,) squared distance of the nearest neighbour.
        furthest: (n,) the same of the last neighbour that counts.
        precision: (n,) the exponent's factor.
        total: (n,) the sum of the kernel over the neighbours, where the nearest has 1.
    """

    nearest: Array
    furthest: Array
    precision: Array
    total: Array


@cache_latest(_MAX_AFFINITIES)
def affinities(
    representation: Representation, variant: str = "euclidean", perplexity: float = PERPLEXITY
) -> Affinities | None:
    """Return t-SNE's joint probabilities; None for an unknown variant."""
    apart, kernels = distances(representation, variant), _kernels(representation, variant, perplexity)
    if apart is None or kernels is None:
        return None
    joint = _conditional(apart, kernels)
    np.fill_diagonal(joint, 0)
    joint = np.triu(joint + joint.T, 1)
    rows, columns = np.nonzero(joint > 0)  # of truth values, which is quicker
    weights = joint[rows, columns].astype(np.float64)
    weights /= 2 * weights.sum()
    small = np.int16 if len(joint) < 2**15 else np.int32
    entropy = float(2 * np.sum(weights * np.log(weights + 1e-300)))
    return Affinities(rows.astype(small), columns.astype(small), weights.astype(np.float32), entropy)


def some_affinities(
    representation: Representation, variant: str, perplexity: float, rows: Array, apart: Array
) -> Array | None:
    """Return some rows (k, n) of the joint probabilities; None where the variant isn't known.

    Args:
        representation: the representation.
        variant: one of `VARIANTS`, or `EVERY_PAIR`.
        perplexity: t-SNE's.
        rows: (k,) which rows.
        apart: their distances, as `some_distances` has them.
    """
    kernels = _kernels(representation, variant, perplexity)
    if kernels is None:
        return None
    ours = _Kernels(kernels.nearest[rows], kernels.furthest[rows], kernels.precision[rows], kernels.total[rows])
    joint = _conditional(apart, ours) + _conditional(apart.T, kernels).T
    joint[np.arange(len(rows)), rows] = 0
    joint /= 2 * len(kernels.total)
    return np.asarray(joint)


def _conditional(apart: Array, kernels: _Kernels) -> Array:
    """Return the probabilities (k, n) that rows' kernels give to points at these squared distances (k, n)."""
    conditional = kernels.nearest[:, np.newaxis] - apart
    conditional *= kernels.precision[:, np.newaxis]
    np.minimum(conditional, 0, out=conditional)  # a point itself is nearer than its nearest
    np.exp(conditional, out=conditional)
    conditional *= (1 / kernels.total)[:, np.newaxis]
    conditional *= apart <= kernels.furthest[:, np.newaxis]
    return np.asarray(conditional)


@cache_latest(100)  # 16 kB each
def _kernels(representation: Representation, variant: str, perplexity: float) -> _Kernels | None:
    """Return each point's kernel at the given perplexity; None where the variant isn't known."""
    if variant == EVERY_PAIR:
        return _kernels_of_all(representation, perplexity)
    count = len(representation.squared)
    reach = min(int(_REACH * perplexity) + 1, count - 1)
    smallest = _nearest_distances(representation, variant, max(reach, min(_FURTHEST, count - 1)))
    if smallest is None:
        return None
    near = smallest[:, :reach]
    precision, total = sharpness(near, near[:, 0], min(perplexity, reach / _REACH))
    return _Kernels(near[:, 0].copy(), near[:, -1].copy(), precision, total)


def _kernels_of_all(representation: Representation, perplexity: float) -> _Kernels:
    """Return each point's kernel over all others."""
    count = len(representation.squared)
    # A point itself comes between each two rows of the others.
    others = representation.squared.ravel()[1:].reshape(count - 1, count + 1)[:, :count].reshape(count, count - 1)
    nearest = others.min(axis=1)
    precision, total = sharpness(others, nearest, perplexity)
    return _Kernels(nearest, np.full(count, np.inf, np.float32), precision, total)


def sharpness(near: Array, nearest: Array, perplexity: float) -> tuple[Array, Array]:
    """Return the precisions at which points' kernels have a perplexity.

    See van der Maaten and Hinton 2008, section 2.

    Args:
        near: (n, k) squared distances to others.
        nearest: (n,) the least of each row.
        perplexity: the exponential of the entropy, which is met to a ten-thousandth.

    Returns:
        (n,) the precisions, and (n,) the sums of weights `exp(precision * (nearest - near))`.
    """
    unit = near.mean(axis=1) - nearest + np.float32(1e-35)
    precision, total = _bandwidths((near - nearest[:, np.newaxis]) / unit[:, np.newaxis], perplexity)
    # Where a row's neighbours coincide, the unit is next to nothing: so sharp a kernel is
    # as good as the sharpest.
    return np.minimum(precision / unit.astype(np.float64), _SHARPEST).astype(np.float32), total


@cache_latest(1)
def _nearest_distances(representation: Representation, variant: str, reach: int) -> Array | None:
    """Return (n, reach) each row's smallest squared distances, ascending; None if unknown."""
    apart = distances(representation, variant)
    if apart is None:
        return None
    alone = apart.copy()
    np.fill_diagonal(alone, np.inf)

    def smallest(half: slice) -> Array:
        return np.sort(np.partition(alone[half], reach - 1, axis=1)[:, :reach], axis=1)

    return np.concatenate(in_two_threads(smallest, len(alone), alone.size))


def _bandwidths(near: Array, perplexity: float, start: float | None = None) -> tuple[Array, Array]:
    """Find the precisions at which rows have the given perplexity, by Newton's method within a bracket.

    Args:
        near: (n, k) squared distances, 0 for the nearest and 1 on average.
        perplexity: the exponential of the entropy that each row should have.
        start: the logarithm of a precision to begin with; None to find that of a few rows first,
            which saves all others half of their steps.

    Returns:
        (n,) the precisions and (n,) the sums of the weights.
    """
    count = len(near)
    if start is None:
        few, _ = _bandwidths(near[:: max(count // _FIRST_ROWS, 1)], perplexity, 0.0)
        start = float(np.log(np.median(few)))
    low, high = np.full(count, -12.0, np.float32), np.full(count, 28.0, np.float32)  # log precision
    totals = np.count_nonzero(near == 0, axis=1).astype(np.float32)
    within_reach = totals < perplexity  # so many at the nearest's distance have a larger entropy at any precision
    middle = np.where(within_reach, np.float32(start), high)
    rows = np.flatnonzero(within_reach)  # those that haven't got it yet
    for _ in range(_NEWTON_STEPS):
        missing, slope, totals[rows] = _entropy(near if len(rows) == count else near[rows], middle[rows])
        missing -= np.float32(np.log(perplexity))
        rows, missing, slope = (values[np.abs(missing) > _CLOSE] for values in (rows, missing, slope))
        if not len(rows):
            break
        low[rows], high[rows] = np.where(missing > 0, (middle[rows], high[rows]), (low[rows], middle[rows]))
        step = middle[rows] + missing / np.maximum(slope, 1e-6)
        within = (step > low[rows]) & (step < high[rows])
        middle[rows] = np.where(within, step, (low[rows] + high[rows]) / 2)
    return np.exp(middle), totals


def _entropy(near: Array, logarithms: Array) -> tuple[Array, Array, Array]:
    """Return each row's entropy, its slope, and the sum of its weights.

    The slope is how fast the entropy falls with the logarithm of the precision.
    """
    precisions = np.exp(logarithms)
    weights = np.exp(-precisions[:, np.newaxis] * near)
    totals = weights.sum(axis=1)
    weights *= near
    means = weights.sum(axis=1) / totals
    variances = np.einsum("ij,ij->i", weights, near) / totals - means**2
    # H = log Z + beta E[d], and dH / d log beta = -beta^2 Var[d]
    return np.log(totals) + precisions * means, precisions**2 * variances, totals
