"""A plot that was right when it was drawn stays right when the rows of its map are moved afterwards."""

import numpy as np
import pytest

from autograder.checks.read_plot import PlotData
from autograder.hidden.embeddings.representation import squared_distances
from autograder.hidden.excused_plot import was_right_before

RANDOM = np.random.default_rng(0)
COUNT = 300
LABELS = RANDOM.integers(0, 10, COUNT)
MAP = RANDOM.normal(size=(COUNT, 2)) * 10
SQUARED = squared_distances(np.column_stack([MAP, RANDOM.normal(size=(COUNT, 5))]))
SHUFFLED = RANDOM.permutation(MAP)
BY_LABEL = np.argsort(LABELS, kind="stable")
FIRST_BY_LABEL = BY_LABEL[BY_LABEL < 200]


def _drawn(rows, labels):
    return PlotData(MAP[rows] / 7 + 1, tuple(str(label) for label in labels))


@pytest.mark.parametrize("rows", [np.arange(COUNT), np.arange(200), np.arange(100, COUNT), BY_LABEL, FIRST_BY_LABEL])
def test_it_was_right(rows):
    """Row by row or label by label, as most plots are drawn."""
    assert was_right_before(_drawn(rows, LABELS[rows]), SHUFFLED, LABELS, SQUARED)


@pytest.mark.parametrize(
    "labels", [np.roll(LABELS, 1), (LABELS + 1) % 10, np.zeros(COUNT, int), RANDOM.permutation(LABELS)]
)
def test_wrong_labels_were_wrong_before(labels):
    """Whatever came of the map."""
    assert not was_right_before(_drawn(np.arange(COUNT), labels), SHUFFLED, LABELS, SQUARED)


def test_rows_that_stay_are_judged_as_they_are():
    """Labels of other rows are the plot's own mistake; so are points of other rows."""
    rows = np.roll(np.arange(COUNT), 1)
    assert not was_right_before(_drawn(rows, LABELS), MAP, LABELS, SQUARED)
    assert not was_right_before(_drawn(rows, LABELS), SHUFFLED, LABELS, SQUARED)
    assert not was_right_before(_drawn(np.arange(COUNT), LABELS), MAP[:50], LABELS, SQUARED)
