"""The forces in an embedding: t-SNE stops where attraction and repulsion balance at every point.

A finished map is in balance under the affinities that it was made from and under no others, which
tells whose map it is more sharply than any comparison of neighbourhoods. The gradient is that of
van der Maaten and Hinton (2008), equation 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from autograder.checks.values import Array
from autograder.hidden.embeddings.affinities import Affinities

__all__ = [
    "Embedding",
    "clumping",
    "divergence",
    "exaggeration",
    "fit_scale",
    "imbalance",
    "linear_part",
    "map_neighbours",
    "rescale",
    "some_exaggeration",
    "some_imbalance",
    "with_forces",
]

_SCALES = np.exp(np.linspace(np.log(1.0), np.log(400.0), 16))  # of the median distance between two points
_SCALING_STEPS = 8  # towards the scale at which a map is in balance; each halves what is missing, or better
_SAMPLE_POINTS = 200  # points whose forces are looked at first


@dataclass(frozen=True, eq=False)
class Embedding:
    """An embedding with its pairwise terms.

    Attributes:
        points: (n, 2) float64, centred.
        squared: (n, n) float32, squared distances.
        kernel: (n, n) float32, 1 / (1 + squared distance), 0 on the diagonal.
        partition: the sum of the kernel.
        repulsion: (n, 2) the force on each point.
        sample: (k,) some of the points, the same for any map of so many.
    """

    points: Array
    squared: Array
    kernel: Array
    partition: float
    repulsion: Array
    sample: Array


def with_forces(points: Array) -> Embedding:
    """Return the pairwise terms of an embedding (n, 2)."""
    points = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    squared = np.zeros((len(points), len(points)), np.float32)
    for axis in points.astype(np.float32).T:
        apart = axis[:, np.newaxis] - axis
        apart *= apart
        squared += apart
    kernel = squared + 1
    np.reciprocal(kernel, out=kernel)
    np.fill_diagonal(kernel, 0)
    partition = float(kernel.sum(axis=1).sum(dtype=np.float64)) + 1e-300
    pushes = np.square(kernel)
    repulsion = (pushes.sum(axis=1)[:, np.newaxis] * points - pushes @ points.astype(np.float32)) / partition
    sample = np.sort(np.random.default_rng(len(points)).permutation(len(points))[:_SAMPLE_POINTS])
    return Embedding(points, squared, kernel, partition, repulsion, sample)


def attraction(embedding: Embedding, affinities: Affinities) -> Array:
    """Return the force (n, 2) that the affinities put on each point."""
    rows, columns = affinities.rows, affinities.columns
    pulls = affinities.weights * embedding.kernel[rows, columns]
    count = len(embedding.points)
    forces = np.empty((count, 2))
    for axis, places in enumerate(embedding.points.T):
        moves = pulls * (places[rows] - places[columns])
        forces[:, axis] = np.bincount(rows, moves, count) - np.bincount(columns, moves, count)
    return forces


def imbalance(embedding: Embedding, affinities: Affinities) -> float:
    """Return how far a map is from balance: the gradient's size in units of the repulsion."""
    gradient = attraction(embedding, affinities) - embedding.repulsion
    return float(np.linalg.norm(gradient) / (np.linalg.norm(embedding.repulsion) + 1e-300))


def some_imbalance(embedding: Embedding, some: Array) -> float:
    """Return the imbalance of the sample alone, an estimate of that of all points.

    Args:
        embedding: the map.
        some: the sample's rows (k, n) of the affinities, which sum to 1 over all pairs.
    """
    push = embedding.repulsion[embedding.sample]
    return float(np.linalg.norm(_sampled_pull(embedding, some) - push) / (np.linalg.norm(push) + 1e-300))


def _sampled_pull(embedding: Embedding, some: Array) -> Array:
    """Return the force (k, 2) that the affinities (k, n) put on each point of the sample."""
    pulls = some * embedding.kernel[embedding.sample]
    points = embedding.points.astype(np.float32)
    return np.asarray(pulls.sum(axis=1)[:, np.newaxis] * points[embedding.sample] - pulls @ points)


def exaggeration(embedding: Embedding, affinities: Affinities) -> tuple[float, float]:
    """Return the imbalance that the best factor on the attraction leaves, and that factor.

    The first 250 iterations of t-SNE multiply it by 12 (van der Maaten and Hinton 2008, section
    3.4, by 4): a map that was stopped in them is in balance for such a factor.
    """
    pull, push = attraction(embedding, affinities), embedding.repulsion
    factor = float(np.sum(pull * push) / (np.sum(pull**2) + 1e-300))
    return float(np.linalg.norm(factor * pull - push) / (np.linalg.norm(push) + 1e-300)), factor


def some_exaggeration(embedding: Embedding, some: Array) -> tuple[float, float]:
    """Return `exaggeration` for the sample, whose affinities are `some` (k, n)."""
    pull, push = _sampled_pull(embedding, some), embedding.repulsion[embedding.sample]
    factor = float(np.sum(pull * push) / (np.sum(pull**2) + 1e-300))
    return float(np.linalg.norm(factor * pull - push) / (np.linalg.norm(push) + 1e-300)), factor


def linear_part(embedding: Embedding, directions: Array) -> float:
    """Return which part of a map's variance is a linear function of a representation.

    Args:
        embedding: the map.
        directions: (n, k) orthonormal, spanning the representation's centred columns.
    """
    return float(np.sum((directions.T @ embedding.points) ** 2) / (np.sum(embedding.points**2) + 1e-300))


def clumping(embedding: Embedding) -> float:
    """Return how much nearer points lie to their fifth neighbour than at random.

    At random, each point is turned about the centre.

    The logarithm of the ratio, averaged: 0 for noise, about -0.3 and less for a map of anything. It
    needs no rows to correspond, so that it tells a map whose rows were shuffled from noise.
    """
    points = embedding.points / (embedding.points.std(axis=0) + 1e-300)
    random = np.random.default_rng(0)
    angles, radii = random.random(len(points)) * 2 * np.pi, np.linalg.norm(points, axis=1)
    turned = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)
    near = [cKDTree(these).query(these, k=[6])[0][:, 0] for these in (points, turned)]
    return float(np.mean(np.log((near[0] + 1e-6) / (near[1] + 1e-6))))


def map_neighbours(embedding: Embedding, count: int) -> Array:
    """Return (n, n) bool: the `count` nearest of each point in the map."""
    points = embedding.points
    marks = np.zeros(embedding.squared.shape, dtype=bool)
    columns = cKDTree(points).query(points, k=min(count + 1, len(points)))[1]
    np.put_along_axis(marks, columns, values=True, axis=1)
    np.fill_diagonal(marks, val=False)
    return marks


def divergence(embedding: Embedding, affinities: Affinities) -> float:
    """Return the Kullback-Leibler divergence at the map's best scale, of sixteen."""
    some = embedding.squared[embedding.sample]
    unit = float(np.median(some)) + 1e-300
    pairs = len(embedding.points) * (len(embedding.points) - 1) / (len(some) * (some.shape[1] - 1))
    own = embedding.squared[affinities.rows, affinities.columns] / np.float32(unit)
    costs = []
    for scale in _SCALES:
        total = np.sum(1 / (1 + np.float32(scale**2 / unit) * some), dtype=np.float64) - len(some)
        cost = 2 * float(affinities.weights @ np.log(1 + np.float32(scale**2) * own))
        costs.append(affinities.entropy + cost + float(np.log(pairs * total)))
    return min(costs)


def fit_scale(embedding: Embedding, some: Array, near: Array | None = None) -> tuple[float, Array]:
    """Find the scale, of each axis, at which the affinities would hold the sample.

    Args:
        embedding: the map.
        some: the sample's rows (k, n) of the affinities.
        near: (2,) factors that are near the right ones; None to look for them.

    Returns:
        The sample's imbalance at that scale, and (2,) factors to the map's coordinates.
    """
    here, points = embedding.points[embedding.sample], embedding.points
    unit = float(np.sqrt(np.mean(points**2))) + 1e-300
    squares = [np.square(((here[:, a : a + 1] - points[:, a]) / unit).astype(np.float32)) for a in (0, 1)]
    share = len(here) / len(points)
    if near is None:
        factors = np.full(2, _first_scale((squares[0] + squares[1])[::2], some[::2], share / 2))
    else:
        factors = near * unit
    for _ in range(2 * _SCALING_STEPS):
        kernel = 1 / (1 + np.float32(factors[0] ** 2) * squares[0] + np.float32(factors[1] ** 2) * squares[1])
        pulls = some * kernel
        pushes = np.square(kernel) * np.float32(share / (kernel.sum(dtype=np.float64) - len(here)))
        virials = [(float(np.vdot(pulls, square)), float(np.vdot(pushes, square))) for square in squares]
        step = np.sqrt(np.clip([push / max(pull, 1e-30) for pull, push in virials], 0.25, 4))
        factors = factors * step
        if np.abs(step - 1).max() < 0.005:
            break
    whole = (points * (factors / unit)).astype(np.float32)
    pull, push = (w.sum(axis=1)[:, np.newaxis] * whole[embedding.sample] - w @ whole for w in (pulls, pushes))
    return float(np.linalg.norm(pull - push) / (np.linalg.norm(push) + 1e-300)), factors / unit


def _first_scale(squared: Array, some: Array, share: float) -> float:
    """Return the best of sixteen scales by the Kullback-Leibler divergence, as far as the sample tells."""
    pairs = some > 0
    weights, own = some[pairs] / share, squared[pairs]
    unit: float = float(np.median(squared)) + 1e-30
    costs = []
    for scale in _SCALES:
        factor = np.float32(scale**2 / unit)
        total = np.sum(1 / (1 + factor * squared), dtype=np.float64) - len(squared)
        costs.append(float(weights @ np.log(1 + factor * own)) + float(np.log(total / share)))
    return float(_SCALES[int(np.argmin(costs))] / np.sqrt(unit))


def rescale(embedding: Embedding, affinities: Affinities, factors: Array) -> Embedding:
    """Return the map at the scale, of each axis, at which the affinities would hold it.

    At balance the forces' virial is 0 along each axis: an axis on which
    attraction wins is too long.

    Args:
        embedding: the map.
        affinities: what is to hold it.
        factors: (2,) factors to the coordinates that are near the right ones.
    """
    points = embedding.points * factors
    return with_forces(points * _to_balance(points.astype(np.float32), affinities))


def _to_balance(points: Array, affinities: Affinities) -> Array:
    """Return (2,) factors that bring the forces' virial along each axis to 0, or near it.

    The points are float32 (n, 2).
    """
    squares = [np.square(axis[:, np.newaxis] - axis) for axis in points.T]
    own = [square[affinities.rows, affinities.columns] for square in squares]
    factors = np.ones(2)
    for _ in range(_SCALING_STEPS):
        across, along = (factors**2).astype(np.float32)
        kernel = 1 / (1 + across * squares[0] + along * squares[1])
        partition = kernel.sum(dtype=np.float64) - len(points)
        pulls, pushes = affinities.weights / (1 + across * own[0] + along * own[1]), np.square(kernel)
        pull = np.array([float(pulls @ square) for square in own])
        push = np.array([float(np.vdot(pushes, square)) for square in squares]) / (2 * partition)
        step = np.sqrt(np.clip(push / np.maximum(pull, 1e-300), 0.25, 4))
        if np.abs(step - 1).max() < 0.005:
            break
        factors = factors * step
    return factors
