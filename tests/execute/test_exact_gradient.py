"""Exact t-SNE by blocks is scikit-learn's, but for rounding."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.manifold import TSNE, _t_sne

from autograder.execute.exact_gradient import Gradient


@pytest.mark.parametrize("count", [60, 250, 601])
@pytest.mark.parametrize("spread", [1e-4, 1.0, 40.0])
def test_divergence_and_gradient_are_scikit_learns(count: int, spread: float) -> None:
    """At every stage of the descent, and for counts that fill no block or several, both agree to single precision."""
    random = np.random.default_rng(count)
    affinities = random.random(count * (count - 1) // 2)
    affinities /= 2 * affinities.sum()
    params = (spread * random.standard_normal(2 * count)).astype(np.float32)
    error, gradient = Gradient(_t_sne._kl_divergence)(params, affinities, 1, count, 2)
    wanted, theirs = _t_sne._kl_divergence(params, affinities, 1, count, 2)
    assert error == pytest.approx(wanted, rel=1e-9)
    np.testing.assert_allclose(gradient, theirs, atol=2e-6 * np.abs(theirs).max())


def test_what_is_not_known_is_scikit_learns_own() -> None:
    """Three dimensions, and points that are held, go to the original."""
    asked = []
    gradient = Gradient(lambda *arguments: asked.append(arguments[4:]) or (0.0, np.zeros(3)))
    gradient(np.zeros(30), np.ones(45) / 90, 2, 10, 3)
    gradient(np.zeros(20), np.ones(45) / 90, 1, 10, 2, 5)
    assert asked == [(3,), (2, 5)]


def test_a_whole_map_is_as_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """Early exaggeration, in place, is followed; the map reaches the divergence that scikit-learn's reaches."""
    images = load_digits().data[:300].astype(np.float32)
    tsne = TSNE(method="exact", init="pca", max_iter=500, random_state=0, perplexity=20)
    theirs = tsne.fit(images).kl_divergence_
    monkeypatch.setattr(_t_sne, "_kl_divergence", Gradient(_t_sne._kl_divergence))
    assert tsne.fit(images).kl_divergence_ == pytest.approx(theirs, rel=0.02)
