"""Read answers that other answers build on, as far as they can be read.

What is wrong with them is the business of checks of their own.
"""

from __future__ import annotations

from autograder.checks.failure import CheckFailed
from autograder.checks.public import images_first
from autograder.checks.values import Array, is_missing, read_numbers, settle

__all__ = ["as_rows", "is_flat", "usable"]


def usable(value: object) -> Array | None:
    """Return an answer that another one builds on as floats; None where it can't be read."""
    if is_missing(value):
        return None
    try:
        array = settle(read_numbers(value, "of"), "of")
    except CheckFailed:
        return None
    return array if array.size else None


def is_flat(of: object, rows: int) -> bool:
    """Tell whether representations were handed in as they should be, (rows, d)."""
    shape = read_numbers(of, "of").shape
    return len(shape) == 2 and shape[0] == rows


def as_rows(array: Array, rows: int) -> Array | None:
    """Return representations as (rows, d), however they were handed in; None if impossible."""
    if array.ndim > 1 and len(array) == rows:
        return array.reshape(rows, -1)
    if array.ndim > 1 and array.shape[-1] == rows:
        return images_first(array, array.ndim - 1).reshape(rows, -1)
    if (array.ndim == 1 or len(array) == 1) and array.size % rows == 0 and array.size > rows:
        return array.reshape(rows, -1)
    return None
