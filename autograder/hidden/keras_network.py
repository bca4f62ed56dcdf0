"""A network of Keras's: its structure as JSON, and its weights."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.checks.values import Array
from autograder.hidden.network import BATCH_IMAGES

__all__ = ["KerasNetwork"]


class KerasNetwork:
    """Computes a Keras model's activations; see `TrainedNetwork`.

    Args:
        structure: its structure, JSON.
        weights: its weights, HDF5.
    """

    def __init__(self, structure: Path, weights: Path) -> None:
        self._structure = structure
        self._weights = weights
        self._models: dict[tuple[str, ...], Any] = {}

    @functools.cached_property
    def model(self) -> Any:
        """The model, loaded from its two files."""
        import keras

        with _quiet():
            model = keras.models.model_from_json(self._structure.read_text(encoding="utf-8"))
            model.load_weights(self._weights)
        return model

    @property
    def names(self) -> tuple[str, ...]:
        """The layers, in the model's order."""
        return tuple(self._named)

    @property
    def after_dropout(self) -> frozenset[str]:
        """The first layer that training mode changes, and those behind it."""
        kinds = [type(layer).__name__ for layer in self.model.layers]
        first = next((i for i, kind in enumerate(kinds) if "Dropout" in kind or "Noise" in kind), len(kinds))
        return frozenset(layer.name for layer in self.model.layers[first:])

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of what a layer gives for one image."""
        return tuple(self._named[name].output.shape[1:])

    def outputs(self, images: Array, names: Sequence[str]) -> Iterator[tuple[int, dict[str, Array]]]:
        """Yield some layers' activations batch by batch, in inference mode."""
        model = self._model_of(tuple(names))
        for start in range(0, len(images), BATCH_IMAGES):
            with _quiet():
                outputs = model.predict_on_batch(images[start : start + BATCH_IMAGES])
            yield start, {name: np.asarray(outputs[name], dtype=np.float32) for name in names}

    def in_training(self, images: Array, name: str) -> Array:
        """Return a layer's activations in training mode, for one batch."""
        weights = self.model.get_weights()
        try:
            return np.asarray(self._model_of((name,))(images, training=True)[name])
        finally:
            self.model.set_weights(weights)  # a normalisation takes its mean values along in training mode

    def part(self, name: str) -> Any:
        """Return the model up to a layer, as a notebook makes it."""
        import keras

        return keras.Model(self.model.inputs, self.model.get_layer(name).output)

    @functools.cached_property
    def _named(self) -> dict[str, Any]:
        """The layers by name."""
        return {layer.name: layer for layer in self.model.layers if type(layer).__name__ != "InputLayer"}

    @functools.cached_property
    def _graph(self) -> tuple[Any, dict[str, Any]]:
        """The network's symbolic input, and each layer's output by name."""
        import keras

        inputs = self.model.inputs
        if not isinstance(self.model, keras.Sequential):
            # A list of one input is not the structure that a bare array has,
            # and Keras warns of that.
            return inputs[0] if len(inputs) == 1 else inputs, {name: one.output for name, one in self._named.items()}
        # A Sequential model is built anew for each layer that it gets, and `output` is that of the
        # first time: a model of several of those would compute the chain that leads to each, one by
        # one, at ten times the cost.
        ends: dict[str, Any] = {}
        first = end = keras.Input(self.model.input_shape[1:])
        for name, layer in self._named.items():
            end = ends[name] = layer(end)
        return first, ends

    def _model_of(self, names: tuple[str, ...]) -> Any:
        """Return the network that gives some layers' activations.

        Its graph is traced once, and runs faster than its operations.
        """
        import keras

        if names not in self._models:
            first, ends = self._graph
            model = self._models[names] = keras.Model(first, {name: ends[name] for name in names})
            model.compile(jit_compile=False)  # XLA would compile for longer than all batches take
        return self._models[names]


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what native code writes to stderr out of the cell.

    nbgrader would give it no points for a log line.
    """
    try:
        stderr = os.dup(2)
    except OSError:  # no stderr at all
        yield
        return
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(null)
