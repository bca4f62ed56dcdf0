"""Affinities of all pairs are scikit-learn's, to a thousandth."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.datasets import load_digits
from sklearn.manifold import TSNE, _t_sne

from autograder.sandbox.inside.patches.table import replaced
from autograder.tsne import perplexity
from autograder.tsne.perplexity import PERPLEXITY, conditional_affinities

SEARCH = perplexity._scikit_learns
DIGITS = load_digits().data[:350]
RANDOM = np.random.default_rng(1)


@pytest.mark.parametrize("wanted", [5, 30, 100])
@pytest.mark.parametrize(
    "rows",
    [
        DIGITS,
        DIGITS * 16,
        DIGITS / 255,
        RANDOM.standard_normal((203, 3)),
        np.concatenate([RANDOM.standard_normal((150, 9)), 40 + RANDOM.standard_normal((150, 9))]),
    ],
    ids=["digits", "large", "small", "few columns", "two groups"],
)
def test_affinities_are_scikit_learns(rows: np.ndarray, wanted: float) -> None:
    """Every row's, at any scale."""
    distances = cdist(rows, rows, "sqeuclidean").astype(np.float32)
    ours, theirs = conditional_affinities(distances, wanted, 0), SEARCH(distances, wanted, 0)
    assert ours.dtype == theirs.dtype
    np.testing.assert_allclose(ours, theirs, rtol=2e-3, atol=1e-7)
    entropies = -np.sum(ours * np.log(np.maximum(ours, 1e-300)), axis=1)
    np.testing.assert_allclose(entropies, np.log(wanted), atol=2e-4)


def test_distances_that_are_nearly_all_the_same_are_told_apart() -> None:
    """Rows of many columns are far from all others: single precision would make 0 of every one's affinity."""
    rows = 3 * RANDOM.standard_normal((300, 5000))
    distances = cdist(rows, rows, "sqeuclidean").astype(np.float32)
    np.testing.assert_allclose(conditional_affinities(distances, 30, 0), SEARCH(distances, 30, 0), rtol=2e-3, atol=1e-7)


def test_rows_that_are_all_the_same_are_each_others_neighbours() -> None:
    """No precision gives them the perplexity; the search ends all the same."""
    distances = np.zeros((40, 40), np.float32)
    np.testing.assert_allclose(conditional_affinities(distances, 5, 0), SEARCH(distances, 5, 0), atol=1e-7)


def test_what_is_not_known_is_scikit_learns_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neighbours only, too many rows, what isn't finite, and a search that tells what it does."""
    asked = []
    monkeypatch.setattr(perplexity, "_scikit_learns", lambda rows, *_: asked.append(rows.shape) or rows)
    conditional_affinities(np.zeros((40, 30), np.float32), 5, 0)
    conditional_affinities(np.broadcast_to(np.float32(0), (5000, 5000)), 5, 0)
    conditional_affinities(np.full((6, 6), np.inf, np.float32), 5, 0)
    conditional_affinities(np.zeros((7, 7), np.float32), 5, 1)
    assert asked == [(40, 30), (5000, 5000), (6, 6), (7, 7)]


def test_exact_maps_are_as_good() -> None:
    """Their divergence is what scikit-learn's own maps have; those by Barnes-Hut don't change at all."""
    rows = DIGITS[:200].astype(np.float32)

    def maps(method: str, seeds: range) -> list[TSNE]:
        return [TSNE(method=method, init="random", max_iter=500, random_state=seed).fit(rows) for seed in seeds]

    exact, near = maps("exact", range(5)), maps("barnes_hut", range(1))
    with replaced("sklearn.manifold._utils", PERPLEXITY):
        assert _t_sne._utils._binary_search_perplexity is conditional_affinities
        quick, again = maps("exact", range(5)), maps("barnes_hut", range(1))
    before, after = (np.mean([one.kl_divergence_ for one in some]) for some in (exact, quick))
    assert after == pytest.approx(before, rel=0.1)
    np.testing.assert_array_equal(again[0].embedding_, near[0].embedding_)
