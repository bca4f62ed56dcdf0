"""The instructor's network and images: a sketch and the neighbourhoods of each layer.

The activations for the first images go through memory in small batches: what stays is a megabyte a
layer, so that a process can hold it for a whole class. Neighbourhoods are made for the layers
that a map is compared with, when the first is.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Iterator

import numpy as np

from autograder.assignment.policy import Policy
from autograder.checks.sketches import Sketch, project_rows
from autograder.checks.values import Array
from autograder.hidden.embeddings.representation import Representation, make_representation
from autograder.hidden.layers import Layer, LayerAccumulator, same_values
from autograder.hidden.network import BATCH_IMAGES, TrainedNetwork, as_inputs

__all__ = ["MAX_CHANGED", "PIXELS", "Layer", "Reference"]

PIXELS = "pixels"  # the name under which the images themselves are compared
MAX_CHANGED = 200
"""Images that the network is asked about once more for each change to them."""
_TOGETHER_NUMBERS = 2**24  # of layers whose values are kept from one pass: 64 MB
_SMALL_NUMBERS = 2**18  # a layer that has no more for the first images is computed once: 1 MB


class Reference:
    """Computes on demand, and once, what answers are compared with.

    Args:
        network: the instructor's network.
        settings: the assignment's policy.
    """

    def __init__(self, network: TrainedNetwork, settings: Policy) -> None:
        self.network = network
        self.settings = settings
        with np.load(settings.sample) as sample:
            self._train, self.labels = sample["x_train"], sample["y_train"]
            self._test = sample["x_test"]
            self.every_label = np.concatenate([self.labels, sample["y_test"]])  # as `rows_of_all` has the images
        self._changed_sketches: dict[str, dict[str, Sketch]] = {}
        self._all_rows: dict[str, Array] = {}
        self._small: dict[str, Array] = {}
        self._representations: dict[str, Representation] = {}

    @functools.cached_property
    def layers(self) -> dict[str, Layer]:
        """Every layer by name, in the network's order; the pixels first."""
        images = self.first_images
        accumulators = {PIXELS: LayerAccumulator(len(images), images.shape[1:])}
        shapes = {name: self.network.shape(name) for name in self.network.names}
        accumulators |= {name: LayerAccumulator(len(images), shape) for name, shape in shapes.items()}
        accumulators[PIXELS].add(0, images)
        small = (name for name, shape in shapes.items() if np.prod(shape) * len(images) <= _SMALL_NUMBERS)
        self._small = {name: self._room(name, len(images)) for name in small}
        for start, batch in self.network.outputs(images, list(shapes)):
            for name, array in batch.items():
                accumulators[name].add(start, array)
                if name in self._small:
                    self._small[name][start : start + len(array)] = array
        layers: dict[str, Layer] = {}
        for name, accumulator in accumulators.items():
            layers[name] = self._layer(name, accumulator, layers)
        return layers

    def _layer(self, name: str, accumulator: LayerAccumulator, before: dict[str, Layer]) -> Layer:
        """Return the record of a layer; an earlier layer with the same values is its first."""
        after = name in self.network.after_dropout
        layer = accumulator.layer(name, name, self._representation, after_dropout=after)
        twin = next((other.first for other in before.values() if same_values(layer.sketch, other.sketch)), name)
        return dataclasses.replace(layer, first=twin)

    def _representation(self, name: str) -> Representation:
        """Return a layer's neighbourhoods; its activations are computed again for it, and let go.

        Who asks for one layer will ask for the next: as many as fit into
        memory are computed in one pass.
        """
        if name not in self._representations:
            group = self.together(name, [each for each, _ in self._firsts() if each not in self._representations])
            values = {PIXELS: self.first_images} if PIXELS in group else {}
            if named := [each for each in group if each != PIXELS]:
                values |= self.first_values(named)
            for each in group:
                flat = values.pop(each).reshape(self.settings.images, -1)
                self._representations[each] = make_representation(
                    each, flat, functools.partial(self._flat_values, each)
                )
        return self._representations[name]

    def together(self, name: str, names: list[str]) -> list[str]:
        """Return a layer and those behind it that one pass computes together.

        They are among these names, as many as fit into memory.
        """
        behind = names[names.index(name) :]
        sizes = np.cumsum([np.prod(self.layers[each].shape) * self.settings.images for each in behind])
        return behind[: max(1, int(np.searchsorted(sizes, _TOGETHER_NUMBERS, side="right")))]

    def _flat_values(self, name: str) -> Array:
        """Return a layer's activations on the first images, one flat row an image."""
        images = self.first_images
        values = images if name == PIXELS else self.first_values([name])[name]
        return values.reshape(len(values), -1)

    def _room(self, name: str, count: int) -> Array:
        """Return an array for a layer's activations on so many images."""
        return np.empty((count, *self.network.shape(name)), np.float32)

    def first_values(self, names: list[str]) -> dict[str, Array]:
        """Return the activations (n, ...) of some layers for the first images; don't change them."""
        values = {name: self._small[name] for name in names if name in self._small}
        others = [name for name in names if name not in values]
        return values | (self.values(self.first_images, others) if others else {})

    def values(self, images: Array, names: list[str]) -> dict[str, Array]:
        """Return the activations of some layers for some images, (n, ...) each."""
        values = {name: self._room(name, len(images)) for name in names}
        for start, batch in self.network.outputs(images, names):
            for name, array in batch.items():
                values[name][start : start + len(array)] = array
        return values

    def sketch_of_changed(self, name: str, words: str, change: Callable[[Array, float], Array]) -> Sketch:
        """Return the sketch of a layer's activations on the first `MAX_CHANGED` images after a change to them.

        All layers are sketched at the first question: the next one is about another layer.

        Args:
            name: the layer, or `PIXELS`.
            words: the change's own name, under which the sketch is cached.
            change: (images in [0, 1], the settings' scale) -> images.
        """
        if words not in self._changed_sketches:
            images = change(self.first_images, self.settings.scale)[:MAX_CHANGED]
            accumulators = {each: LayerAccumulator(len(images), layer.shape) for each, layer in self._firsts()}
            for start, batch in self._with_pixels(images):
                for each, accumulator in accumulators.items():
                    accumulator.add(start, batch[each])
            self._changed_sketches[words] = {each: accumulator.sketch() for each, accumulator in accumulators.items()}
        return self._changed_sketches[words][self.layers[name].first]

    def rows_of_all(self, name: str) -> tuple[Array, int]:
        """Return the sketched rows (m, 8) of all images, and where the test images begin.

        The training images come first.
        """
        if not self._all_rows:
            images = self.images(np.concatenate([self._train, self._test]))
            rows: dict[str, list[Array]] = {each: [] for each, _ in self._firsts()}
            for _, batch in self._with_pixels(images):
                for each, parts in rows.items():
                    parts.append(project_rows(batch[each].reshape(len(batch[each]), -1)))
            self._all_rows = {each: np.concatenate(parts) for each, parts in rows.items()}
        return self._all_rows[self.layers[name].first], len(self._train)

    def _firsts(self) -> list[tuple[str, Layer]]:
        """Return the layers by name, of those with the same values only the first."""
        return [(name, layer) for name, layer in self.layers.items() if layer.first == name]

    def _with_pixels(self, images: Array) -> Iterator[tuple[int, dict[str, Array]]]:
        """Yield (index of the first image, activations of all such layers and the pixels), batch by batch."""
        names = [name for name, _ in self._firsts() if name != PIXELS]
        for start, batch in self.network.outputs(images, names):
            yield start, batch | {PIXELS: images[start : start + BATCH_IMAGES]}

    @property
    def first_images(self) -> Array:
        """The images that answers are about, as the network wants them."""
        return self.images(self._train[: self.settings.images])

    def images(self, raw: Array) -> Array:
        """Return raw images as the network wants them."""
        return as_inputs(raw, self.settings.scale)
