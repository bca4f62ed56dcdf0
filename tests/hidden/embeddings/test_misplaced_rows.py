"""Single rows that lie where nothing put them are noticed, whatever the map as a whole looks like."""

import numpy as np
import pytest

from autograder.hidden.embeddings.misplaced_rows import find_misplaced
from autograder.hidden.embeddings.representation import make_representation

RANDOM = np.random.default_rng(0)
LABELS = np.arange(600) % 4
VALUES = (np.eye(4)[LABELS] * 20 + RANDOM.normal(size=(600, 4))).astype("f4")
VALUES[:8] = VALUES[1:9] + 0.01  # strays: images like the next class's
OWN = make_representation("own", VALUES)
MAP = VALUES @ [[1, 0], [0, 1], [-1, 0.3], [0.2, -1]]


def _swapped(count):
    points, rows = MAP.copy(), RANDOM.permutation(600)[:count]
    points[rows] = MAP[np.roll(rows, 1)]
    return points


def _sorted(part):
    points, centres = MAP.copy(), np.array([MAP[label == LABELS].mean(axis=0) for label in range(4)])
    strays = np.arange(part)
    points[strays] = centres[LABELS[strays]]
    return points


@pytest.mark.parametrize("points", [MAP, _swapped(5), _sorted(3)])
def test_what_a_right_map_does_to_single_rows(points):
    """A few rows may lie anywhere, and a stray may find its way home."""
    assert find_misplaced(points, OWN, LABELS) is None


def test_rows_that_keep_no_neighbour():
    """Rows that were swapped, or drawn at random, are counted."""
    found = find_misplaced(_swapped(60), OWN, LABELS)
    assert found.kind == "not_tsne"
    assert "images keep none of their nearest neighbours" in found.note
    noise = np.vstack([MAP[:560], RANDOM.normal(0, 20, (40, 2))])
    assert find_misplaced(noise, OWN, LABELS).kind == "not_tsne"


def test_strays_that_were_sorted_by_their_labels():
    """Images whose values are another class's lie among these; who knows the labels can put them where they belong."""
    found = find_misplaced(_sorted(8), OWN, LABELS)
    assert found.kind == "not_tsne"
    assert "as if their labels had a part in it" in found.note
    assert find_misplaced(_sorted(8), OWN, LABELS[:500]) is None
