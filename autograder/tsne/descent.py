"""t-SNE's descent, compiled: fifty steps at a time, in which no Python runs.

A map of a thousand points takes 3000 steps of a quarter of a millisecond each, and what
scikit-learn's `_gradient_descent` does between two gradients takes a third of that. Here the
steps from one look at the divergence to the next are one call. What is looked at, and what
ends a descent, is the same.

A map that ends soon after the exaggerated phase is left to scikit-learn: where the points hardly
move at first, the noise of Barnes-Hut's sums can be all that keeps a descent from the next phase,
and the exact one is ahead of it by a hundred steps.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.checks.values import Array
from autograder.tsne.gradient import Gradient, Objective
from autograder.tsne.loops import descend_blindly

__all__ = ["DESCENT", "FEWEST", "descent"]

Descent = Callable[..., tuple[Array, float, int]]

FEWEST = 500  # steps of a map that is computed so; the exaggerated phase has 250


def descent(theirs: Descent) -> Descent:
    """Return what stands in for scikit-learn's `_gradient_descent`, and leaves to it what it doesn't know.

    Args:
        theirs: scikit-learn's function.
    """

    @functools.wraps(theirs)
    def descend(objective: Objective, p0: Array, it: int, max_iter: int, **options: Any) -> tuple[Array, float, int]:
        """Return the embedding (n * 2,), its divergence, and the last step, as scikit-learn counts."""
        if not isinstance(objective, Gradient) or it >= max_iter or options["verbose"]:
            return theirs(objective, p0, it, max_iter, **options)
        if not objective.knows(*options["args"][1:], **options["kwargs"]):
            return theirs(objective, p0, it, max_iter, **options)
        return _descend(objective, p0, (it, max_iter), **options)

    return descend


def _descend(  # noqa: PLR0913 (scikit-learn's settings)
    gradient: Gradient,
    start: Array,
    steps: tuple[int, int],
    *,
    args: list[Any],
    n_iter_check: int,
    n_iter_without_progress: int,
    momentum: float,
    learning_rate: float,
    min_grad_norm: float,
    min_gain: float = 0.01,
    **_: Any,
) -> tuple[Array, float, int]:
    """Descend from the first step until before the last.

    It ends sooner when the divergence or the gradient say that it is over.

    Raises:
        ValueError: the gradient is not finite, which scikit-learn refuses too, in other words.
    """
    whole = gradient.prepare(args[0])
    places = start.reshape(-1, 2).T
    state = np.stack([places, np.zeros_like(places), np.ones_like(places)]).astype(np.float64, order="C")
    positions, settings = np.empty(places.shape, np.float32), tuple(map(float, (momentum, learning_rate, min_gain)))
    step, last = steps
    best, best_step, error = float("inf"), step + 1, float("nan")
    while step < last:
        count = min(n_iter_check - step % n_iter_check, last - step)
        total, slope = descend_blindly(state, positions, whole, count, settings)
        step += count
        error = gradient.divergence(positions, total)
        if step % n_iter_check:
            break  # the last steps: nobody asks whether they helped
        if not np.isfinite(slope):
            raise ValueError("The gradient is not finite.")
        if error < best:
            best, best_step = error, step
        elif step - best_step > n_iter_without_progress:
            break
        if slope <= min_grad_norm:
            break
    return state[0].T.ravel().astype(start.dtype), error, step - 1


DESCENT: dict[str, Callable[[Any], Any]] = {
    "_kl_divergence": Gradient,
    "_kl_divergence_bh": Gradient,
    "_gradient_descent": descent,
}
"""For each function of `sklearn.manifold._t_sne`, what makes ours of it; they work together."""
