"""The gradient of exact t-SNE, as scikit-learn has it, in blocks of a matrix: four times faster on one core.

`sklearn.manifold._t_sne._kl_divergence` calls BLAS once for each point; here the same sums are taken over blocks of
250 x 250 pairs, which stay in a core's cache, and each pair is looked at once. Results differ by rounding (1e-7 of the
largest component, what scikit-learn's own float32 parameters are exact to). `tools/bench.py` measures what it saves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import squareform

__all__ = ["Gradient", "use_blocks"]

Array = NDArray[Any]
Objective = Callable[..., tuple[float, Array]]

_BLOCK = 250
_LEAST = float(np.finfo(np.double).eps)  # scikit-learn's own floor for probabilities


def use_blocks() -> None:
    """Let exact t-SNE in this process use this gradient; another scikit-learn than the one known keeps its own."""
    from sklearn.manifold import _t_sne

    if hasattr(_t_sne, "_kl_divergence"):
        _t_sne._kl_divergence = Gradient(_t_sne._kl_divergence)  # noqa: SLF001 (there is no other way in)


class Gradient:
    """Stands in for `_kl_divergence`; whatever it doesn't know goes to scikit-learn's.

    Args:
        original: scikit-learn's function.
    """

    def __init__(self, original: Objective) -> None:
        self._original = original
        self._affinities: Array | None = None
        self._first = 0.0

    def __call__(self, params: Array, P: Array, *shape: Any, **options: Any) -> tuple[float, Array]:
        """Return the KL divergence, NaN where it isn't asked for, and its gradient (n_samples * n_components,).

        Args:
            params: (n_samples * n_components,) the embedding.
            P: (n_samples * (n_samples - 1) / 2,) joint probabilities, condensed.
            shape: degrees of freedom of Student's t-distribution, n_samples, n_components, and the number of points
                that stay where they are; the latter can be one of the options.
            options: `compute_error`, whether the divergence is wanted.
        """
        plane = shape[:1] == (1,) and shape[2:] in ((2,), (2, 0)) and not options.get("skip_num_points")
        if not plane:
            return self._original(params, P, *shape, **options)
        count = int(shape[1])
        self._prepare(P, count)
        placed = np.ones((count, 3))
        placed[:, :2] = params.reshape(count, 2)
        total = self._kernels(placed)
        error = self._divergence(total) if options.get("compute_error", True) else float("nan")
        return error, self._gradient(placed, total).ravel().astype(params.dtype)

    def _prepare(self, affinities: Array, count: int) -> None:
        """Cut the probabilities into blocks; early exaggeration changes them in place, so that they are looked at too."""
        if self._affinities is affinities and self._first == affinities[0]:
            return
        self._affinities, self._first = affinities, affinities[0]
        whole = squareform(affinities)
        steps = [slice(start, min(start + _BLOCK, count)) for start in range(0, count, _BLOCK)]
        self._pairs = [(one, other) for place, one in enumerate(steps) for other in steps[place:]]
        self._blocks = [np.ascontiguousarray(whole[one, other]) for one, other in self._pairs]
        self._near = [np.empty_like(block) for block in self._blocks]
        self._spare = np.empty((min(_BLOCK, count),) * 2)

    def _kernels(self, placed: Array) -> float:
        """Fill in 1 / (1 + squared distance) for each pair; return the sum over ordered pairs, own pairs left out."""
        across, along = np.ascontiguousarray(placed[:, 0]), np.ascontiguousarray(placed[:, 1])
        total = -float(len(placed))
        for (one, other), near in zip(self._pairs, self._near, strict=True):
            spare = self._spare[: near.shape[0], : near.shape[1]]
            np.subtract(across[one, np.newaxis], across[other], out=near)
            np.multiply(near, near, out=near)
            np.subtract(along[one, np.newaxis], along[other], out=spare)
            np.multiply(spare, spare, out=spare)
            np.add(near, spare, out=near)
            np.add(near, 1, out=near)
            np.reciprocal(near, out=near)
            total += float(near.sum()) * (1 if one == other else 2)
        return total

    def _gradient(self, placed: Array, total: float) -> Array:
        """Return the gradient (n, 2): 4 sum over j of (p - q) / (1 + d) (y_i - y_j)."""
        pulled = np.zeros((len(placed), 3))
        for (one, other), near, block in zip(self._pairs, self._near, self._blocks, strict=True):
            spare = self._spare[: near.shape[0], : near.shape[1]]
            np.multiply(near, -1 / total, out=spare)
            spare += block
            spare *= near
            pulled[one] += spare @ placed[other]
            if one != other:
                pulled[other] += spare.T @ placed[one]
        return np.asarray(4 * (pulled[:, 2:] * placed[:, :2] - pulled[:, :2]))

    def _divergence(self, total: float) -> float:
        """Return the KL divergence of the affinities and the embedding's."""
        error = 0.0
        for (one, other), near, block in zip(self._pairs, self._near, self._blocks, strict=True):
            logs = np.log(np.maximum(block, _LEAST) / np.maximum(near / total, _LEAST))
            error += float(np.sum(block * logs)) * (1 if one == other else 2)
        return error
