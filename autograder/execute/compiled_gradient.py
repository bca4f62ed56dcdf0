"""The gradient of t-SNE, compiled: exact, in a tenth of the time of scikit-learn's Barnes-Hut, a fortieth of its exact one.

`sklearn.manifold._t_sne._kl_divergence` calls BLAS once for each point, and `_kl_divergence_bh` walks a tree for each; for the
thousand points of an assignment, all pairs in one vectorised loop are quicker than either. The exact method differs by
rounding: differences of points are taken in single precision, which scikit-learn's own parameters and Barnes-Hut's sums have,
so that forces are exact to a hundred-thousandth of the largest. Where Barnes-Hut is asked for, affinities are those of its nearest
neighbours, and only its approximation of far points is replaced by what it approximates (van der Maaten 2014, equation 8).
`tools/bench.py` measures what it saves.

A map that ends soon after the exaggerated phase is left to scikit-learn: where the points hardly move at first, the noise of
Barnes-Hut's sums can be all that keeps a descent from the next phase, and the exact one is ahead of it by a hundred steps.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.sparse import issparse
from scipy.spatial.distance import squareform

__all__ = ["FEWEST", "Gradient", "compile_tsne"]

Array = NDArray[Any]
Objective = Callable[..., tuple[float, Array]]

FEWEST = 500  # steps of a map that is computed so; the exaggerated phase has 250
_MOST = 4000  # points; beyond, a tree is quicker, and a matrix of affinities takes more than 128 MB
_OBJECTIVES = ("_kl_divergence", "_kl_divergence_bh")
_LEAST = float(np.finfo(np.double).eps)  # scikit-learn's own floor for probabilities


def compile_tsne() -> None:
    """Let t-SNE in this process and its forks use this gradient, for maps of enough steps; an unknown scikit-learn keeps its own."""
    from sklearn.manifold import TSNE

    if hasattr(TSNE, "_tsne"):
        TSNE._tsne = _compiled_where_long(TSNE._tsne)  # noqa: SLF001 (there is no other way in)
        _sums()


def _compiled_where_long(descend: Callable[..., Any]) -> Callable[..., Any]:
    """Return `TSNE._tsne` so that it uses this gradient where the map has enough steps."""

    @functools.wraps(descend)
    def choose(self: Any, *args: Any, **kwargs: Any) -> Any:
        """Descend with one gradient or the other."""
        with _in_place() if self.max_iter >= FEWEST else contextlib.nullcontext():
            return descend(self, *args, **kwargs)

    return choose


@contextlib.contextmanager
def _in_place() -> Iterator[None]:
    """Put the gradient in the place of scikit-learn's; as before behind it."""
    from sklearn.manifold import _t_sne

    before = {name: getattr(_t_sne, name) for name in _OBJECTIVES if hasattr(_t_sne, name)}
    for name, objective in before.items():
        setattr(_t_sne, name, Gradient(objective))
    try:
        yield
    finally:
        for name, objective in before.items():
            setattr(_t_sne, name, objective)


class Gradient:
    """Stands in for `_kl_divergence` or `_kl_divergence_bh`; whatever it doesn't know goes to scikit-learn's.

    Args:
        original: scikit-learn's function.
    """

    def __init__(self, original: Objective) -> None:
        self._original = original
        self._affinities: Any = None
        self._largest, self._there = 0.0, 0

    def __call__(self, params: Array, P: Any, *shape: Any, **options: Any) -> tuple[float, Array]:
        """Return the KL divergence, NaN where it isn't asked for, and its gradient (n_samples * n_components,).

        Args:
            params: (n_samples * n_components,) the embedding.
            P: joint probabilities: (n_samples * (n_samples - 1) / 2,) condensed, or a sparse (n_samples, n_samples).
            shape: degrees of freedom of Student's t-distribution, n_samples, n_components, and the number of points
                that stay where they are; the latter can be one of the options.
            options: `compute_error`, whether the divergence is wanted; `angle` and others, which don't matter here.
        """
        plane = shape[:1] == (1,) and shape[2:] in ((2,), (2, 0)) and not options.get("skip_num_points")
        if not plane or shape[1] > _MOST:
            return self._original(params, P, *shape, **options)
        count = int(shape[1])
        self._prepare(P)
        across, along = np.ascontiguousarray(params.reshape(count, 2).T, dtype=np.float32)
        sums = _sums()(across, along, self._whole)
        total = float(sums[0].sum()) - count
        gradient = 4 * (sums[3:] - sums[1:3] / total).T
        error = self._divergence(across, along, total) if options.get("compute_error", True) else float("nan")
        return error, gradient.ravel().astype(params.dtype)

    def _prepare(self, affinities: Any) -> None:
        """Fill the matrix of probabilities; early exaggeration changes them in place, so that they are looked at too."""
        values = affinities.data if issparse(affinities) else affinities
        if self._affinities is affinities and self._largest == values[self._there]:
            return
        self._affinities, self._there = affinities, int(np.argmax(values))
        self._largest = float(values[self._there])
        whole = affinities.toarray() if issparse(affinities) else squareform(affinities)
        self._whole: Array = np.ascontiguousarray(whole, dtype=np.float32)
        self._sum = float(whole.sum())
        self._entropy = float(np.sum(whole * np.log(np.maximum(whole, _LEAST))))

    def _divergence(self, across: Array, along: Array, total: float) -> float:
        """Return the KL divergence of the affinities and the embedding's."""
        near, spare = across[:, np.newaxis] - across, along[:, np.newaxis] - along
        np.square(near, out=near)
        np.square(spare, out=spare)
        near += spare
        logs = np.log1p(near, out=near)
        return self._entropy + float(np.vdot(self._whole, logs)) + self._sum * float(np.log(total))


_compiled: list[Any] = []


def _sums() -> Any:
    """Return the loop over all pairs, compiled at the first question, in a second."""
    if not _compiled:
        signature = "float64[:,::1](float32[::1], float32[::1], float32[:,::1])"
        exact = {"reassoc", "contract", "nsz", "arcp"}  # sums in any order, so that they are vectors; NaN stays NaN
        for kept in (True, False):  # compiled once for this machine, where there is a place for it
            with contextlib.suppress(RuntimeError, OSError):
                compile_it = njit(signature, fastmath=exact, error_model="numpy", nogil=True, cache=kept)
                _compiled.append(compile_it(_sum_over_pairs))
                break
    return _compiled[0]


def _sum_over_pairs(across: Array, along: Array, affinities: Array) -> Array:
    """Return (5, n): sums over all other points of q, q² dx, q² dy, p q dx and p q dy, with q = 1 / (1 + squared distance)."""
    count = across.shape[0]
    sums = np.empty((5, count))
    for one in range(count):
        row = affinities[one]
        near_all = away_x = away_y = to_x = to_y = np.float32(0)
        for other in range(count):
            x = across[one] - across[other]
            y = along[one] - along[other]
            near = np.float32(1) / (np.float32(1) + x * x + y * y)
            push = near * near
            pull = near * row[other]
            near_all += near
            away_x += push * x
            away_y += push * y
            to_x += pull * x
            to_y += pull * y
        sums[0, one] = near_all
        sums[1, one] = away_x
        sums[2, one] = away_y
        sums[3, one] = to_x
        sums[4, one] = to_y
    return sums
