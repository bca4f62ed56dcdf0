"""The compiled loops compute what plain sums over all pairs do, and steps are those of the textbook."""

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from autograder.tsne.loops import descend_blindly, sum_of_logarithms, sum_over_pairs

RANDOM = np.random.default_rng(0)
PLACES = RANDOM.normal(0, 3, (2, 9)).astype("f4")
RAW = squareform(RANDOM.random(36))
AFFINITIES = (RAW / RAW.sum()).astype("f4")
KERNEL = 1 / (1 + squareform(pdist(PLACES.T.astype(float), "sqeuclidean")))
APART = PLACES[:, :, np.newaxis].astype(float) - PLACES[:, np.newaxis]


def test_sums_over_all_other_points():
    """Of q, and of q² and p q times the difference; a point's own q, 1, is among the first."""
    found = sum_over_pairs(*PLACES, AFFINITIES)
    np.testing.assert_allclose(found[0], KERNEL.sum(axis=1), rtol=1e-5)
    np.testing.assert_allclose(found[1:3], (KERNEL**2 * APART).sum(axis=2), atol=1e-5)
    np.testing.assert_allclose(found[3:], (AFFINITIES * KERNEL * APART).sum(axis=2), atol=1e-6)


@pytest.mark.parametrize("scale", [1e-3, 1, 1e3])
def test_the_sum_of_logarithms(scale):
    """Near points and far ones; affinities count in both directions."""
    squared = squareform(pdist(PLACES.T.astype(float) * scale, "sqeuclidean"))
    direct = np.sum(AFFINITIES * np.log1p(squared))
    across, along = (PLACES * np.float32(scale)).astype("f4")
    assert sum_of_logarithms(across, along, AFFINITIES) == pytest.approx(direct, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("steps", [1, 3])
def test_steps_with_momentum_and_gains(steps):
    """Gains grow by 0.2 where a step and the slope agree in going down, and shrink by a fifth where they don't."""
    momentum, rate, least = 0.8, 2.0, 0.01
    places, moves, gains = PLACES.astype(float), RANDOM.normal(0, 0.1, (2, 9)), np.full((2, 9), 0.012)
    state, seen = np.stack([places, moves, gains]), np.empty((2, 9), np.float32)
    total, length = descend_blindly(state, seen, AFFINITIES, steps, (momentum, rate, least))
    for _ in range(steps):
        before = places
        apart = places[:, :, np.newaxis] - places[:, np.newaxis]
        kernel = 1 / (1 + np.sum(apart**2, axis=0)) * (1 - np.eye(9))
        slope = 4 * ((AFFINITIES - kernel / kernel.sum()) * kernel * apart).sum(axis=2)
        gains = np.maximum(np.where(moves * slope < 0, gains + 0.2, gains * 0.8), least)
        moves = momentum * moves - rate * gains * slope
        places = places + moves
    np.testing.assert_allclose(state, [places, moves, gains], atol=1e-5)
    np.testing.assert_allclose(seen, before, atol=1e-5)
    assert total == pytest.approx(kernel.sum(), rel=1e-5)
    assert length == pytest.approx(np.linalg.norm(gains * slope), rel=1e-4)
