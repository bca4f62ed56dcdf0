"""Read what a kernel claims to have as answers: bounded, validated, never unpickled.

Every byte is a student's. What comes out is a base-class array, a plain value, the points of a plot, or the name of a
type that could not be handed over.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from autograder.checks.read_plot import PlotData
from autograder.sandbox.limits import Limits
from autograder.sandbox.sealed_files import HEADER_BYTES, SealedFile
from autograder.texts import replace_surrogates

__all__ = ["Claim", "Function", "Opaque", "Room", "parse_claims"]

Claim = object
"""An array, a plain value, a list, tuple, set or dictionary of them, a `PlotData`, a `Function`, or an `Opaque`."""

_TYPES = re.compile(r"[<>|=][biufc]\d{1,2}")  # NumPy reads others too, some of them as code
_LENGTH = 8  # bytes that say how long the description is
_DEEPEST = 6
_MOST_AXES = 32
_MOST_PLOTS = 20  # beside the first
_MOST_VALUES = 2**60  # of an array that stayed behind: what NumPy can still count the bytes of
_COPIES = 2  # names for one memory travel once, and become an array each
_NUMBER_BYTES = 32  # of a number in a list
_LEAST_BYTES = 4  # that checks make of a number, be it a truth value
_MOST_STEPS = 100  # for a key of a dictionary, on the average; powers of two are 61 different hashes


@dataclass(frozen=True)
class Opaque:
    """A value that is no plain data.

    Attributes:
        type_name: what its type is called.
        shape: of an array that was too large to be handed over; None for anything else.
    """

    type_name: str
    shape: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Function:
    """Something of the student's that can be called where it is.

    Attributes:
        name: what it calls itself.
        doc: what it says about itself; None where it says nothing.
    """

    name: str
    doc: str | None


class _MalformedError(Exception):
    """A claim is not what the kernel's own code writes."""


@dataclass
class Room:
    """How much more may be made of what a kernel wrote: a few bytes can be described a thousand times.

    Attributes:
        size: bytes.
        points: of plots.
    """

    size: int
    points: int

    @classmethod
    def of_answers(cls, limits: Limits) -> Self:
        """Return the room for one question's answers."""
        return cls(_COPIES * limits.answers, limits.entries)

    @classmethod
    def of_calls(cls, limits: Limits) -> Self:
        """Return the room for all that calls give back."""
        return cls(_COPIES * limits.results, limits.entries)

    def spend(self, size: int = 0, points: int = 0) -> None:
        """Count memory that is about to be taken, and points.

        Raises:
            _MalformedError: it is too much.
        """
        self.size -= size
        self.points -= points
        if min(self.size, self.points) < 0:
            raise _MalformedError("more than was handed over")


def parse_claims(
    file: SealedFile | None,
    names: tuple[str, ...],
    limits: Limits,
    room: Room | None = None,
    places: dict[int, int] | None = None,
) -> dict[str, Claim]:
    """Return the claims by name; names that are missing, or malformed, are left out.

    Args:
        file: what the kernel wrote.
        names: what is wanted of it.
        limits: how large answers may be.
        room: for all that is made of this file and others; None for what one question's answers may have.
        places: takes how many bytes each array has, by where in the file it begins.
    """
    length = 0 if file is None else int.from_bytes(file.read(0, _LENGTH), "little")
    if file is None or not 0 < length <= min(file.size - _LENGTH, HEADER_BYTES):
        return {}
    try:
        header = json.loads(file.read(_LENGTH, length))
    except (ValueError, RecursionError):
        return {}
    if not isinstance(header, dict):
        return {}
    reader = _Reader(file, _LENGTH + length, limits.answer, room or Room.of_answers(limits), places)
    claims: dict[str, Claim] = {}
    for name in names:
        if name in header:
            with suppress(_MalformedError):
                claims[name] = reader.read(header[name])
    return claims


class _Reader:
    """Turn descriptions into values.

    Args:
        file: has the bytes of the arrays.
        body: where in it they begin.
        most: bytes of one array.
        room: for everything that is made of them.
        places: takes how many bytes each array has, by where in the file it begins.
    """

    def __init__(
        self, file: SealedFile, body: int, most: int, room: Room, places: dict[int, int] | None = None
    ) -> None:
        self._file = file
        self._body = body
        self._most = most
        self._room = room
        self._places = {} if places is None else places

    def read(self, entry: object, depth: int = 0) -> Claim:
        """Return the value that an entry describes.

        Raises:
            _MalformedError: it describes none.
        """
        try:
            return self._read(entry, depth)
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError, OSError, MemoryError) as error:
            raise _MalformedError(str(error)) from error

    def _read(self, entry: Any, depth: int) -> Claim:
        kind = entry["kind"]
        if kind in _SIMPLE:
            return _SIMPLE[kind](entry)
        if kind == "plot":
            return self._plot(entry)
        if kind in ("list", "tuple", "set", "dict") and "items" in entry and depth < _DEEPEST:
            return _container(kind, [self.read(item, depth + 1) for item in entry["items"]])
        return self._converted(kind, self._array(entry))

    def _converted(self, kind: object, array: np.ndarray[Any, Any]) -> Claim:
        """Return an array as what it was: itself, a number, a list or a tuple of numbers."""
        if kind == "array":
            return array
        if kind == "scalar" and array.ndim == 0:
            return array[()]
        if kind in ("list", "tuple"):
            self._room.spend(math.prod(max(1, count) for count in array.shape) * _NUMBER_BYTES - array.nbytes)
            return array.tolist() if kind == "list" else tuple(array.tolist())
        raise _MalformedError(f"unknown kind {kind!r}")

    def _array(self, entry: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        """Return a base-class array over its own part of the bytes."""
        shape, place = _shape(entry["shape"]), entry["place"]
        if not _TYPES.fullmatch(entry["dtype"]) or type(place) is not int:
            raise _MalformedError("no array of numbers")
        dtype = np.dtype(entry["dtype"])
        size = math.prod(shape) * dtype.itemsize
        if (
            max(size, math.prod(shape) * _LEAST_BYTES) > self._most
            or not 0 <= place <= self._file.size - self._body - size
        ):
            raise _MalformedError("an array outside the bytes")
        self._room.spend(size)
        self._places[self._body + place] = size
        return self._file.numbers(self._body + place, shape, dtype)

    def _plot(self, entry: Mapping[str, Any]) -> PlotData:
        """Return the points of a plot, and those of the other Axes that were handed in with it."""
        others = entry["others"]
        if not isinstance(others, list) or len(others) > _MOST_PLOTS:
            raise _MalformedError("no plots")
        first = self._points(entry)
        return PlotData(first.points, first.labels, tuple(map(self._points, others)))

    def _points(self, entry: Mapping[str, Any]) -> PlotData:
        """Return the points of one Axes."""
        points, labels = self._array(entry["points"]), entry["labels"]
        if points.ndim != 2 or points.shape[1] != 2 or len(points) != len(labels) or points.dtype != np.float64:
            raise _MalformedError("no points")
        self._room.spend(points=len(points))
        return PlotData(points, tuple(_text(label)[:100] for label in labels))


def _container(kind: str, items: list[Claim]) -> Claim:
    """Return a list, a tuple, a set or a dictionary of values."""
    if kind == "dict":
        _refuse_collisions(items[::2])
        return dict(zip(items[::2], items[1::2], strict=True))
    if kind == "set":
        _refuse_collisions(items)
        return set(items)
    return items if kind == "list" else tuple(items)


def _refuse_collisions(keys: list[Claim]) -> None:
    """Refuse keys that are made so that each collides with all before it, wherever they are looked up."""
    steps = sum(count**2 for count in Counter(map(hash, keys)).values())
    if steps > _MOST_STEPS * len(keys):
        raise _MalformedError("keys that collide")


def _plain(value: object) -> Claim:
    """Return a value of JSON that is one thing."""
    if value is None or isinstance(value, (bool, int, str)):
        return replace_surrogates(value)
    raise _MalformedError("no plain value")


def _text(value: object) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise _MalformedError("no text")
    return str(replace_surrogates(value))


def _shape(value: object) -> tuple[int, ...]:
    """Return a shape: a few counts."""
    if not isinstance(value, list) or len(value) > _MOST_AXES:
        raise _MalformedError("no shape")
    if not all(type(count) is int and 0 <= count < 2**48 for count in value):
        raise _MalformedError("no shape")
    return tuple(value)


def _countable(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of an array that could be there."""
    if math.prod(max(1, count) for count in shape) > _MOST_VALUES:
        raise _MalformedError("no shape")
    return shape


_SIMPLE: dict[str, Callable[[Any], Claim]] = {
    "plain": lambda entry: _plain(entry["value"]),
    "float": lambda entry: float(entry["value"][:100]),
    "layer": lambda entry: _text(entry["value"]),
    "function": lambda entry: Function(
        _text(entry["name"])[:60], None if entry["doc"] is None else _text(entry["doc"])
    ),
    "opaque": lambda entry: Opaque(_text(entry["type"])[:60].replace("\0", "")),
    "large": lambda entry: Opaque("ndarray", _countable(_shape(entry["shape"]))),
}
"""Claims that are no containers of others, and no numbers' bytes."""
