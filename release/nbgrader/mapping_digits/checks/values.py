"""Read an answer as a plain NumPy array before anything looks at it.

Whatever a student's object says about itself (its `shape`, its `==`, what NumPy's functions do with
it) is not believed: only a base-class `numpy.ndarray` of real numbers leaves this module. Reading
has two steps, so that a shape can be judged before any memory is spent: `read_numbers` takes no
copy of large arrays, `settle` makes the floats to count with.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from .failure import CheckFailed
from .meanings import Diagnosis
from .memo import Array, memoised, refresh
from .parallel import in_two_threads

__all__ = ["Array", "attribute", "dimensions", "is_missing", "read_numbers", "refuse_unfilled", "settle"]

_MOST_OBJECTS = 2_000_000  # Python objects in nested lists: more would take seconds to convert
_MOST_BYTES = 2**30  # a float32 copy of every convolutional map of 1000 images is a tenth of this
_COPIED_BELOW = 2**24  # smaller arrays are copied; a larger contiguous one is looked at where it lies, for speed
_REAL_KINDS = "biuf"
_REAL_TYPES = (bool, int, float, np.bool_, np.integer, np.floating)


def is_missing(value: object) -> bool:
    """Tell whether nothing was handed in: a name that was never assigned arrives as None."""
    return value is None or value is ...


def read_numbers(value: object, name: str) -> Array:
    """Return the answer as a base-class array of real numbers, of any shape.

    NumPy arrays, tensors (anything with `.numpy()`), data frames and nested lists are read.

    Args:
        value: what the student assigned.
        name: the variable, for messages.

    Raises:
        CheckFailed: `missing` or `wrong_type`.
    """
    if is_missing(value):
        raise CheckFailed(
            Diagnosis.MISSING, f"`{name}` has no value: it was not assigned, or it is None. Assign your answer to it."
        )
    array = _as_base_array(value, name)
    if array.dtype.kind == "O":
        array = _from_objects(array, name)
    if array.dtype.kind == "c":
        array = _from_complex(array, name)
    if array.dtype.kind not in _REAL_KINDS:
        raise _wrong_type(name, f"holds values of type {str(array.dtype)[:60]}, not numbers")
    if array.ndim == 0:
        raise _wrong_type(name, "is a single number")
    return array


def settle(array: Array, name: str) -> Array:
    """Return an array from `read_numbers` as contiguous float32 or float64, every value finite.

    Raises:
        CheckFailed: `wrong_type` for an array that would not fit into memory,
            `not_finite` for NaN or infinity.
    """
    wanted = np.float64 if array.dtype.itemsize > 4 else np.float32
    if array.size * np.dtype(wanted).itemsize > _MOST_BYTES:
        raise _wrong_type(name, f"has shape {array.shape}: more values than any answer here needs")
    with np.errstate(all="ignore"):
        floats = _as_floats(array, np.dtype(wanted))
        memoised(floats, "finite", lambda: _refuse_unfinite(floats, name))
    return floats


def refuse_unfilled(floats: Array, name: str) -> None:
    """Raise `too_few_rows` where the last rows are all zeros, as an array is before it is filled."""
    filled = len(floats)
    while filled and not floats[filled - 1].any():
        filled -= 1
    if 0 < filled < len(floats) - 1:  # one such row may be an image that a layer answers with zeros
        raise CheckFailed(
            Diagnosis.TOO_FEW_ROWS,
            f"`{name}` has {len(floats)} rows, and the last {len(floats) - filled} were never filled: every value is 0. "
            "Look at the last batch, and at the loop's end.",
        )


def _as_floats(array: Array, wanted: np.dtype[Any]) -> Array:
    """Return an array as contiguous floats.

    A large one that is that already is returned as it is. Any other is copied once.
    """
    remembers = refresh(array)
    if array.dtype == wanted and array.flags.c_contiguous and array.nbytes >= _COPIED_BELOW:
        return array

    def copy() -> Array:
        floats = np.array(array, dtype=wanted, order="C", subok=False)
        refresh(floats)
        return floats

    return memoised(array, ("floats", array.shape), copy) if remembers else copy()


def dimensions(points: Array) -> int:
    """Return how many dimensions points (n, k) take up, but for rounding: 0 for one point, 1 for a line."""
    sizes = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    return int(np.sum(sizes > max(1e-6 * sizes[0], 1e-9 * np.linalg.norm(points))))


def _refuse_unfinite(floats: Array, name: str) -> None:
    """Raise `not_finite` when a value is NaN or infinite.

    A finite sum of squares settles the usual case in one pass.
    """
    flat = floats.reshape(-1)
    if np.isfinite(sum(in_two_threads(lambda half: float(np.dot(flat[half], flat[half])), flat.size, flat.size))):
        return
    bad = ~np.isfinite(floats)
    if bad.any():
        where = tuple(int(i) for i in np.unravel_index(int(np.argmax(bad)), floats.shape))
        raise CheckFailed(
            Diagnosis.NOT_FINITE,
            f"`{name}` has {int(bad.sum())} values of {bad.size} that are NaN or infinite, the first at index {where}. "
            "Every value must be a finite number: look for a division by zero or for an array that was never filled.",
        )


def _as_base_array(value: object, name: str) -> Array:
    """Return the value as a base-class array of any dtype; a subclass is stripped, never asked."""
    kind = type(value)
    if issubclass(kind, np.ndarray):
        return _strip(value, name)
    if issubclass(kind, (list, tuple)):
        return _from_lists(value, name)
    if issubclass(kind, (*_REAL_TYPES, complex)):
        return np.array(value)
    for method in ("numpy", "to_numpy"):  # TensorFlow, Keras, PyTorch; pandas
        convert = attribute(value, method)
        if callable(convert) and not isinstance(value, type):
            return _from_call(convert, name, kind)
    hint = "is a layer's symbolic output, which has no values yet: it has to be computed for the images"
    raise _wrong_type(name, hint if kind.__name__ == "KerasTensor" else f"is {_describe(kind)}, not an array")


def _strip(value: object, name: str) -> Array:
    """Return the base-class view of an array, whatever its class overrides."""
    if issubclass(type(value), np.ma.MaskedArray) and np.any(np.ma.getmaskarray(np.ma.MaskedArray(value))):
        raise _wrong_type(name, "is a masked array with values masked out")
    return np.ndarray.view(value, np.ndarray)  # type: ignore[call-overload, no-any-return]


def _from_call(convert: Callable[[], object], name: str, kind: type) -> Array:
    """Return the array that a tensor's own conversion gives, if any."""
    try:
        array = convert()
    except Exception as error:  # a foreign object: whatever goes wrong in it is the answer's fault
        raise _wrong_type(name, f"is {_describe(kind)} that can't be read as an array") from error
    if not issubclass(type(array), np.ndarray):
        raise _wrong_type(name, f"is {_describe(kind)}, not an array")
    return _strip(array, name)


def _from_lists(value: object, name: str) -> Array:
    """Return nested lists as an array; refuse what is ragged, endless, or a list around one array."""
    items = list(itertools.islice(iter(value), _MOST_OBJECTS + 1))  # type: ignore[call-overload]
    if len(items) == 1 and _has_axes(items[0]):
        raise _wrong_type(name, "is a list that holds one array; the array itself is wanted")
    if len(items) > _MOST_OBJECTS:
        raise _wrong_type(name, f"is a list of more than {_MOST_OBJECTS} entries")
    rows = [_as_base_array(item, name) if _has_axes(item) else item for item in items]
    try:
        return np.array(rows, subok=False)
    except Exception as error:  # ragged rows, or entries that refuse to be numbers
        raise _wrong_type(name, "is a list whose entries don't have one shape and type in common") from error


def _from_objects(array: Array, name: str) -> Array:
    """Return an array of Python objects as numbers.

    Every object has to be a number, or a row as long as the others.
    """
    if array.size > _MOST_OBJECTS:
        raise _wrong_type(name, "holds Python objects, not numbers")
    items = array.reshape(-1).tolist()
    if all(issubclass(type(item), _REAL_TYPES) for item in items):
        return np.array([float(item) for item in items]).reshape(array.shape)
    if array.ndim == 1 and all(issubclass(type(item), np.ndarray) for item in items):
        rows = [_strip(item, name) for item in items]
        if len({(row.shape, row.dtype.kind) for row in rows}) == 1 and rows[0].dtype.kind in _REAL_KINDS:
            return np.stack(rows)
    raise _wrong_type(name, "holds Python objects, not numbers")


def _from_complex(array: Array, name: str) -> Array:
    """Return the real part of complex numbers that have no imaginary one."""
    if np.any(array.imag != 0):
        raise _wrong_type(name, "holds complex numbers; activations and positions are real")
    return array.real


def _has_axes(item: object) -> bool:
    """Tell whether an entry is an array or a tensor with axes, not a number."""
    if issubclass(type(item), np.ndarray):
        return np.ndarray.view(item, np.ndarray).ndim > 0  # type: ignore[call-overload, no-any-return]
    return callable(attribute(item, "numpy")) and not issubclass(type(item), (*_REAL_TYPES, type))


def attribute(value: object, name: str) -> Any:
    """Return an attribute, or None: an object may raise anything when it is asked."""
    try:
        return getattr(value, name, None)
    except Exception:
        return None


def _describe(kind: type) -> str:
    """Return "a str" or "an int"; the class's own name, cut short."""
    word = kind.__name__[:40]
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word}"


def _wrong_type(name: str, what: str) -> CheckFailed:
    """Return the failure for something that is no array of numbers."""
    return CheckFailed(Diagnosis.WRONG_TYPE, f"`{name}` {what}. It must be an array of numbers (NumPy, or a tensor).")
