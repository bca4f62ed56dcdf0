"""Representations of ninety images that a test can compare with the slow formulas, and maps of them."""

from __future__ import annotations

import functools

import numpy as np
from scipy.spatial.distance import pdist, squareform
from sklearn.decomposition import PCA

__all__ = ["OTHER", "VALUES", "joint", "make_map"]

_RANDOM = np.random.default_rng(0)
_CENTRES = _RANDOM.normal(size=(4, 8)) * 3
VALUES = (_CENTRES[_RANDOM.integers(0, 4, 90)] + _RANDOM.normal(size=(90, 8))).astype("f4")
"""Four groups of images, eight features."""
OTHER = (_RANDOM.normal(size=(90, 6)) * [5, 3, 2, 1, 1, 1] + 4).astype("f4")
"""One group, six features: of the same images, and like nothing in `VALUES`."""


def joint(squared: np.ndarray, perplexity: float, reach: int) -> np.ndarray:
    """Return the joint probabilities (n, n) by halving, point by point: van der Maaten and Hinton (2008), section 2.

    Args:
        squared: (n, n) squared distances.
        perplexity: of each point's kernel.
        reach: how many nearest neighbours have a part in it.
    """
    count = len(squared)
    conditional = np.zeros((count, count))
    for point in range(count):
        near = [other for other in np.argsort(squared[point], kind="stable") if other != point][:reach]
        low, high = 0.0, 1e6
        for _ in range(60):
            precision = (low + high) / 2
            weights = np.exp(-precision * (squared[point, near].astype(float) - squared[point, near].min()))
            weights /= weights.sum()
            entropy = -np.sum(weights * np.log(np.maximum(weights, 1e-300)))
            low, high = (precision, high) if entropy > np.log(perplexity) else (low, precision)
        conditional[point, near] = weights
    return (conditional + conditional.T) / (2 * count)


@functools.cache
def make_map(metric: str = "sqeuclidean", perplexity: float = 10, reach: int = 31, pull: float = 1) -> np.ndarray:
    """Return a map (90, 2) of `VALUES`, made by the slow formulas: descent with momentum until nothing moves.

    Args:
        metric: SciPy's name for it; "cosine" is squared, as scikit-learn squares it.
        perplexity: of each point's kernel.
        reach: how many nearest neighbours have a part in it.
        pull: what attraction is multiplied by: above 1, the map is one that was stopped early.
    """
    squared = squareform(pdist(VALUES.astype(float), metric))
    whole = joint(squared**2 if metric == "cosine" else squared, perplexity, reach)
    start = PCA(2).fit_transform(VALUES.astype(float))
    places, move = start / start.std() * 1e-4, np.zeros_like(start)
    for step in range(1500):
        kernel = 1 / (1 + squareform(pdist(places, "sqeuclidean")))
        np.fill_diagonal(kernel, 0)
        factor = max(pull, 4) if step < 100 else pull
        forces = (factor * whole - kernel / kernel.sum()) * kernel
        gradient = 4 * (forces.sum(axis=1)[:, np.newaxis] * places - forces @ places)
        move = (0.5 if step < 100 else 0.8) * move - 50 / factor * gradient
        places = places + move
    return places
