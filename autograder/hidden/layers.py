"""Accumulate a layer's activations batch by batch, so that they are never all in memory."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from autograder.checks.flatten import pooled_forms
from autograder.checks.sketches import SAME, Sketch, directions, row_errors
from autograder.checks.values import Array
from autograder.hidden.embeddings.representation import Representation

__all__ = ["Layer", "LayerAccumulator", "same_values", "secret_directions"]

_PROBES = 48  # rows kept as they are, to look at single values
_SECRETS = 8  # directions
_SEED = secrets.randbits(128)


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer's activations for the first images, or the images themselves.

    Attributes:
        name: the layer's name, or `PIXELS`.
        shape: of one image's activations.
        sketch: random projections of all of them.
        probe: (48, d) the first rows as they are.
        deviations: (d,) each feature's standard deviation.
        row_squares: (n,) each row's sum of squares.
        witness: (n, 8) the rows' projections onto directions that nobody outside knows.
        first: the name of the first layer that has the same values: this one's
            own, or that of one before it.
        after_dropout: True for a dropout layer and whatever comes after one: there,
            training mode changes the values.
        find_representation: gives the neighbourhoods of the layer of that name.
    """

    name: str
    shape: tuple[int, ...]
    sketch: Sketch
    probe: Array
    deviations: Array
    row_squares: Array
    witness: Array
    first: str
    after_dropout: bool
    find_representation: Callable[[str], Representation]

    @functools.cached_property
    def pooled(self) -> list[tuple[str, Array]]:
        """The ways to pool the first rows over some axes, as `pooled_forms` has them."""
        return list(pooled_forms(self.probe.reshape(-1, *self.shape)))

    @functools.cached_property
    def representation(self) -> Representation:
        """The layer's neighbourhoods, computed on demand, once for equal layers."""
        return self.find_representation(self.first)


class LayerAccumulator:
    """Accumulates the sketch of an array (n, ...) that comes some rows at a time.

    Args:
        count: n.
        shape: of one row.
    """

    def __init__(self, count: int, shape: tuple[int, ...]) -> None:
        width = int(np.prod(shape))
        self.shape = shape
        self._directions = [directions(length, "<f4") for length in (width, count)]
        self._rows = np.empty((count, self._directions[0].shape[1]), np.float32)
        self._columns = np.zeros((self._directions[1].shape[1], width), np.float64)
        self._squares = np.zeros(width)
        self.row_squares = np.empty(count)
        self.witness = np.empty((count, _SECRETS), np.float32)
        self.probe = np.empty((min(count, _PROBES), width), np.float32)

    def add(self, start: int, part: Array) -> None:
        """Take some rows, those from `start` on."""
        flat = np.ascontiguousarray(part.reshape(len(part), -1), dtype=np.float32)
        where = slice(start, start + len(flat))
        features, images = self._directions
        self._rows[where] = flat @ features
        self.witness[where] = flat @ secret_directions(flat.shape[1])
        self._columns += images[where].T @ flat
        self._squares += np.einsum("ij,ij->j", flat, flat, dtype=np.float64)
        self.row_squares[where] = np.vecdot(flat, flat)
        self.probe[start : start + len(flat)] = flat[: max(0, len(self.probe) - start)]

    def layer(
        self, name: str, first: str, find_representation: Callable[[str], Representation], *, after_dropout: bool
    ) -> Layer:
        """Return the record of what was added; the arguments are what `Layer` says of them."""
        return Layer(
            name,
            self.shape,
            self.sketch(),
            self.probe,
            self.deviations,
            self.row_squares,
            self.witness,
            first,
            after_dropout,
            find_representation,
        )

    @property
    def deviations(self) -> Array:
        """(d,) each column's standard deviation."""
        means = self._columns[-1] / len(self._rows)
        return np.asarray(np.sqrt(np.maximum(self._squares / len(self._rows) - means**2, 0)))

    def sketch(self) -> Sketch:
        """Return the sketch of the array, as `sketches.sketch` makes it of the whole."""
        means = self._columns[-1] / len(self._rows)
        length = float(means @ means)
        spread = max(self.row_squares.mean() - length, 1e-12 * (1.0 + length)) ** 0.5
        sums = [one[:, :-1].sum(axis=0, dtype=np.float64) for one in self._directions]
        columns = self._columns[:-1].astype(np.float32)
        return Sketch(self._rows[:, :-1], columns, self._rows[:, -1], means, sums[1], sums[0], spread)


@functools.lru_cache(maxsize=32)
def secret_directions(width: int) -> Array:
    """Return (width, 8): random directions, drawn anew in each process that judges.

    Those of sketches travel to students. Noise can be made that these don't see, as large as one
    likes; so what a sketch has found counts once these directions agree.
    """
    return np.random.default_rng([_SEED, width]).standard_normal((width, _SECRETS), np.float32)


def same_values(ours: Sketch, theirs: Sketch) -> bool:
    """Tell whether two layers give the same values, as far as their sketches tell."""
    if ours.columns.shape != theirs.columns.shape:
        return False
    return bool(row_errors(ours.rows, ours, theirs).max() < SAME / 100)
