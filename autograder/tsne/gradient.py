"""The gradient of t-SNE, exact and compiled.

It takes a tenth of the time of scikit-learn's Barnes-Hut, and a fortieth of its exact method.

`sklearn.manifold._t_sne._kl_divergence` calls BLAS once for each point, and `_kl_divergence_bh`
walks a tree for each; for the thousand points of an assignment, all pairs in one vectorised loop
are quicker than either. The exact method differs by rounding: differences of points are taken in
single precision, which scikit-learn's own parameters and Barnes-Hut's sums have, so that forces are
exact to a hundred-thousandth of the largest. Where Barnes-Hut is asked for, affinities are those of
its nearest neighbours, and only its approximation of far points is replaced by what it approximates
(van der Maaten 2014, equation 8). `tools/bench.py` measures what it saves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.sparse import issparse
from scipy.spatial.distance import squareform

from autograder.checks.values import Array
from autograder.tsne.loops import sum_of_logarithms, sum_over_pairs

__all__ = ["Gradient", "Objective"]

Objective = Callable[..., tuple[float, Array]]

_MAX_POINTS = 4000  # points; beyond, a tree is quicker, and a matrix of affinities takes more than 128 MB
_LEAST = float(np.finfo(np.double).eps)  # scikit-learn's own floor for probabilities


class Gradient:
    """Replaces `_kl_divergence` or `_kl_divergence_bh`.

    scikit-learn's own function answers calls that this one doesn't know.

    Args:
        original: scikit-learn's function.
    """

    def __init__(self, original: Objective) -> None:
        self._original = original
        self._affinities: Any = None
        self._largest, self._there = 0.0, 0

    def __call__(self, params: Array, P: Any, *shape: Any, **options: Any) -> tuple[float, Array]:
        """Return the KL divergence and its gradient (n_samples * n_components,).

        The divergence is NaN where it isn't asked for.

        Args:
            params: (n_samples * n_components,) the embedding.
            P: joint probabilities: (n_samples * (n_samples - 1) / 2,) condensed, or a
                sparse (n_samples, n_samples).
            shape: degrees of freedom of Student's t-distribution, n_samples, n_components, and the
                number of points that stay where they are; the latter can be one of the options.
            options: `compute_error`, whether the divergence is wanted; `angle` and
                others, which don't matter here.
        """
        if not self.knows(*shape, **options):
            return self._original(params, P, *shape, **options)
        whole = self.prepare(P)
        places = np.ascontiguousarray(params.reshape(-1, 2).T, dtype=np.float32)
        sums = sum_over_pairs(*places, whole)
        total = float(sums[0].sum()) - places.shape[1]
        gradient = 4 * (sums[3:] - sums[1:3] / total).T
        error = self.divergence(places, total) if options.get("compute_error", True) else float("nan")
        return error, gradient.ravel().astype(params.dtype)

    def knows(self, *shape: Any, **options: Any) -> bool:
        """Tell whether these are answered here: the plane, every point free to move, and not too many."""
        plane = shape[:1] == (1,) and shape[2:] in ((2,), (2, 0)) and not options.get("skip_num_points")
        return plane and shape[1] <= _MAX_POINTS

    def prepare(self, affinities: Any) -> Array:
        """Return all probabilities (n, n).

        Early exaggeration changes them in place, so their values are compared too.
        """
        values = affinities.data if issparse(affinities) else affinities
        if self._affinities is affinities and self._largest == values[self._there]:
            return self._whole
        self._affinities, self._there = affinities, int(np.argmax(values))
        self._largest = float(values[self._there])
        whole = affinities.toarray() if issparse(affinities) else squareform(affinities)
        self._whole: Array = np.ascontiguousarray(whole, dtype=np.float32)
        self._sum = float(whole.sum())
        self._entropy = float(np.sum(whole * np.log(np.maximum(whole, _LEAST))))
        return self._whole

    def divergence(self, places: Array, total: float) -> float:
        """Return the KL divergence of the affinities and the embedding's.

        Args:
            places: (2, n) float32 the embedding.
            total: the sum of q over all ordered pairs.
        """
        return self._entropy + float(sum_of_logarithms(*places, self._whole)) + self._sum * float(np.log(total))
