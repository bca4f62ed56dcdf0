"""Find what a map shows wrongly: images, or other examples, that lie among those of another class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from autograder.checks.meanings import NEIGHBOURS
from autograder.model import StudentMap

__all__ = ["MapMistake", "find_mistakes"]


@dataclass(frozen=True)
class MapMistake:
    """An image that lies among images of another class.

    Attributes:
        image: its index.
        label: what it shows.
        among: what more of its nearest neighbours show than its own class: most of those that have a label at all.
    """

    image: int
    label: str
    among: str


def find_mistakes(student_map: StudentMap, labels: Sequence[str]) -> tuple[MapMistake, ...]:
    """Return the images with more than half of their 15 nearest neighbours in the map of one other class.

    Args:
        student_map: a map of n images.
        labels: (n,) or longer: what each image shows.
    """
    count = min(len(student_map.points), len(labels))
    if count < 2:
        return ()
    classes, numbers = np.unique(np.asarray(labels[:count]), return_inverse=True)
    points = np.asarray(student_map.points[:count], np.float64)
    near = min(NEIGHBOURS, count - 1)
    _, nearest = cKDTree(points).query(points, k=near + 1)
    # A point is its own nearest neighbour, or any of the first where others lie at its place.
    own = nearest == np.arange(count)[:, np.newaxis]
    own[~own.any(axis=1), -1] = True
    others = numbers[nearest[~own].reshape(count, near)]
    votes = (others[:, :, np.newaxis] == np.arange(len(classes))).sum(axis=1)
    most = votes.argmax(axis=1)
    wrong = np.flatnonzero((most != numbers) & (2 * votes.max(axis=1) > near))
    return tuple(MapMistake(int(i), str(classes[numbers[i]]), str(classes[most[i]])) for i in wrong)
