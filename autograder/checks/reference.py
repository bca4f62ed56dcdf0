"""The instructor's own network and images: what each layer gives, kept as sketches and neighbourhoods.

Every layer's activations for the first images are computed once, looked at, and let go: what stays is a few megabytes a
layer, so that a judging process can hold it for a whole class. Keras is passed in, not imported: this package has to be
importable where there is none.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .affinities import Source, make_source
from .settings import Settings
from .sketches import SAME, Sketch, project_rows, row_errors, sketch
from .values import Array

__all__ = ["PIXELS", "Layer", "Reference"]

PIXELS = "pixels"  # the name under which the images themselves are compared
_BATCH = 125  # images at a time: keeps the largest tensor near 10 MB, below what TensorFlow warns about
_MOST_BYTES = 100 * 2**20  # of activations held at a time; a layer that is larger comes alone
_PROBES = 48  # rows kept as they are, to look at single values


@dataclass(frozen=True)
class Layer:
    """One layer's activations for the first images, or the images themselves.

    Attributes:
        name: the layer's name, or `PIXELS`.
        shape: of one image's activations.
        sketch: random projections of all of them.
        probe: (48, d) the first rows as they are.
        deviations: (d,) each feature's standard deviation.
        row_squares: (n,) each row's sum of squares.
        source: neighbourhoods, to compare maps with.
        after_dropout: True for a dropout layer and whatever comes after one: there, training mode changes the values.
    """

    name: str
    shape: tuple[int, ...]
    sketch: Sketch
    probe: Array
    deviations: Array
    row_squares: Array
    source: Source
    after_dropout: bool


class Reference:
    """Compute, lazily and once, what answers are compared with.

    Args:
        keras: the keras module.
        settings: the assignment's policy.
    """

    def __init__(self, keras: Any, settings: Settings) -> None:
        self._keras = keras
        self.settings = settings
        with np.load(settings.sample) as sample:
            self._train, self.labels = sample["x_train"], sample["y_train"]
            self._test = sample["x_test"]
        self._changed: dict[tuple[str, str], Sketch] = {}
        self._known: dict[str, Array] = {}

    @functools.cached_property
    def layers(self) -> dict[str, Layer]:
        """Every layer by name, in the network's order; the pixels first."""
        images = self.first_images
        layers = self._summarise({PIXELS: images}, {})
        for names in self._groups():
            layers = self._summarise(self.values(images, names), layers)
        return layers

    def _groups(self) -> Iterator[list[str]]:
        """Yield the layers' names in groups whose activations fit into memory together."""
        names: list[str] = []
        held = 0
        for layer in self._named.values():
            size = 4 * self.settings.images * int(np.prod(layer.output.shape[1:]))
            if names and held + size > _MOST_BYTES:
                yield names
                names, held = [], 0
            names.append(layer.name)
            held += size
        yield names

    def values(self, images: Array, names: list[str]) -> dict[str, Array]:
        """Return the activations of some layers for some images, (n, ...) each."""
        values = {name: np.empty((len(images), *self._named[name].output.shape[1:]), np.float32) for name in names}
        for start, batch in self.outputs(images, names):
            for name, array in batch.items():
                values[name][start : start + len(array)] = array
        return values

    def _summarise(self, values: dict[str, Array], before: dict[str, Layer]) -> dict[str, Layer]:
        """Add what is kept of some layers to what was kept before; layers with the same values share their source."""
        layers = dict(before)
        after = self._after_dropout()
        for name in list(values):
            array = values.pop(name)
            flat = array.reshape(len(array), -1)
            drawn = sketch(flat)
            twin = next((layer for layer in layers.values() if _equal(flat, drawn, layer.sketch)), None)
            source = make_source(name, flat, standardise=True) if twin is None else twin.source
            squares = [np.einsum(f"ij,ij->{axis}", flat, flat, dtype=np.float64) for axis in "ji"]
            deviations = np.sqrt(np.maximum(squares[0] / len(flat) - drawn.means**2, 0))
            probe = flat[:_PROBES].copy()
            layers[name] = Layer(name, array.shape[1:], drawn, probe, deviations, squares[1], source, name in after)
        return layers

    def changed(self, name: str, words: str, change: Callable[[Array, float], Array]) -> Sketch:
        """Return the sketch of a layer's activations on the first images after a change to them.

        Args:
            name: the layer, or `PIXELS`.
            words: the change's own name, under which the sketch is remembered.
            change: (images in [0, 1], the settings' scale) -> images.
        """
        if (name, words) not in self._changed:
            images = change(self.first_images, self.settings.scale)
            values = images if name == PIXELS else self.values(images, [name])[name]
            self._changed[name, words] = sketch(values.reshape(len(values), -1))
        return self._changed[name, words]

    def known_rows(self, name: str) -> tuple[Array, int]:
        """Return the sketched rows (m, 8) of all training and then all test images, and where the test images begin."""
        if name not in self._known:
            images = self.images(np.concatenate([self._train, self._test]))
            batches = [(0, {PIXELS: images})] if name == PIXELS else self.outputs(images, [name])
            self._known[name] = np.concatenate([project_rows(b[name].reshape(len(b[name]), -1)) for _, b in batches])
        return self._known[name], len(self._train)

    @property
    def first_images(self) -> Array:
        """The images that answers are about, as the network wants them."""
        return self.images(self._train[: self.settings.images])

    def images(self, raw: Array) -> Array:
        """Return raw images as the network wants them: float32 in [0, 1], with a channel axis."""
        scaled = raw.astype(np.float32) / np.float32(self.settings.scale)
        return scaled[..., np.newaxis] if scaled.ndim == 3 else scaled

    @functools.cached_property
    def model(self) -> Any:
        """The network, loaded from its two files."""
        with _quiet():
            model = self._keras.models.model_from_json(self.settings.structure.read_text(encoding="utf-8"))
            model.load_weights(self.settings.weights)
        return model

    def _after_dropout(self) -> set[str]:
        """Return the names of the layers in which training mode changes the values."""
        names = [layer.name for layer in self.model.layers]
        kinds = [type(layer).__name__ for layer in self.model.layers]
        first = next((i for i, kind in enumerate(kinds) if "Dropout" in kind or "Noise" in kind), len(names))
        return set(names[first:])

    @functools.cached_property
    def _named(self) -> dict[str, Any]:
        """The network's layers by name, in its order."""
        return {layer.name: layer for layer in self.model.layers if type(layer).__name__ != "InputLayer"}

    def outputs(self, images: Array, names: Sequence[str]) -> Iterator[tuple[int, dict[str, Array]]]:
        """Yield (index of the first image, activations of the named layers), batch by batch, in inference mode."""
        inputs = self.model.inputs
        # A list of one input is not the structure that a bare array has, and Keras warns of that.
        model = self._keras.Model(
            inputs[0] if len(inputs) == 1 else inputs, {name: self._named[name].output for name in names}
        )
        for start in range(0, len(images), _BATCH):
            with _quiet():
                outputs = model(images[start : start + _BATCH], training=False)
            yield start, {name: np.asarray(outputs[name], dtype=np.float32) for name in names}


def _equal(flat: Array, ours: Sketch, theirs: Sketch) -> bool:
    """Tell whether two layers give the same values."""
    if ours.columns.shape != theirs.columns.shape:
        return False
    return bool(row_errors(flat, ours, theirs).max() < SAME / 100)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what native code writes to stderr out of the cell: nbgrader would give it no points for a log line."""
    try:
        kept = os.dup(2)
    except OSError:  # no stderr at all
        yield
        return
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)
