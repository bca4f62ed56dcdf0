"""What a map shows of its classes: who lies among whom, and which groups lie beside each other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .memo import Array

__all__ = ["Border", "borders", "own_share"]

_OWN = 0.5  # of a point's neighbours: with fewer of its own class it is no part of the group's body
_STRAYS = 0.02  # of a group's points, at each of its ends, that are left out where its size and its gaps are measured


@dataclass(frozen=True)
class Border:
    """How two classes lie to each other in a map.

    Attributes:
        contacts: how many points of either class have one of the other among their neighbours.
        mixing: the same for the class that has fewer such points, as a share of the smaller class: a single stray, whatever
            its neighbours, is one point.
        gap: the distance between the bodies of their groups, in lengths of the smaller one; infinite where a class has
            no body.
        distance: the same in the map's own units.
        middles: the distance between the medians of all their points, in these units.
    """

    contacts: int
    mixing: float
    gap: float
    distance: float
    middles: float


def own_share(points: Array, labels: Array, neighbours: int) -> Array:
    """Return which part of each point's nearest neighbours has its own label.

    Args:
        points: a map, (n, 2).
        labels: of its points, (n,).
        neighbours: how many are looked at; where there are fewer points, all others.

    Returns:
        Shares from 0 to 1, (n,).
    """
    return np.asarray((labels[_nearest(points, neighbours)] == labels[:, None]).mean(axis=1), dtype=np.float64)


def borders(points: Array, labels: Array, neighbours: int = 10) -> dict[tuple[int, int], Border]:
    """Return how each two classes lie to each other.

    Args:
        points: a map, (n, 2).
        labels: of its points, whole numbers, (n,).
        neighbours: of each point that are looked at.

    Returns:
        For each pair of labels, the smaller one first, what the map shows.
    """
    from scipy.spatial import cKDTree

    near, classes = labels[_nearest(points, neighbours)], np.unique(labels).tolist()
    body = own_share(points, labels, max(1, neighbours // 2)) >= _OWN
    groups = {label: points[body & (labels == label)] for label in classes}
    trees = {label: cKDTree(group) for label, group in groups.items() if len(group) > 1}
    lengths = {label: _length(groups[label]) for label in trees}
    found = {}
    for place, one in enumerate(classes):
        for other in classes[place + 1 :]:
            touching = [int((near[labels == a] == b).any(axis=1).sum()) for a, b in ((one, other), (other, one))]
            distance, length = float("inf"), 1.0
            if one in trees and other in trees:
                distance = float(np.quantile(trees[other].query(groups[one])[0], _STRAYS))
                length = max(min(lengths[one], lengths[other]), 1e-30)
            middles = float(
                np.linalg.norm(np.subtract(*(np.median(points[labels == a], axis=0) for a in (one, other))))
            )
            smaller = min(np.sum(labels == one), np.sum(labels == other))
            found[one, other] = Border(
                sum(touching), min(touching) / float(smaller), distance / length, distance, middles
            )
    return found


def _nearest(points: Array, neighbours: int) -> Array:
    """Return each point's nearest others, (n, neighbours)."""
    from scipy.spatial import cKDTree  # here: who only checks shapes needs no SciPy

    count = min(neighbours, len(points) - 1)
    found = cKDTree(points).query(points, count + 1)[1].reshape(len(points), -1)
    own = found == np.arange(len(points))[:, None]
    own[~own.any(axis=1), -1] = True  # of points that lie on one spot, one may miss itself
    return np.asarray(found[~own].reshape(len(points), count))


def _length(group: Array) -> float:
    """Return how far a group reaches in its longest direction, without its outermost points."""
    centred = group - group.mean(axis=0)
    along = centred @ np.linalg.svd(centred, full_matrices=False)[2][0]
    low, high = np.quantile(along, [_STRAYS, 1 - _STRAYS])
    return float(high - low)
