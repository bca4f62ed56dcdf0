"""Write answers from a student's namespace as plain data.

Arrays become bytes and everything else JSON; nothing is pickled.

This runs in the student's own process, so that what it writes is a claim and no more. The file it writes has eight bytes
with the length of a JSON text, the JSON text, and the bytes of the arrays, each from a multiple of 64 on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from json import dumps
from typing import Any

import numpy as np

__all__ = ["Bounds", "write_claims"]

_KINDS = "biufc"
_DEEPEST = 4
_PLAIN = (int, float, str, bool, type(None))
_ALIGNED = 64  # bytes: so that an array can be looked at where it lies
_MOST_OBJECTS = 2_000_000  # numbers that are Python's own objects in an array: as many as the checks read
_MOST_AXES = 20  # of one answer, beside the first
_GRIDS = ("FacetGrid", "JointGrid", "PairGrid")  # seaborn's, which hold a figure
_LEAST_BYTES = 4  # that checks make of a number, be it a truth value
_SHORT_LIST = 1000  # longer lists of numbers travel as an array's bytes


@dataclass(frozen=True)
class Bounds:
    """How large answers may be.

    Attributes:
        one: bytes of one array.
        all: bytes of all arrays of one file.
        entries: values in lists and dictionaries, all together; and as many points of plots.
        text: characters of one text.
    """

    one: int
    all: int
    entries: int
    text: int


@dataclass
class _Draft:
    """The claims so far: the arrays, and how much more may come."""

    bounds: Bounds
    entries: int = 0
    points: int = 0
    size: int = 0
    arrays: list[Any] = field(default_factory=list)
    places: dict[tuple[int, int], int] = field(default_factory=dict)


def write_claims(
    namespace: Mapping[str, object], names: Sequence[str], path: str, bounds: Bounds, functions: Sequence[str] = ()
) -> None:
    """Write the named values that are there into a new file; of `functions`, what can be said of what can be called.

    Raises:
        OSError: the file is there already, or the folder is full.
    """
    draft = _Draft(bounds)
    entries = {
        name: _function(namespace[name], draft) if name in functions else _describe_safely(namespace[name], draft)
        for name in names
        if name in namespace
    }
    header = dumps(entries).encode()
    header += b" " * (-(8 + len(header)) % _ALIGNED)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(file, "wb") as target:
        target.write(len(header).to_bytes(8, "little") + header)
        for array in draft.arrays:
            target.write(array.reshape(-1).view(np.uint8).data)
            target.write(bytes(-array.nbytes % _ALIGNED))


def _function(value: object, draft: _Draft) -> dict[str, Any]:
    """Return what something that can be called says about itself; anything else as `_describe_safely` does."""
    if not callable(value):
        return _describe_safely(value, draft)
    name, text = (getattr(value, attribute, None) for attribute in ("__name__", "__doc__"))
    return {
        "kind": "function",
        "name": name[:60] if type(name) is str else type(value).__name__[:60],
        "doc": text[: draft.bounds.text] if type(text) is str else None,
    }


def _describe_safely(value: object, draft: _Draft) -> dict[str, Any]:
    """Describe a value, or name its type alone when looking at it raises."""
    try:
        return _describe(value, draft, 0)
    except Exception:  # noqa: BLE001 (a student's object may raise anything)
        return _opaque(value)


def _describe(value: Any, draft: _Draft, depth: int) -> dict[str, Any]:
    """Return a value as JSON, an array as its place among the bytes."""
    kind = type(value)
    if issubclass(kind, (np.generic, complex)):
        return _array(np.asarray(value), draft, "scalar")
    if issubclass(kind, _PLAIN):
        return _plain(value, draft)
    if (plot := _plot(value, draft)) is not None:
        return plot
    if issubclass(kind, np.ndarray):
        return _from_array(value, draft)
    if kind in (list, tuple, dict, set) and depth < _DEEPEST:
        return _container(value, draft, depth)
    if _is_layer(value):
        return {"kind": "layer", "value": str(value.name)[: draft.bounds.text]}
    return _from_tensor(value, draft)


def _plain(value: Any, draft: _Draft) -> dict[str, Any]:
    """Return a text, a number, a truth value or None as JSON, a subclass as its base."""
    if value is None or isinstance(value, bool):
        return {"kind": "plain", "value": value}
    if isinstance(value, str):
        text = str.__str__(value)
        return {"kind": "plain", "value": text} if len(text) <= draft.bounds.text else _too_large("str")
    if isinstance(value, int):
        number = int.__int__(value)
        return {"kind": "plain", "value": number} if number.bit_length() <= 1024 else _too_large("int")
    return {"kind": "float", "value": float.__repr__(float.__float__(value))}


def _container(value: Any, draft: _Draft, depth: int) -> dict[str, Any]:
    """Return a list, a tuple, a set or a dictionary, entry by entry; long lists of numbers as bytes."""
    name = type(value).__name__
    draft.entries += len(value)
    if name in ("list", "tuple") and len(value) and (len(value) > _SHORT_LIST or isinstance(value[0], (list, tuple))):
        numbers = _numbers(value)
        if numbers is not None:
            return _array(numbers, draft, name)
    if draft.entries > draft.bounds.entries:
        return _too_large(name)
    items = [part for pair in value.items() for part in pair] if name == "dict" else value
    return {"kind": name, "items": [_describe(item, draft, depth + 1) for item in items]}


def _numbers(value: Any) -> Any:
    """Return a list of numbers, or of equal rows of them, as an array; None where it is something else."""
    row = value[0]
    if isinstance(row, (list, tuple)):
        plain = all(type(item) in (list, tuple) and len(item) == len(row) for item in value)
        plain = plain and all(type(number) in (int, float) for item in value for number in item)
    else:
        plain = all(type(item) in (int, float) for item in value)
    numbers = np.asarray(value) if plain else None
    return numbers if numbers is not None and numbers.dtype.kind in "if" and len(value) else None


def _from_array(value: Any, draft: _Draft) -> dict[str, Any]:
    """Return an array's own bytes, whatever its class overrides; of objects only where they are numbers."""
    if isinstance(value, np.ma.MaskedArray) and np.any(np.ma.getmaskarray(value)):
        return _opaque(value)
    base = np.ndarray.view(value, np.ndarray)
    if base.dtype.kind == "O":
        if base.size > _MOST_OBJECTS:
            return _opaque(value)
        base = np.array(base.tolist())
    return _array(base, draft, "array")


def _from_tensor(value: Any, draft: _Draft) -> dict[str, Any]:
    """Return what can be read as an array by asking it: tensors, series and data frames."""
    for method in ("numpy", "to_numpy"):
        convert = getattr(value, method, None)
        if callable(convert) and not isinstance(value, type):
            array = convert()
            if isinstance(array, np.generic):
                array = np.asarray(array)
            return _from_array(array, draft) if isinstance(array, np.ndarray) else _opaque(value)
    return _opaque(value)


def _array(array: Any, draft: _Draft, kind: str) -> dict[str, Any]:
    """Give an array its place among the bytes; names of the same memory share one."""
    if array.dtype.kind not in _KINDS:
        return {"kind": "opaque", "type": f"ndarray of {array.dtype.name}"[:60]}
    size = array.size * array.dtype.itemsize
    if max(size, array.size * _LEAST_BYTES) > draft.bounds.one or draft.size + size > draft.bounds.all:
        return {"kind": "large", "type": "ndarray", "dtype": array.dtype.str, "shape": list(array.shape)}
    whole = np.ascontiguousarray(array)
    place = draft.places.get((whole.ctypes.data, size)) if size else None
    if place is None:
        place = draft.size
        draft.places[whole.ctypes.data, size] = place
        draft.arrays.append(whole)
        draft.size += size + -size % _ALIGNED
    return {"kind": kind, "dtype": array.dtype.str, "shape": list(array.shape), "place": place}


def _plot(value: object, draft: _Draft) -> dict[str, Any] | None:
    """Return the labelled points of something that was drawn; None for anything else."""
    read_plot = getattr(sys.modules.get("released_checks.read_plot"), "read_plot", None)
    if read_plot is None or not _is_drawn(value):
        return None
    try:
        plot = read_plot(value)
    except Exception:  # noqa: BLE001 (nothing that can be read was drawn: the type tells the rest)
        return _opaque(value)
    shown = [plot, *plot.others[:_MOST_AXES]]
    draft.points += sum(map(len, shown))
    if draft.points > draft.bounds.entries:
        return _too_large("plot")
    others = [_points(other, draft) for other in shown[1:]]
    return {"kind": "plot", **_points(plot, draft), "others": others}


def _points(plot: Any, draft: _Draft) -> dict[str, Any]:
    """Return the points of one Axes, and their labels."""
    points = _array(np.ascontiguousarray(plot.points, dtype=np.float64), draft, "array")
    return {"points": points, "labels": [str(label)[:100] for label in plot.labels]}


def _is_drawn(value: object) -> bool:
    """Tell whether a value is a part of a matplotlib figure, or holds one."""
    artist = getattr(sys.modules.get("matplotlib.artist"), "Artist", ())
    if isinstance(value, np.ndarray):  # as `plt.subplots` returns several Axes
        value = np.ndarray.view(value, np.ndarray).reshape(-1)[:100].tolist() if value.dtype.kind == "O" else []
    if type(value) is dict:  # as `plt.subplot_mosaic` does
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return any(isinstance(item, artist) for item in value[:100])
    return isinstance(value, artist) or type(value).__name__ in _GRIDS


def _is_layer(value: object) -> bool:
    """Tell whether a value is a layer of a network."""
    return isinstance(value, getattr(sys.modules.get("keras"), "Layer", ()))


def _opaque(value: object) -> dict[str, Any]:
    """Return a value's type by name: all that can be said about it."""
    return {"kind": "opaque", "type": str(type(value).__name__)[:60]}


def _too_large(name: str) -> dict[str, Any]:
    """Return what stands for a value that is too long to be handed over."""
    return {"kind": "opaque", "type": f"{name} too long to be handed over"}
