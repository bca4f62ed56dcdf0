"""Affinities of all pairs, for exact t-SNE in a tenth of scikit-learn's time.

The search for them is the one that the checks use.

scikit-learn's `_binary_search_perplexity` takes one row after the other, with one call of `exp` for
each pair and step. Here all rows are searched at once, by Newton's method, in single precision,
which the distances have; those are taken from the nearest on, so that nothing is lost of a row that
is far from all others. `tools/bench.py` measures what it saves.
"""

from __future__ import annotations

import numpy as np
from sklearn.manifold import _utils

from autograder.checks.values import Array
from autograder.hidden.embeddings.affinities import sharpness

__all__ = ["PERPLEXITY", "conditional_affinities"]


_MAX_ROWS = 4000  # rows; affinities of more would take more than 128 MB


def conditional_affinities(distances: Array, perplexity: float, verbose: int) -> Array:
    """Return each row's affinities to all others (n, n) float64, which sum to 1.

    scikit-learn computes what this function doesn't know.

    Args:
        distances: (n, n) squared distances, float32; (n, k) are those of nearest neighbours.
        perplexity: the exponential of a row's entropy.
        verbose: whether the search is told, which only scikit-learn does.
    """
    count, across = distances.shape
    if verbose or not 2 <= count == across <= _MAX_ROWS or not np.isfinite(distances).all():
        return np.asarray(_scikit_learns(distances, perplexity, verbose))
    others = distances[~np.eye(count, dtype=bool)].reshape(count, count - 1)
    nearest = others.min(axis=1)
    precision, totals = sharpness(others, nearest, perplexity)
    affinities = nearest[:, np.newaxis] - distances
    affinities *= precision[:, np.newaxis]
    np.fill_diagonal(affinities, -np.inf)
    np.exp(affinities, out=affinities)
    affinities /= totals[:, np.newaxis]
    return np.asarray(affinities, dtype=np.float64)


_scikit_learns = _utils._binary_search_perplexity  # noqa: SLF001 (there is no other way in)

PERPLEXITY = {"_binary_search_perplexity": lambda _: conditional_affinities}
"""For the name in `sklearn.manifold._utils`, what makes ours of it."""
