"""Distances of wide rows are scikit-learn's, as far as t-SNE looks at them."""

import numpy as np
import pytest
from sklearn.manifold import TSNE, _t_sne
from sklearn.neighbors import NearestNeighbors

from autograder.sandbox.inside.patches.table import replaced
from autograder.tsne.distances import DISTANCES, NearestRows, pairwise_distances

_scikit_learns = _t_sne.pairwise_distances


def _rows(width: int = 1500, offset: float = 0.0) -> np.ndarray:
    """Return rows as activations are: clusters, not negative; with two that are equal."""
    random = np.random.default_rng(width)
    rows = np.maximum(random.standard_normal((5, width))[random.integers(0, 5, 200)] + random.random((200, width)), 0)
    rows[7] = rows[3]
    return (rows + offset).astype(np.float32)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0.0, 30.0])
def test_neighbours_are_scikit_learns(kind: type, offset: float) -> None:
    """The same neighbours at the same distances, to single precision; equal rows are next to nothing apart."""
    rows = _rows(offset=offset).astype(kind)
    ours, theirs = (
        each(n_neighbors=91, metric="euclidean").fit(rows).kneighbors_graph(mode="distance")
        for each in (NearestRows, NearestNeighbors)
    )
    theirs.sort_indices()
    assert (np.asarray(ours.indices) == theirs.indices).mean() > 0.999
    usual = float(np.median(theirs.data))
    np.testing.assert_allclose(ours.toarray()[theirs.nonzero()], theirs.toarray()[theirs.nonzero()], atol=2e-3 * usual)
    assert float(np.median(np.abs(ours.data - theirs.data))) < 1e-5 * usual


def test_pairs_are_scikit_learns() -> None:
    """The exact method's squared distances agree to single precision."""
    ours, theirs = (each(_rows(), metric="euclidean", squared=True) for each in (pairwise_distances, _scikit_learns))
    np.testing.assert_allclose(ours, theirs, atol=1e-5 * theirs.max())


@pytest.mark.parametrize("method", ["barnes_hut", "exact"])
def test_a_map_is_as_good(method: str) -> None:
    """t-SNE takes both, and reaches what it reaches without them."""
    tsne = TSNE(method=method, init="pca", max_iter=500, random_state=0, perplexity=20)
    theirs = tsne.fit(_rows()).kl_divergence_
    with replaced("sklearn.manifold._t_sne", DISTANCES):
        assert _t_sne.NearestNeighbors is NearestRows
        assert tsne.fit(_rows()).kl_divergence_ == pytest.approx(theirs, rel=0.05)


@pytest.mark.parametrize("change", ["narrow", "another metric", "huge", "other rows", "connectivity"])
def test_all_else_is_scikit_learns_own(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What isn't known here, or would overflow, is asked of scikit-learn."""
    asked = []
    monkeypatch.setattr(NearestNeighbors, "kneighbors_graph", lambda _, *arguments: asked.append(arguments))
    rows = _rows(100 if change == "narrow" else 1500) * np.float32(1e25 if change == "huge" else 1)
    nearest = NearestRows(n_neighbors=5, metric="cosine" if change == "another metric" else "euclidean").fit(rows)
    with np.errstate(all="ignore"):
        nearest.kneighbors_graph(
            rows if change == "other rows" else None, mode="connectivity" if change == "connectivity" else "distance"
        )
    assert len(asked) == 1
