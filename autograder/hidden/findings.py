"""Records: an array of activations to identify, and what a check found."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

import numpy as np

from autograder.checks.meanings import Diagnosis
from autograder.checks.sketches import Sketch, row_squares, sketch
from autograder.checks.values import Array
from autograder.hidden.layers import secret_directions
from autograder.hidden.reference import MAX_CHANGED, Layer, Reference

__all__ = ["Candidate", "Finding", "MapFinding", "PlotFinding", "make_candidate", "some_columns"]

_COLUMNS = 256


@dataclass(frozen=True)
class Candidate:
    """A student's activations, with the reference that they are compared with.

    Attributes:
        array: (n, ...) finite floats, n the number of images asked for.
        flat: (n, d) the same, one row an image.
        sketch: random projections of `flat`.
        reference: the instructor's network and images.
        prefer: layer names in order of preference where several have the same values.
    """

    array: Array
    flat: Array
    sketch: Sketch
    reference: Reference
    prefer: tuple[str, ...]

    @property
    def rivals(self) -> list[Layer]:
        """The layers that have as many values an image; the preferred ones first."""
        layers = [
            layer for layer in self.reference.layers.values() if layer.sketch.means.shape == self.sketch.means.shape
        ]
        return sorted(layers, key=lambda layer: self.prefer.index(layer.name) if layer.name in self.prefer else 99)

    @functools.cached_property
    def few(self) -> tuple[Array, Sketch]:
        """The first rows, as many as `Reference.changed` looks at, and their sketch."""
        few = self.flat[:MAX_CHANGED]
        return few, sketch(few)

    @functools.cached_property
    def row_squares(self) -> Array:
        """(n,) each row's sum of squares."""
        return row_squares(self.flat)

    def secret_rows(self, order: Array | None = None) -> Array:
        """Return the rows' projections (n, 8) onto the directions that nobody outside knows.

        Args:
            order: for each column the column of the layer that it is; None where they correspond.
        """
        directions = secret_directions(self.flat.shape[1])
        return np.asarray(self.flat @ (directions if order is None else directions[order]))

    @functools.cached_property
    def deviations(self) -> Array:
        """Standard deviations of the features that `some_columns` picks."""
        some = np.ascontiguousarray(self.flat[:, some_columns(self.flat.shape[1])])
        return np.asarray(some.std(axis=0, dtype=np.float64))


@dataclass(frozen=True)
class Finding:
    """What a check found an array to be.

    Attributes:
        kind: "layer" where it is just a layer's activations, or a diagnosis.
        layer: the layer that it comes from; None where that can't be told.
        note: what was found, in words and numbers.
        certain: False where the layer is only the likeliest.
    """

    kind: Diagnosis | Literal["layer"]
    layer: str | None
    note: str = ""
    certain: bool = True


@dataclass(frozen=True)
class MapFinding:
    """What a check found an embedding to be.

    Attributes:
        kind: "map" where it is what it should be, "other" for a map of
            something else, or a diagnosis.
        representation: what it is a map of; None where that can't be told.
        note: what was found, in words and numbers.
    """

    kind: Diagnosis | Literal["map", "other"]
    representation: str | None
    note: str = ""


@dataclass(frozen=True)
class PlotFinding:
    """What a check found a plot to show.

    Attributes:
        kind: "plot" where it shows what it should, or a diagnosis.
        note: what was found, in words and numbers.
    """

    kind: Diagnosis | Literal["plot"]
    note: str


def some_columns(width: int) -> slice:
    """Return which columns of a wide layer are looked at one by one."""
    return slice(None, None, max(1, width // _COLUMNS))


def make_candidate(array: Array, reference: Reference, prefer: tuple[str, ...]) -> Candidate:
    """Return a claim about activations (n, ...), n the number of images asked for."""
    flat = np.ascontiguousarray(array.reshape(len(array), -1))
    return Candidate(array, flat, sketch(flat), reference, prefer)
