"""Read what a kernel claims to have as answers: bounded, validated, never unpickled.

Every byte is a student's. What comes out is a base-class array, a plain value, the points of a plot, or the name of a
type that could not be handed over.
"""

from __future__ import annotations

import json
import math
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.checks.plots import PlotData
from autograder.execute.limits import Limits
from autograder.execute.outputs import clean

__all__ = ["Claim", "Opaque", "parse_claims", "read_claims"]

Claim = object
"""An array, a plain value, a list, tuple or dictionary of them, a `PlotData`, or an `Opaque`."""

_KINDS = "biufc"
_DEEPEST = 6
_HEADER_BYTES = 20_000_000
_MOST_AXES = 32
_MOST_VALUES = 2**60  # of an array that stayed behind: what NumPy can still count the bytes of
_COPIES = 2  # names for one memory travel once, and become an array each
_NUMBER_BYTES = 32  # of a number in a list


@dataclass(frozen=True)
class Opaque:
    """A value that is no plain data.

    Attributes:
        type_name: what its type is called.
        shape: of an array that was too large to be handed over; None for anything else.
    """

    type_name: str
    shape: tuple[int, ...] | None = None


class _MalformedError(Exception):
    """A claim is not what the kernel's own code writes."""


def read_claims(folder: int, name: str, limits: Limits) -> bytearray | None:
    """Read a file out of the folder that is shared with a kernel, and delete it.

    Args:
        folder: the folder, open.
        name: the file; a link, a pipe or a device is not read.
        limits: how much is read.

    Returns:
        The bytes; None when there is no such file, or it is too large.
    """
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return None
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_size > limits.answers + _HEADER_BYTES:
            return None
        return _read_all(file, status.st_size)
    finally:
        os.close(file)
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)


def _read_all(file: int, size: int) -> bytearray:
    """Return so many bytes, or as many as there are."""
    buffer = bytearray(size)
    done = 0
    while done < size and (count := os.readv(file, [memoryview(buffer)[done:]])):
        done += count
    return buffer[:done] if done < size else buffer


def parse_claims(raw: bytearray | None, names: tuple[str, ...], limits: Limits) -> dict[str, Claim]:
    """Return the claims by name; names that are missing, or malformed, are left out."""
    if raw is None:
        return {}
    length = int.from_bytes(raw[:8], "little")
    if len(raw) < 8 or length > min(len(raw) - 8, _HEADER_BYTES):
        return {}
    try:
        header = json.loads(raw[8 : 8 + length])
    except (ValueError, RecursionError):
        return {}
    if not isinstance(header, dict):
        return {}
    reader = _Reader(memoryview(raw)[8 + length :], limits.answer, _COPIES * limits.answers)
    claims: dict[str, Claim] = {}
    for name in names:
        if name in header:
            with suppress(_MalformedError):
                claims[name] = reader.read(header[name])
    return claims


class _Reader:
    """Turn descriptions into values.

    Args:
        body: the bytes of the arrays.
        most: bytes of one array.
        all_most: bytes of everything that is made of them: a few bytes can be described a thousand times.
    """

    def __init__(self, body: memoryview, most: int, all_most: int) -> None:
        self._body = body
        self._most = most
        self._left = all_most

    def read(self, entry: object, depth: int = 0) -> Claim:
        """Return the value that an entry describes.

        Raises:
            _MalformedError: it describes none.
        """
        try:
            return self._read(entry, depth)
        except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise _MalformedError(str(error)) from error

    def _read(self, entry: Any, depth: int) -> Claim:
        kind = entry["kind"]
        if kind == "plain":
            return _plain(entry["value"])
        if kind == "float":
            return float(entry["value"][:100])
        if kind == "layer":
            return _text(entry["value"])
        if kind == "opaque":
            return Opaque(_text(entry["type"])[:60].replace("\0", ""))
        if kind == "large":
            return Opaque("ndarray", _countable(_shape(entry["shape"])))
        if kind == "plot":
            return self._plot(entry)
        if kind in ("list", "tuple", "dict") and "items" in entry and depth < _DEEPEST:
            return _container(kind, [self.read(item, depth + 1) for item in entry["items"]])
        return self._converted(kind, self._array(entry))

    def _converted(self, kind: object, array: np.ndarray[Any, Any]) -> Claim:
        """Return an array as what it was: itself, a number, a list or a tuple of numbers."""
        if kind == "array":
            return array
        if kind == "scalar" and array.ndim == 0:
            return array[()]
        if kind in ("list", "tuple"):
            self._spend(array.size * _NUMBER_BYTES - array.nbytes)
            return array.tolist() if kind == "list" else tuple(array.tolist())
        raise _MalformedError(f"unknown kind {kind!r}")

    def _array(self, entry: Mapping[str, Any]) -> np.ndarray[Any, Any]:
        """Return a base-class array over its own part of the bytes."""
        dtype = np.dtype(_text(entry["dtype"])[:10])
        shape, place = _shape(entry["shape"]), entry["place"]
        if dtype.kind not in _KINDS or dtype.hasobject or type(place) is not int:
            raise _MalformedError("no array of numbers")
        size = math.prod(shape) * dtype.itemsize
        if size > self._most or not 0 <= place <= len(self._body) - size:
            raise _MalformedError("an array outside the bytes")
        self._spend(size)
        # A copy: aligned, and nobody else's.
        return np.frombuffer(bytes(self._body[place : place + size]), dtype).reshape(shape).copy()

    def _spend(self, size: int) -> None:
        """Count memory that is about to be taken, and refuse it where it is too much."""
        self._left -= size
        if self._left < 0:
            raise _MalformedError("more than was handed over")

    def _plot(self, entry: Mapping[str, Any]) -> PlotData:
        """Return the points of a plot."""
        points, labels = self._array(entry["points"]), entry["labels"]
        if points.ndim != 2 or points.shape[1] != 2 or len(points) != len(labels) or points.dtype != np.float64:
            raise _MalformedError("no points")
        return PlotData(points, tuple(_text(label)[:100] for label in labels))


def _container(kind: str, items: list[Claim]) -> Claim:
    """Return a list, a tuple or a dictionary of values."""
    if kind == "dict":
        return dict(zip(items[::2], items[1::2], strict=True))
    return items if kind == "list" else tuple(items)


def _plain(value: object) -> Claim:
    """Return a value of JSON that is one thing."""
    if value is None or isinstance(value, (bool, int, str)):
        return clean(value)
    raise _MalformedError("no plain value")


def _text(value: object) -> str:
    """Return a text."""
    if not isinstance(value, str):
        raise _MalformedError("no text")
    return str(clean(value))


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
