"""What the hidden checks need of a trained network: images in, activations by layer out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from autograder.assignment.policy import Policy
from autograder.checks.values import Array

__all__ = ["BATCH_IMAGES", "TrainedNetwork", "as_inputs", "load_network"]

BATCH_IMAGES = 32
"""As Keras's `predict` has it: another number changes the last bits of sums on some processors."""
_GREY = 3  # the axes of images without one for channels


class TrainedNetwork(Protocol):
    """A trained network, in whatever framework."""

    @property
    def names(self) -> tuple[str, ...]:
        """The layers, in the network's order; the input isn't one."""
        ...

    @property
    def after_dropout(self) -> frozenset[str]:
        """The layers in which training mode changes the values: dropout, and what comes after it."""
        ...

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of what a layer gives for one image."""
        ...

    def outputs(self, images: Array, names: Sequence[str]) -> Iterator[tuple[int, dict[str, Array]]]:
        """Yield some layers' activations batch by batch, float32, in inference mode.

        Each batch comes with the index of its first image.
        """
        ...

    def in_training(self, images: Array, name: str) -> Array:
        """Return a layer's activations in training mode, for one batch."""
        ...


def as_inputs(raw: Array, scale: float) -> Array:
    """Return images as a network wants them: float32, divided by the scale, grey ones with a channel axis."""
    scaled = raw.astype(np.float32) / np.float32(scale)
    return scaled[..., np.newaxis] if scaled.ndim == _GREY else scaled


def load_network(settings: Policy) -> TrainedNetwork:
    """Return the assignment's network; its framework is imported when it is first asked for something."""
    if settings.structure.suffix == ".py":
        from autograder.hidden.torch_network import TorchNetwork

        return TorchNetwork(settings.structure, settings.weights, lambda: _example(settings))
    from autograder.hidden.keras_network import KerasNetwork

    return KerasNetwork(settings.structure, settings.weights)


def _example(settings: Policy) -> Array:
    """Return the first image."""
    with np.load(settings.sample) as sample:
        return as_inputs(sample["x_train"][:1], settings.scale)
