"""A reading is accepted where a reader could say so, and refused where nobody could."""

import numpy as np
import pytest

from autograder.hidden.map_reading import MapReading

SIZE = 40


def _map(*middles, shown=None, squared=None, seed=0):
    """Return a map of groups around middles, in which the plotted points have some of each."""
    random = np.random.default_rng(seed)
    labels = np.tile(np.arange(len(middles)), SIZE)
    points = np.array(middles, float)[labels] + random.normal(0, 1, (len(labels), 2))
    return MapReading(points, labels, shown or len(points), squared)


def test_strays_are_those_that_lie_among_others():
    """Point 0 is put into group 1: it is a stray by every look, and no other point is."""
    reading = _map((0, 0), (30, 0), (0, 30))
    reading.points[0] = reading.points[4] + 0.01
    assert reading.sure_strays.tolist() == [0]
    assert [index for index in range(len(reading.points)) if reading.could_be_stray(index)] == [0]
    assert not reading.could_be_own(0)
    assert reading.could_be_own(3)
    assert reading.neighbours_of(0) == (10, 0)


def test_a_few_strays_together_are_strays():
    """Five of group 0 stand together amid group 1: their nearest are their own, and twenty neighbours tell."""
    reading = _map((0, 0), (30, 0))
    strays = [0, 2, 4, 6, 8]
    reading.points[strays] = np.array([30, 0]) + np.random.default_rng(1).normal(0, 0.05, (5, 2))
    assert all(map(reading.could_be_stray, strays))
    assert not reading.could_be_stray(20)


def test_between_two_groups_either_reading_is_accepted():
    """A point that has as many of its own about it as of the others may be called a stray, and nobody has to name it."""
    points = np.array([[0.0, 0], *([[1, n / 10] for n in range(10)]), *([[-1, n / 10] for n in range(10)])])
    reading = MapReading(points, np.repeat([0, 1], [11, 10]), 21)
    assert reading.could_be_stray(0)
    assert reading.could_be_own(0)
    assert 0 not in reading.sure_strays


def test_the_representation_speaks_for_a_student():
    """What its neighbours say may have shown in the student's own run: the last bits of t-SNE differ from machine to machine."""
    labels = np.tile([0, 1], SIZE)
    apart = (labels[:, None] != labels[None, :]).astype(np.float32)
    apart[0] = apart[:, 0] = 1 - apart[0]
    assert not _map((0, 0), (30, 0)).could_be_stray(0)
    assert _map((0, 0), (30, 0), squared=apart).could_be_stray(0)
    assert not _map((0, 0), (30, 0), squared=apart).sure_strays.size


MIDDLES = [(20 * (n % 3), 20 * (n // 3)) for n in range(6)]


def test_borders_are_told_from_groups_that_lie_apart():
    """Two groups run into each other; opposite corners are no neighbours."""
    reading = _map((3, 0), *MIDDLES[1:-1], (5.5, 1.5))
    assert reading.could_border((0, 5))
    assert reading.surely_borders((0, 5))
    assert not reading.could_border((2, 3))
    assert not reading.surely_borders((2, 3))
    assert reading.border((2, 3)).gap > 2


@pytest.mark.parametrize("shown", [60, 240])
def test_in_every_map_some_pairs_are_the_closest(shown):
    """Islands that are all apart have neighbours as well: a reader who has to name two may name these."""
    reading = _map(*MIDDLES, shown=shown)
    assert sum(reading.could_border((a, b)) for a in range(6) for b in range(a + 1, 6)) >= 3
    assert not any(reading.surely_borders((a, b)) for a in range(6) for b in range(a + 1, 6))


def test_a_pair_that_is_not_plotted_has_no_border():
    """Classes without a point can't border."""
    reading = _map((0, 0), (30, 0))
    assert not reading.could_border((0, 7))
    assert reading.border((0, 7)).gap == float("inf")
