"""A network of ten small layers in NumPy, with as much of Keras as the reference asks for, and a hundred images."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from scipy.special import softmax

from autograder.assignment.policy import Policy
from autograder.hidden.network import BATCH_IMAGES
from autograder.hidden.reference import Reference

__all__ = ["ACCEPTED", "SmallNetwork", "activations", "make_reference", "pixels"]

COUNT = 60
ACCEPTED = {"deep": ("dense", "dense_relu", "dense_dropout"), "middle": ("conv", "conv_relu", "pool", "flatten")}
_RANDOM = np.random.default_rng(0)
_FORMS = _RANDOM.random((4, 6, 6)) ** 2  # mostly dark
_LABELS = _RANDOM.integers(0, 4, 130)
_IMAGES = np.clip(_FORMS[_LABELS] + _RANDOM.normal(0, 0.15, (130, 6, 6)), 0, 1)
RAW = (_IMAGES * 255).astype("u1")
"""100 training images of four kinds, and 30 test images."""

Step = Callable[[np.ndarray], np.ndarray]
_KERNELS = _RANDOM.normal(size=(2, 2, 3))
_KERNELS -= 0.7 * _KERNELS.mean(axis=(0, 1))  # mostly edges: neither sign prevails
_WEIGHTS = [_RANDOM.normal(size=(12, 9)), _RANDOM.normal(size=(9, 4))]


def _convolve(images: np.ndarray) -> np.ndarray:
    """Return (n, 5, 5, 3): three filters of 2 by 2, with biases that give them different means."""
    windows = np.lib.stride_tricks.sliding_window_view(images[..., 0], (2, 2), axis=(1, 2))
    return np.einsum("nijkl,klc->nijc", windows, _KERNELS) + np.array([0.2, 0.3, 0.5])


def _pool(maps: np.ndarray) -> np.ndarray:
    """Return (n, 2, 2, 3): the largest of each 2 by 2, but for the edge."""
    return maps[:, :4, :4].reshape(-1, 2, 2, 2, 2, 3).max(axis=(2, 4))


def _relu(values: np.ndarray) -> np.ndarray:
    return np.maximum(values, 0)


_STEPS: dict[str, Step] = {
    "conv": _convolve,
    "conv_relu": _relu,
    "pool": _pool,
    "pool_dropout": lambda values: values,
    "flatten": lambda maps: maps.reshape(len(maps), -1),
    "dense": lambda rows: rows @ _WEIGHTS[0] - 0.2,
    "dense_relu": _relu,
    "dense_dropout": lambda values: values,
    "scores": lambda rows: rows @ _WEIGHTS[1],
    "softmax": lambda scores: softmax(scores, axis=1),
}


def activations(name: str, images: np.ndarray) -> np.ndarray:
    """Return what a layer gives for images (n, 6, 6, 1), in single precision."""
    values = images.astype(float)
    for step, function in _STEPS.items():
        values = function(values)
        if step == name:
            return values.astype("f4")
    raise KeyError(name)


def pixels(first: int = 0, last: int = COUNT) -> np.ndarray:
    """Return some images as the network wants them."""
    return RAW[first:last, ..., np.newaxis].astype("f4") / np.float32(255)


class SmallNetwork:
    """The network; `seen` has the layers that each batch was computed for."""

    names = tuple(_STEPS)
    after_dropout = frozenset(names[names.index("pool_dropout") :])

    def __init__(self) -> None:
        self.seen: list[tuple[str, ...]] = []

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of what a layer gives for one image."""
        return activations(name, pixels(0, 1)).shape[1:]

    def outputs(self, images: np.ndarray, names: Sequence[str]) -> Iterator[tuple[int, dict[str, np.ndarray]]]:
        """Yield activations batch by batch."""
        for start in range(0, len(images), BATCH_IMAGES):
            self.seen.append(tuple(names))
            yield start, {name: activations(name, images[start : start + BATCH_IMAGES]) for name in names}

    def in_training(self, images: np.ndarray, name: str) -> np.ndarray:
        """Return half of the values: as if dropout had taken the others."""
        return activations(name, images) / 2


@functools.cache
def make_reference(folder: Path) -> Reference:
    """Return the reference of the network, whose files are written into a folder."""
    np.savez(folder / "sample.npz", x_train=RAW[:100], y_train=_LABELS[:100], x_test=RAW[100:], y_test=_LABELS[100:])
    for name in ("structure.json", "weights.h5"):
        (folder / name).write_text("{}", encoding="utf-8")
    files = folder / "structure.json", folder / "weights.h5", folder / "sample.npz"
    return Reference(
        SmallNetwork(), Policy(*files, 255.0, COUNT, 30, ACCEPTED, ("deep",), ("scores", "softmax"), brief=False)
    )
