"""The compiled gradient of t-SNE is scikit-learn's: the exact one but for rounding, Barnes-Hut's but for its approximation."""

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.spatial.distance import squareform
from sklearn.manifold import _t_sne

from autograder.tsne.gradient import Gradient


@pytest.mark.parametrize("count", [60, 250, 601])
@pytest.mark.parametrize("spread", [1e-4, 1.0, 40.0])
def test_divergence_and_gradient_are_scikit_learns(count: int, spread: float) -> None:
    """At every stage of the descent both agree to single precision, where everything nearly cancels too."""
    random = np.random.default_rng(count)
    affinities = random.random(count * (count - 1) // 2)
    affinities /= 2 * affinities.sum()
    params = (spread * random.standard_normal(2 * count)).astype(np.float32)
    error, gradient = Gradient(_t_sne._kl_divergence)(params, affinities, 1, count, 2)
    wanted, theirs = _t_sne._kl_divergence(params, affinities, 1, count, 2)
    assert error == pytest.approx(wanted, rel=1e-6)
    np.testing.assert_allclose(gradient, theirs, atol=1e-5 * np.abs(theirs).max())


@pytest.mark.parametrize("spread", [1e-2, 1.0, 40.0])
def test_barnes_hut_without_its_approximation_is_scikit_learns(spread: float) -> None:
    """With an angle of 0, scikit-learn's tree gives the sums that are computed here."""
    random = np.random.default_rng(5)
    dense = squareform(random.random(200 * 199 // 2) * (random.random(200 * 199 // 2) < 0.2))
    affinities = csr_array(dense / dense.sum())
    params = (spread * random.standard_normal(400)).astype(np.float32)
    options = {"angle": 0.0, "compute_error": True, "verbose": 0, "num_threads": 1}
    error, gradient = Gradient(_t_sne._kl_divergence_bh)(params, affinities, 1, 200, 2, **options)
    wanted, theirs = _t_sne._kl_divergence_bh(params, affinities, 1, 200, 2, **options)
    assert error == pytest.approx(wanted, rel=1e-4)
    np.testing.assert_allclose(gradient, theirs, atol=1e-4 * np.abs(theirs).max())


def test_exaggeration_is_followed_where_the_first_neighbour_has_no_probability() -> None:
    """Probabilities are changed in place, and a far neighbour's can be 0, which stays 0."""
    affinities = csr_array((np.array([0, 2, 1, 2, 1]) / 6, [1, 2, 2, 0, 1], [0, 2, 3, 5]))
    params = np.array([0, 0, 1, 0, 0, 1], np.float32)
    gradient = Gradient(_t_sne._kl_divergence_bh)
    for factor in (12, 1 / 12):
        affinities *= factor
        _, theirs = _t_sne._kl_divergence_bh(params, affinities, 1, 3, 2, angle=0.0)
        np.testing.assert_allclose(gradient(params, affinities, 1, 3, 2, angle=0.0)[1], theirs, atol=1e-5)


def test_what_is_not_known_is_scikit_learns_own() -> None:
    """Three dimensions, points that are held, and too many points go to the original."""
    asked = []
    gradient = Gradient(lambda *arguments: asked.append(arguments[3:]) or (0.0, np.zeros(3)))
    gradient(np.zeros(30), np.ones(45) / 90, 2, 10, 3)
    gradient(np.zeros(20), np.ones(45) / 90, 1, 10, 2, 5)
    gradient(np.zeros(20_000), np.ones(45) / 90, 1, 10_000, 2)
    assert asked == [(10, 3), (10, 2, 5), (10_000, 2)]
