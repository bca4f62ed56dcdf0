"""Compute distances between wide rows, for t-SNE, in a quarter of scikit-learn's time.

They are one symmetric product in single precision.

scikit-learn takes differences of float32 rows in double precision, block by block, and t-SNE rounds
the distances to single precision then (`_joint_probabilities`, `_joint_probabilities_nn`). Rows
less their mean lose nothing that survives it. `tools/bench.py` measures what it saves.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array
from sklearn.manifold import _t_sne
from sklearn.neighbors import NearestNeighbors

from autograder.checks.values import Array
from autograder.hidden.embeddings.representation import squared_distances

__all__ = ["DISTANCES", "NearestRows", "pairwise_distances"]


_WIDE_COLUMNS = 1000  # features; narrower rows take no time
_MAX_ROWS = 4000  # rows; all distances of more would take more than 64 MB


class NearestRows(NearestNeighbors):  # type: ignore[misc]  # scikit-learn has no types
    """scikit-learn's estimator, quicker where t-SNE asks it for neighbours of wide rows."""

    def kneighbors_graph(self, X: Any = None, n_neighbors: int | None = None, mode: str = "connectivity") -> Any:
        """Return the sparse distances (n, n) of each row's nearest neighbours."""
        usual = X is None and n_neighbors is None and mode == "distance" and self.metric == "euclidean"
        squared = _squared(self._fit_X) if usual else None
        if squared is None:
            return super().kneighbors_graph(X, n_neighbors, mode)
        np.fill_diagonal(squared, np.inf)
        count, reach = len(squared), int(self.n_neighbors)
        near = np.argpartition(squared, reach - 1, axis=1)[:, :reach]
        distances = np.sqrt(np.take_along_axis(squared, near, axis=1).astype(np.float64))
        starts = np.arange(0, count * reach + 1, reach)
        graph = csr_array((distances.ravel(), near.ravel(), starts), shape=(count, count))
        graph.sort_indices()
        return graph


def pairwise_distances(X: Any, metric: str = "euclidean", **options: Any) -> Any:
    """Return the squared distances (n, n) of rows (n, d) if asked for those.

    scikit-learn computes everything else.
    """
    usual = metric == "euclidean" and options == {"squared": True}
    squared = _squared(X) if usual else None
    return _scikit_learns(X, metric=metric, **options) if squared is None else squared


def _squared(rows: Any) -> Array | None:
    """Return the squared distances of wide rows; None for others, or where they overflow."""
    if type(rows) is not np.ndarray or rows.shape[1] <= _WIDE_COLUMNS or len(rows) > _MAX_ROWS:
        return None
    squared = squared_distances(rows)
    return squared if np.isfinite(squared).all() else None


_scikit_learns = _t_sne.pairwise_distances

DISTANCES = {"NearestNeighbors": lambda _: NearestRows, "pairwise_distances": lambda _: pairwise_distances}
"""For each name in `sklearn.manifold._t_sne`, what makes ours of it."""
