"""The gradient of t-SNE, compiled: exact, in a tenth of the time of scikit-learn's Barnes-Hut, a fortieth of its exact one.

`sklearn.manifold._t_sne._kl_divergence` calls BLAS once for each point, and `_kl_divergence_bh` walks a tree for each; for the
thousand points of an assignment, one vectorised loop over all pairs is quicker than either. The exact method differs by
rounding: differences of points are taken in single precision, which scikit-learn's own parameters and Barnes-Hut's sums have,
so that forces are exact to some hundred-thousandths of the largest. Where Barnes-Hut is asked for, affinities are those of its nearest
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
_BLOCK = 16  # points: the numbers in a vector
_FAR = 1e30  # where points lie that only fill a block: nothing reaches them
_ANY_ORDER = {"reassoc", "contract", "nsz", "arcp"}  # of sums, so that they are vectors; NaN stays NaN
_LEAST = float(np.finfo(np.double).eps)  # scikit-learn's own floor for probabilities


def compile_tsne() -> None:
    """Let t-SNE in this process and its forks use this gradient, for maps of enough steps; an unknown scikit-learn keeps its own."""
    from sklearn.manifold import TSNE

    if hasattr(TSNE, "_tsne"):
        TSNE._tsne = _compiled_where_long(TSNE._tsne)  # noqa: SLF001 (there is no other way in)
        _gradients()


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
        self._prepare(P, count)
        points = np.ascontiguousarray(params, dtype=np.float32)
        total, gradient = _gradients()(points, self._blocks)
        error = self._divergence(points, total) if options.get("compute_error", True) else float("nan")
        return error, gradient.astype(params.dtype, copy=False)

    def _prepare(self, affinities: Any, count: int) -> None:
        """Fill the matrix of probabilities; early exaggeration changes them in place, so that they are looked at too."""
        values = affinities.data if issparse(affinities) else affinities
        if self._affinities is affinities and self._largest == values[self._there]:
            return
        self._affinities, self._there = affinities, int(np.argmax(values))
        self._largest = float(values[self._there])
        whole = affinities.toarray() if issparse(affinities) else squareform(affinities)
        self._whole: Array = np.ascontiguousarray(whole, dtype=np.float32)
        size = -(-count // _BLOCK) * _BLOCK
        self._blocks: Array = np.zeros((size, size), dtype=np.float32)
        self._blocks[:count, :count] = whole
        self._sum = float(whole.sum())
        self._entropy = float(np.sum(whole * np.log(np.maximum(whole, _LEAST))))

    def _divergence(self, points: Array, total: float) -> float:
        """Return the KL divergence of the affinities and the embedding's."""
        across, along = points[::2].copy(), points[1::2].copy()
        near, spare = across[:, np.newaxis] - across, along[:, np.newaxis] - along
        np.square(near, out=near)
        np.square(spare, out=spare)
        near += spare
        logs = np.log1p(near, out=near)
        return self._entropy + float(np.vdot(self._whole, logs)) + self._sum * float(np.log(total))


_compiled: list[Any] = []


def _gradients() -> Any:
    """Return the loop over all pairs, compiled at the first question, in a second or two."""
    if not _compiled:
        signature = "Tuple((float64, float32[::1]))(float32[::1], float32[:,::1])"
        for kept in (True, False):  # compiled once for this machine, where there is a place for it
            with contextlib.suppress(RuntimeError, OSError):
                _compiled.append(
                    njit(signature, fastmath=_ANY_ORDER, error_model="numpy", nogil=True, cache=kept)(_over_pairs)
                )
                break
    return _compiled[0]


def _over_pairs(params: Array, affinities: Array) -> tuple[float, Array]:
    """Return the sum of q over all ordered pairs, with q = 1 / (1 + squared distance), and the gradient (2 * n,).

    Each pair is looked at once: points are taken in blocks, all pairs of one among themselves first, then two of its
    points at a time with all that follow it.

    Args:
        params: (2 * n,) the embedding.
        affinities: (m, m) joint probabilities, m the next multiple of a block; 0 behind the first n.
    """
    count, size = params.shape[0] // 2, affinities.shape[0]
    points, forces = np.full((2, size), _FAR, dtype=np.float32), np.zeros((4, size), dtype=np.float32)
    points[0, :count], points[1, :count] = params[::2], params[1::2]
    total = -float(count)  # no point is a pair with itself
    for start in range(0, size, _BLOCK):
        end = start + _BLOCK
        for one in range(start, min(end, count)):
            total += float(_among_compiled(points, affinities, forces, one, start))
        for one in range(start, end, 2):
            total += 2 * float(_behind_compiled(points, affinities, forces, one, end))
    gradient = np.empty(2 * count, dtype=np.float32)
    for one in range(count):
        for axis in range(2):
            gradient[2 * one + axis] = 4 * (forces[2 + axis, one] - forces[axis, one] / total)
    return total, gradient


def _among(points: Array, affinities: Array, forces: Array, one: int, start: int) -> np.float32:
    """Add to one point's forces (q² dx, q² dy, p q dx, p q dy) those of its block, and return its sum of q."""
    x, y, row = points[0, start:], points[1, start:], affinities[one, start:]
    away_x = away_y = to_x = to_y = sum_near = np.float32(0)
    for other in range(_BLOCK):
        across, along = points[0, one] - x[other], points[1, one] - y[other]
        near = np.float32(1) / (np.float32(1) + across * across + along * along)
        push, pull = near * near, near * row[other]
        sum_near += near
        away_x += push * across
        away_y += push * along
        to_x += pull * across
        to_y += pull * along
    forces[0, one] += away_x
    forces[1, one] += away_y
    forces[2, one] += to_x
    forces[3, one] += to_y
    return sum_near


def _behind(points: Array, affinities: Array, forces: Array, one: int, end: int) -> np.float32:
    """Add the forces between two points, `one` and the next, and all behind their block to both; return the sum of q."""
    x, y, first, second = points[0, end:], points[1, end:], affinities[one, end:], affinities[one + 1, end:]
    x1, y1, x2, y2 = points[0, one], points[1, one], points[0, one + 1], points[1, one + 1]
    back_away_x, back_away_y, back_to_x, back_to_y = forces[0, end:], forces[1, end:], forces[2, end:], forces[3, end:]
    a1 = b1 = c1 = d1 = a2 = b2 = c2 = d2 = sum_near = np.float32(0)
    for other in range(x.shape[0]):
        across, along = x1 - x[other], y1 - y[other]
        near = np.float32(1) / (np.float32(1) + across * across + along * along)
        push, pull = near * near, near * first[other]
        sum_near += near
        a, b, c, d = push * across, push * along, pull * across, pull * along
        a1, b1, c1, d1 = a1 + a, b1 + b, c1 + c, d1 + d
        across, along = x2 - x[other], y2 - y[other]
        near = np.float32(1) / (np.float32(1) + across * across + along * along)
        push, pull = near * near, near * second[other]
        sum_near += near
        e, f, g, h = push * across, push * along, pull * across, pull * along
        a2, b2, c2, d2 = a2 + e, b2 + f, c2 + g, d2 + h
        back_away_x[other] -= a + e
        back_away_y[other] -= b + f
        back_to_x[other] -= c + g
        back_to_y[other] -= d + h
    for at, (of_one, of_next) in enumerate(((a1, a2), (b1, b2), (c1, c2), (d1, d2))):
        forces[at, one] += of_one
        forces[at, one + 1] += of_next
    return sum_near


_among_compiled = njit(fastmath=_ANY_ORDER, error_model="numpy")(_among)
_behind_compiled = njit(fastmath=_ANY_ORDER, error_model="numpy")(_behind)
