"""Do without TensorFlow's threads in a kernel: they stayed behind in the process that was forked.

Operations run without them where TensorFlow was told to use one thread. `predict`, which Keras compiles as a graph and feeds
through `tf.data`, is computed operation by operation here: the same batches of the same model, and its progress bar. What
else would be compiled as a graph ends the kernel, and the grader's side runs the notebook again where there are threads.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from ..request import UNFIT
from .table import replace

__all__ = ["do_without_threads"]

_GRAPHS = "tensorflow.python.eager.polymorphic_function.polymorphic_function"
_TRAINER = "keras.src.backend.tensorflow.trainer"


def do_without_threads() -> None:
    """Let `predict` run its operations one by one here and in forks; end a process at any other graph."""
    replace(_GRAPHS, {"Function.__call__": lambda _: _end})
    replace(_TRAINER, {"TFEpochIterator": _choosing_batches, "TensorFlowTrainer.make_predict_function": _by_operations})


def _end(*_: Any, **__: Any) -> None:
    """End the process with the code that says why."""
    os._exit(UNFIT)


def _choosing_batches(compiled: Any) -> Callable[..., Any]:
    """Return what cuts arrays by NumPy, and leaves everything else to Keras's iterator."""

    class Batches(sys.modules[_TRAINER].EpochIterator):  # type: ignore[misc]
        """Batches of arrays, cut by NumPy."""

        def __init__(self, distribute_strategy: Any = None, **settings: Any) -> None:
            super().__init__(**settings)

        def __next__(self) -> Any:
            return next(self._epoch_iterator)

    def choose_batches(**settings: Any) -> Any:
        """Return where the batches come from; arrays without targets are for `predict`."""
        only = settings.get("y") is None and _are_arrays(settings.get("x"))
        return (Batches if only else compiled)(**settings)

    return choose_batches


def _by_operations(make: Callable[..., Any]) -> Callable[..., Any]:
    """Return what makes a function of operations for `predict` to call with each batch."""
    step = sys.modules[_TRAINER].TensorFlowTrainer.predict_step

    def make_predict_function(self: Any, force: bool = False) -> Any:
        """Make what is called with each batch."""
        if type(self).predict_step is not step or self.steps_per_execution > 1:
            return make(self, force)
        self.predict_function = lambda data: self.predict_step(data[0])
        return self.predict_function

    return make_predict_function


def _are_arrays(x: Any) -> bool:
    """Return whether it is one array or computed tensor, or several: what needs no `tf.data`."""
    if isinstance(x, (list, tuple)):
        return all(map(_are_arrays, x))
    return isinstance(x, np.ndarray) or (hasattr(x, "numpy") and hasattr(x, "shape"))
