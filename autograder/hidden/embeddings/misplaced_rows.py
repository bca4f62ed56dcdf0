"""Notice rows of a map that lie where nothing of a representation put them: swapped, drawn at random, moved by labels.

A map is judged by its forces as a whole, which a few rows hardly change. So each row is looked at alone, and what a right
map does to single rows, whatever it was made with, is left room for.
"""

from __future__ import annotations

import numpy as np

from autograder.checks.meanings import Diagnosis
from autograder.checks.values import Array
from autograder.hidden.embeddings.representation import Representation, nearest_marks, neighbours, squared_distances
from autograder.hidden.findings import MapFinding

__all__ = ["find_misplaced"]

# Part of the rows that keep none of their 15 neighbours, seen in two ways: right maps of the zoo
# have 0.008 at most, 100 rows of noise among 1000 make 0.08, 50 that were exchanged 0.05.
LOST = 0.02
FEWEST_LOST = 10
# Part of a row's neighbours that have its label: a stray has fewer among its values, and lies
# among its own with more.
STRAY, OWN = 0.2, 0.5
# Part of the strays that lie among their own: right maps of the zoo have 0.05 at most.
SORTED = 0.4
FEWEST_SORTED = 3


def find_misplaced(points: Array, representation: Representation, labels: Array) -> MapFinding | None:
    """Return what is wrong with single rows of a map that is right as a whole; None where nothing is.

    Args:
        points: (n, 2).
        representation: what it is a map of.
        labels: (n,) of the images; fewer where they aren't known.
    """
    seen = [near for variant in ("euclidean", "unit rows") if (near := neighbours(representation, variant)) is not None]
    if not seen:
        return None
    marks = nearest_marks(squared_distances(points))
    lost = int((np.max([(marks & near).sum(axis=1) for near in seen], axis=0) == 0).sum())
    if lost >= max(FEWEST_LOST, LOST * len(points)):
        words = f"{lost} images keep none of their nearest neighbours"
        return MapFinding(Diagnosis.NOT_TSNE, representation.name, words)
    if len(labels) != len(points):
        return None
    same = labels[:, np.newaxis] == labels
    count = marks.sum(axis=1)
    strays = np.max([(near & same).sum(axis=1) for near in seen], axis=0) < STRAY * count
    among_own = strays & ((marks & same).sum(axis=1) > OWN * count)
    if among_own.sum() >= max(FEWEST_SORTED, SORTED * strays.sum()):
        words = (
            f"{among_own.sum()} of the {strays.sum()} images whose values are like another class's lie among their own, as if "
            "their labels had a part in it"
        )
        return MapFinding(Diagnosis.NOT_TSNE, representation.name, words)
    return None
