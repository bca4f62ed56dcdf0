"""The forces in an embedding: t-SNE stops where attraction and repulsion balance at every point.

A finished map is in balance under the affinities that it was made from and under no others, which tells whose map it is
more sharply than any comparison of neighbourhoods. The gradient is that of van der Maaten and Hinton (2008), equation 5.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from .affinities import Affinities
from .values import Array

__all__ = ["Layout", "clumping", "divergence", "exaggeration", "imbalance", "lay_out", "linear_part", "rescale"]

_SCALES = np.exp(np.linspace(np.log(1.0), np.log(400.0), 16))  # of the median distance between two points
_STEPS = 8  # towards the scale at which a map is in balance; each halves what is missing, or better


@dataclass(frozen=True, eq=False)
class Layout:
    """An embedding with its pairwise terms.

    Attributes:
        points: (n, 2) float64, centred.
        squared: (n, n) squared distances.
        kernel: (n, n) 1 / (1 + squared distance), 0 on the diagonal.
        partition: the sum of the kernel.
        repulsion: (n, 2) the force on each point.
    """

    points: Array
    squared: Array
    kernel: Array
    partition: float
    repulsion: Array


def lay_out(points: Array) -> Layout:
    """Return the pairwise terms of an embedding (n, 2)."""
    points = points.astype(np.float64) - points.mean(axis=0, dtype=np.float64)
    norms = np.sum(points**2, axis=1)
    squared = np.maximum(norms[:, np.newaxis] + norms - 2 * points @ points.T, 0)
    np.fill_diagonal(squared, 0)
    kernel = 1 / (1 + squared)
    np.fill_diagonal(kernel, 0)
    partition = float(kernel.sum())
    pushes = kernel**2
    repulsion = (pushes.sum(axis=1)[:, np.newaxis] * points - pushes @ points) / partition
    return Layout(points, squared, kernel, partition, repulsion)


def attraction(layout: Layout, affinities: Affinities) -> Array:
    """Return the force (n, 2) that the affinities put on each point."""
    rows, columns = affinities.rows, affinities.columns
    pulls = affinities.weights * layout.kernel[rows, columns]
    moves = pulls[:, np.newaxis] * (layout.points[rows] - layout.points[columns])
    count = len(layout.points)
    return np.stack(
        [np.bincount(rows, moves[:, axis], count) - np.bincount(columns, moves[:, axis], count) for axis in (0, 1)],
        axis=1,
    )


def imbalance(layout: Layout, affinities: Affinities) -> float:
    """Return how far a map is from balance: the size of the gradient in units of the repulsion; 0 is balance."""
    gradient = attraction(layout, affinities) - layout.repulsion
    return float(np.linalg.norm(gradient) / (np.linalg.norm(layout.repulsion) + 1e-300))


def exaggeration(layout: Layout, affinities: Affinities) -> tuple[float, float]:
    """Return what is left of the imbalance when attraction is multiplied by the best factor, and that factor.

    The first 250 iterations of t-SNE multiply it by 12 (van der Maaten and Hinton 2008, section 3.4, by 4): a map that
    was stopped in them is in balance for such a factor.
    """
    pull, push = attraction(layout, affinities), layout.repulsion
    factor = float(np.sum(pull * push) / (np.sum(pull**2) + 1e-300))
    return float(np.linalg.norm(factor * pull - push) / (np.linalg.norm(push) + 1e-300)), factor


def linear_part(layout: Layout, directions: Array) -> float:
    """Return which part of a map's variance is a linear function of a representation.

    Args:
        layout: the map.
        directions: (n, k) orthonormal, spanning the representation's centred columns.
    """
    return float(np.sum((directions.T @ layout.points) ** 2) / (np.sum(layout.points**2) + 1e-300))


def clumping(layout: Layout) -> float:
    """Return how much nearer points lie to their fifth neighbour than if each were turned about the centre at random.

    The logarithm of the ratio, averaged: 0 for noise, about -0.3 and less for a map of anything. It needs no rows to
    correspond, so that it tells a map whose rows were shuffled from noise.
    """
    points = layout.points / (layout.points.std(axis=0) + 1e-300)
    random = np.random.default_rng(0)
    angles, radii = random.random(len(points)) * 2 * np.pi, np.linalg.norm(points, axis=1)
    turned = np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)
    near = [np.partition(lay_out(these).squared, 5, axis=1)[:, 5] for these in (points, turned)]
    return float(np.mean(np.log((near[0] + 1e-12) / (near[1] + 1e-12))) / 2)


def divergence(layout: Layout, affinities: Affinities) -> tuple[float, float]:
    """Return the Kullback-Leibler divergence at the map's best scale, and that scale.

    The scale is a factor to the map's coordinates, the best of sixteen.
    """
    unit, partitions = _partitions(layout)
    own = layout.squared[affinities.rows, affinities.columns] / unit
    results = []
    for scale, partition in zip(_SCALES, partitions, strict=True):
        cost = 2 * float(affinities.weights @ np.log1p(scale**2 * own)) + partition
        results.append((affinities.entropy + cost, float(scale) / unit**0.5))
    return min(results)


@functools.lru_cache(maxsize=1)
def _partitions(layout: Layout) -> tuple[float, list[float]]:
    """Return the median squared distance and, for each scale, the logarithm of the partition function."""
    pairs = layout.squared[np.triu_indices(len(layout.squared), 1)].astype(np.float32)
    unit = float(np.median(pairs)) + 1e-300
    return unit, [float(np.log(2 * np.sum(1 / (1 + scale**2 / unit * pairs), dtype=np.float64))) for scale in _SCALES]


def rescale(layout: Layout, affinities: Affinities) -> Layout:
    """Return the map at the scale, of each axis, at which the affinities would hold it.

    At balance the forces' virial is 0 along each axis: an axis on which attraction wins is too long.
    """
    layout = lay_out(layout.points * divergence(layout, affinities)[1])
    for _ in range(_STEPS):
        pull = np.sum(attraction(layout, affinities) * layout.points, axis=0)
        push = np.sum(layout.repulsion * layout.points, axis=0)
        factor = np.sqrt(np.clip(push / np.maximum(pull, 1e-300), 0.25, 4))
        if np.abs(factor - 1).max() < 0.005:
            break
        layout = lay_out(layout.points * factor)
    return layout
