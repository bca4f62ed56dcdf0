"""Shares of neighbours and borders of groups are what a reader of the map would say."""

import numpy as np
import pytest

from autograder.checks.map_geometry import borders, own_share


def _groups(*middles, size=40, seed=0):
    """Return points (n, 2) around middles, and their labels."""
    random = np.random.default_rng(seed)
    points = np.concatenate([random.normal(middle, 1.0, (size, 2)) for middle in middles])
    return points, np.repeat(np.arange(len(middles)), size)


def test_a_point_among_others_has_no_neighbours_of_its_own():
    """One of group 0 is put into group 1: its share is 0, and everybody else's nearly 1."""
    points, labels = _groups((0, 0), (30, 0))
    points[7] = points[45] + 0.01
    shares = own_share(points, labels, 10)
    assert shares[7] == 0
    assert np.delete(shares, 7).min() > 0.8


def test_fewer_points_than_neighbours():
    """A map of three points has two neighbours each, and none is its own."""
    shares = own_share(np.array([[0.0, 0], [1, 0], [2, 0]]), np.array([1, 1, 2]), 10)
    assert shares.tolist() == [0.5, 0.5, 0]


def test_points_on_one_spot_are_not_their_own_neighbours():
    """Equal points are each other's neighbours, whatever order they are found in."""
    shares = own_share(np.zeros((20, 2)), np.arange(20), 5)
    assert shares.tolist() == [0] * 20


@pytest.mark.parametrize(
    ("middle", "touches", "near"), [((3.5, 0), True, True), ((6.5, 0), False, True), ((60, 0), False, False)]
)
def test_borders_are_told_by_contacts_and_gaps(middle, touches, near):
    """Groups that run into each other, lie side by side, and far apart."""
    points, labels = _groups((0, 0), middle)
    border = borders(points, labels)[0, 1]
    assert (border.contacts > 3) == touches
    assert (border.gap < 1) == near


def test_a_map_may_be_moved_scaled_and_turned():
    """What is told doesn't depend on the axes."""
    points, labels = _groups((0, 0), (4, 0), (9, 9))
    turned = points @ np.array([[0.6, 0.8], [-0.8, 0.6]]) * 1e-3 + 7
    before, after = borders(points, labels), borders(turned, labels)
    assert before.keys() == {(0, 1), (0, 2), (1, 2)}
    for pair, border in before.items():
        assert after[pair].contacts == border.contacts
        assert after[pair].gap == pytest.approx(border.gap, rel=0.02)


def test_a_class_without_a_body_has_no_gap():
    """Single points among others make contacts, and no group."""
    points, labels = _groups((0, 0))
    labels[[3, 9]] = 1
    border = borders(points, labels)[0, 1]
    assert border.contacts > 0
    assert border.gap == float("inf")
