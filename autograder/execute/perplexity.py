"""Affinities of all pairs, for exact t-SNE in a tenth of scikit-learn's time: many rows' searches side by side.

For each row, `_binary_search_perplexity` looks for the precision of a Gaussian whose neighbours have the perplexity that is asked
for (van der Maaten and Hinton 2008, section 2), with one call of `exp` for a pair and a step. The steps here are the same, in vectors
of single precision, which the distances have; those are taken from the nearest on, so that nothing is lost of a row far from all others.
`tools/bench.py` measures what it saves.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.manifold import _utils

__all__ = ["conditional_affinities", "quicken_perplexity"]

Array = NDArray[Any]

_ROWS = 100  # searched side by side: their distances stay in the cache
_STEPS = 100  # at most, and
_TOLERANCE = 1e-5  # of an entropy, in nats: scikit-learn's own
_MOST = 4000  # rows; affinities of more would take more than 128 MB


def quicken_perplexity() -> None:
    """Let exact t-SNE in this process search so; what it can't search stays scikit-learn's."""
    _utils._binary_search_perplexity = conditional_affinities  # noqa: SLF001 (there is no other way in)


def conditional_affinities(distances: Array, perplexity: float, verbose: int) -> Array:
    """Return each row's affinities to all others (n, n) float64, which sum to 1; all else as scikit-learn does.

    Args:
        distances: (n, n) squared distances, float32; (n, k) are those of nearest neighbours.
        perplexity: the exponential of a row's entropy.
        verbose: whether the search is told, which only scikit-learn does.
    """
    count, across = distances.shape
    if verbose or not 2 <= count == across <= _MOST or not np.isfinite(distances).all():
        return np.asarray(_scikit_learns(distances, perplexity, verbose))
    affinities = np.empty((count, count))
    for start in range(0, count, _ROWS):
        rows = distances[start : start + _ROWS].copy()
        here = np.arange(len(rows))
        rows[here, start + here] = np.inf  # no row is its own neighbour
        rows -= rows.min(axis=1, keepdims=True)
        rows[here, start + here] = 0
        weights = _searched(rows, (here, start + here), math.log(perplexity))
        affinities[start : start + _ROWS] = weights / weights.sum(axis=1, keepdims=True)
    return affinities


def _searched(rows: Array, themselves: tuple[Array, Array], wanted: float) -> Array:
    """Return the weights of rows' neighbours (r, n) by the precisions that give this entropy."""
    precision = np.ones(len(rows), np.float32)
    low, high = np.zeros_like(precision), np.full_like(precision, np.inf)
    weights, spare = np.empty_like(rows), np.empty_like(rows)
    for _ in range(_STEPS):
        np.multiply(rows, -precision[:, np.newaxis], out=weights)
        np.exp(weights, out=weights)
        weights[themselves] = 0
        sums = weights.sum(axis=1)
        means = np.multiply(weights, rows, out=spare).sum(axis=1) / sums
        excess = np.log(sums) + precision * means - wanted
        searching = np.abs(excess) > _TOLERANCE
        if not searching.any():
            break
        flat = excess > 0
        low, high = np.where(flat, precision, low), np.where(flat, high, precision)
        between = np.where(np.isinf(high), 2 * precision, (low + high) / 2)
        precision = np.where(searching, between, precision)
    return weights


_scikit_learns = _utils._binary_search_perplexity  # noqa: SLF001 (the same)
