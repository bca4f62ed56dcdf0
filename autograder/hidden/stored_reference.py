"""The reference as files: made once for a network, its images and settings, and mapped by whoever judges.

What is in a folder of it: `reference.json`, each layer's activations on the first images as they
are, sketches of changed images, and sketched rows of all images. No framework is imported to read
it.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import mmap
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autograder.assignment.policy import Policy
from autograder.checks.sketches import Sketch
from autograder.checks.values import Array
from autograder.hidden.activations.from_other_images import SCALES
from autograder.hidden.embeddings.representation import Representation
from autograder.hidden.layers import Layer, LayerAccumulator
from autograder.hidden.network import load_network
from autograder.hidden.reference import PIXELS, Reference

__all__ = ["StoredLayer", "StoredReference", "store_reference"]

_INDEX = "reference.json"
_CHANGED = "changed.npz"
_ALL_ROWS = "all_rows.npz"
_FIELDS = tuple(field.name for field in dataclasses.fields(Sketch))
_BLOCK = 256  # rows that are sketched at a time


@dataclasses.dataclass(frozen=True)
class StoredLayer:
    """One layer of the network's, as it is stored.

    Attributes:
        name: its name.
        shape: of one image's activations.
        first: the name of the first layer that has the same values; that one's are stored.
        after_dropout: whether training mode changes the values.
        file: its activations on the first images, float32, row by row; as large as these are.
        key: what a notebook's `predict` asks for them by; "" where it can't ask.
    """

    name: str
    shape: tuple[int, ...]
    first: str
    after_dropout: bool
    file: str
    key: str = ""


def store_reference(reference: Reference, folder: Path, key_of: Callable[[str], str | None]) -> None:
    """Compute whatever a judge may ask of a reference, and write it into a folder.

    Args:
        reference: what computes it.
        folder: an empty folder.
        key_of: gives what a notebook's `predict` asks for a layer by; None where it can't ask.
    """
    names = [name for name in reference.layers if name != PIXELS]
    firsts = [name for name in names if reference.layers[name].first == name]
    files = {name: f"{number}.f4" for number, name in enumerate(firsts)}
    left = firsts
    while left:
        together = reference.together(left[0], left)
        for name, values in reference.first_values(together).items():
            np.asarray(values, np.float32).tofile(folder / files[name])
        left = left[len(together) :]
    _store_other_images(reference, folder)
    stored = [
        StoredLayer(name, layer.shape, layer.first, layer.after_dropout, files.get(layer.first, ""), key_of(name) or "")
        for name, layer in ((name, reference.layers[name]) for name in names)
    ]
    index = json.dumps([dataclasses.asdict(layer) for layer in stored], indent=1)
    (folder / _INDEX).write_text(index + "\n", encoding="utf-8")


def _store_other_images(reference: Reference, folder: Path) -> None:
    """Write what answers about changed images, or about other ones, are compared with."""
    firsts = [name for name, layer in reference.layers.items() if layer.first == name]
    sketches = {
        f"{number}/{name}/{field}": getattr(reference.sketch_of_changed(name, words, change), field)
        for number, (words, change) in enumerate(SCALES.items())
        for name in firsts
        for field in _FIELDS
    }
    np.savez(folder / _CHANGED, **sketches)
    rows: dict[str, Any] = {name: reference.rows_of_all(name)[0] for name in firsts}
    np.savez(folder / _ALL_ROWS, **rows)


class StoredReference(Reference):
    """A reference that reads what `store_reference` wrote.

    Args:
        folder: where that is.
        settings: the assignment's policy.

    Raises:
        Exception: there is no whole one.
    """

    def __init__(self, folder: Path, settings: Policy) -> None:
        super().__init__(load_network(settings), settings)  # which is loaded when it is asked for something
        index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
        layers = (StoredLayer(**{**each, "shape": tuple(each["shape"])}) for each in index)
        self.stored = {layer.name: layer for layer in layers}
        self._folder = folder
        self._changed, self._rows = (self._opened(folder / name) for name in (_CHANGED, _ALL_ROWS))
        self._sketches: dict[tuple[str, str], Sketch] = {}
        self._values = {name: self._mapped(layer) for name, layer in self.stored.items()}  # open, whoever removes them

    @functools.cached_property
    def layers(self) -> dict[str, Layer]:
        """Every layer by name, in the network's order; the pixels first."""
        images = self.first_images
        layers = {PIXELS: self._sketched(PIXELS, images, PIXELS, after_dropout=False)}
        for name, stored in self.stored.items():
            layers[name] = (
                self._sketched(name, self._values[name], stored.first, after_dropout=stored.after_dropout)
                if stored.first not in layers
                else dataclasses.replace(
                    layers[stored.first], name=name, shape=stored.shape, after_dropout=stored.after_dropout
                )
            )
        return layers

    def _opened(self, path: Path) -> Any:
        """Return a file's arrays, which are read when they are asked for, and is open as long as this object is."""
        file = path.open("rb")
        weakref.finalize(self, file.close)
        return np.load(file)

    def _sketched(self, name: str, values: Array, first: str, *, after_dropout: bool) -> Layer:
        """Return the record of a layer with these values (n, ...)."""
        accumulator = LayerAccumulator(len(values), values.shape[1:])
        for start in range(0, len(values), _BLOCK):
            accumulator.add(start, values[start : start + _BLOCK])
        _let_go_of(values)
        return accumulator.layer(name, first, self._representation, after_dropout=after_dropout)

    def _mapped(self, layer: StoredLayer) -> Array:
        """Return a layer's activations (n, ...), as they lie on disk."""
        shape = (self.settings.images, *layer.shape)
        if not layer.file:  # the layer gives the images themselves
            return self.first_images.reshape(shape)
        return np.memmap(self._folder / layer.file, np.float32, "r", shape=shape)

    def files(self) -> dict[str, tuple[Path, tuple[int, ...]]]:
        """Return the file and the shape of each prediction that a notebook may ask for, by its key."""
        return {
            layer.key: (self._folder / layer.file, (self.settings.images, *layer.shape))
            for layer in self.stored.values()
            if layer.key and layer.file
        }

    def layer_files(self) -> dict[str, tuple[Path, tuple[int, ...]]]:
        """Return the file and the shape of each layer's activations; of layers with the same values, the first one's."""
        return {
            layer.name: (self._folder / layer.file, (self.settings.images, *layer.shape))
            for layer in self.stored.values()
            if layer.file and layer.first == layer.name
        }

    def let_go(self) -> None:
        """Hold none of the activations in memory until they are looked at again."""
        for values in self._values.values():
            _let_go_of(values)

    def _representation(self, name: str) -> Representation:
        """Return a layer's neighbourhoods; its activations are read for it, and let go."""
        if name not in self._representations:
            super()._representation(name)
            _let_go_of(self._values.get(name))
        return self._representations[name]

    def together(self, name: str, names: list[str]) -> list[str]:
        """Return the layer alone: no pass through the network is saved by asking for more."""
        return [name]

    def first_values(self, names: list[str]) -> dict[str, Array]:
        """Return the activations (n, ...) of some layers for the first images."""
        return {name: self._values[name] for name in names}

    def sketch_of_changed(self, name: str, words: str, change: Callable[[Array, float], Array]) -> Sketch:
        """Return the sketch of a layer's activations on the first `MAX_CHANGED` images after a change to them."""
        place = (words, self.layers[name].first)
        if place not in self._sketches:
            number = list(SCALES).index(words)
            fields: dict[str, Any] = {field: self._changed[f"{number}/{place[1]}/{field}"] for field in _FIELDS}
            self._sketches[place] = Sketch(**{**fields, "spread": float(fields["spread"])})
        return self._sketches[place]

    def rows_of_all(self, name: str) -> tuple[Array, int]:
        """Return the sketched rows (m, 8) of all images, and where the test images begin."""
        first = self.layers[name].first
        if first not in self._all_rows:
            self._all_rows[first] = self._rows[first]
        return self._all_rows[first], len(self._train)


def _let_go_of(values: Array | None) -> None:
    """Hold no page of an array that lies in a file."""
    if isinstance(values, np.memmap):
        values._mmap.madvise(mmap.MADV_DONTNEED)  # type: ignore[attr-defined]  # noqa: SLF001 (NumPy has no name for it)
