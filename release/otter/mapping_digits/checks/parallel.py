"""Work on a large array in two halves at the same time.

A process that judges has one thread for BLAS, as small products are quicker so; the
few large ones are worth two.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_two_threads"]

Result = TypeVar("Result")

_LARGE = 2**19  # numbers: for fewer, a thread's start is not worth it


def in_two_threads(work: Callable[[slice], Result], count: int, size: int) -> list[Result]:
    """Return the results of `work` for both halves of the rows, or for all rows at once.

    Args:
        work: a function of a slice that leaves the interpreter to others, as
            NumPy's large operations do.
        count: how many rows.
        size: how many numbers they have altogether; few are not divided.
    """
    if size < _LARGE or count < 2:
        return [work(slice(0, count))]
    with ThreadPoolExecutor(1) as other:
        second = other.submit(work, slice(count // 2, count))
        return [work(slice(0, count // 2)), second.result()]
