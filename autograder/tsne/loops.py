"""The loops of t-SNE, compiled by numba.

They run over all pairs of points, in vectors of single precision, and from step to step.

They stand together: what is kept of a compiled function is not renewed when one that it calls
changes in another module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit
from numpy.polynomial import Chebyshev, Polynomial

from autograder.checks.values import Array
from autograder.log import logged_suppress

__all__ = ["descend_blindly", "sum_of_logarithms", "sum_over_pairs"]


_EXACT = frozenset({"reassoc", "contract", "nsz", "arcp"})  # sums in any order, so that they are vectors; NaN stays NaN
# log(1 + x) from -0.25 to 0.5, to 4e-8.
_LOGARITHM = tuple(
    np.float32(factor)
    for factor in Chebyshev.interpolate(np.log1p, 8, domain=[-0.25, 0.5]).convert(kind=Polynomial).coef
)
_LOG_2 = np.float32(np.log(2))
_THREE_QUARTERS = np.int32(0x3F400000)  # the bits of 0.75 in single precision
_MANTISSA = np.int32(23)  # how many bits follow the exponent


def _compile(signature: str, fastmath: frozenset[str] = frozenset()) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a function for these types.

    It does so once for this machine, where the result can be cached.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        """Return the compiled function."""
        for cached in (True, False):
            with logged_suppress(RuntimeError, OSError):
                return njit(signature, fastmath=set(fastmath), error_model="numpy", nogil=True, cache=cached)(function)
        raise AssertionError("what isn't kept needs no place")

    return decorate


@_compile("float64[:,::1](float32[::1], float32[::1], float32[:,::1])", _EXACT)
def sum_over_pairs(across: Array, along: Array, affinities: Array) -> Array:
    """Return (5, n): sums over all other points of q, q² dx, q² dy, p q dx and p q dy.

    Here q = 1 / (1 + squared distance).
    """
    count = across.shape[0]
    sums = np.empty((5, count))
    for one in range(count):
        row = affinities[one]
        near_all = away_x = away_y = to_x = to_y = np.float32(0)
        for other in range(count):
            x = across[one] - across[other]
            y = along[one] - along[other]
            near = np.float32(1) / (np.float32(1) + x * x + y * y)
            push = near * near
            pull = near * row[other]
            near_all += near
            away_x += push * x
            away_y += push * y
            to_x += pull * x
            to_y += pull * y
        sums[0, one] = near_all
        sums[1, one] = away_x
        sums[2, one] = away_y
        sums[3, one] = to_x
        sums[4, one] = to_y
    return sums


@_compile("float32(float32)", _EXACT)
def _logarithm(value: Any) -> Any:
    """Return the logarithm of a number from 1 on.

    It works in vectors; the library's takes one number after the other.
    """
    bits = np.float32(value).view(np.int32)
    power = np.int32(np.int32(bits - _THREE_QUARTERS) >> _MANTISSA)
    rest = np.int32(bits - np.int32(power << _MANTISSA)).view(np.float32) - np.float32(1)
    result = np.float32(0)
    for place in range(len(_LOGARITHM) - 1, -1, -1):
        result = result * rest + _LOGARITHM[place]
    return result + np.float32(power) * _LOG_2


@_compile("float64(float32[::1], float32[::1], float32[:,::1])", _EXACT)
def sum_of_logarithms(across: Array, along: Array, affinities: Array) -> float:
    """Return the sum over all ordered pairs of p log(1 + squared distance)."""
    total = 0.0
    for one in range(across.shape[0]):
        row = affinities[one]
        part = np.float32(0)
        for other in range(one + 1, across.shape[0]):
            x = across[one] - across[other]
            y = along[one] - along[other]
            part += row[other] * _logarithm(np.float32(1) + x * x + y * y)
        total += float(part)
    return 2 * total


@_compile("UniTuple(float64, 2)(float64[:,:,::1], float32[:,::1], float32[:,::1], int64, UniTuple(float64, 3))")
def descend_blindly(
    state: Array, seen: Array, affinities: Array, steps: int, settings: tuple[float, float, float]
) -> tuple[float, float]:
    """Take some steps with momentum and a gain for each coordinate (Jacobs 1988).

    Args:
        state: (3, 2, n) the embedding, the last step, and the factors to the
            gradient; changed in place.
        seen: (2, n) takes the embedding before the last step, which the divergence is about.
        affinities: (n, n) joint probabilities.
        steps: how many.
        settings: momentum, learning rate, and the least gain.

    Returns:
        The sum of q over all ordered pairs, and the length of the last gradient with its gains.
    """
    places, moves, gains = state
    momentum, rate, least = settings
    total = squares = 0.0
    for _ in range(steps):
        seen[:] = places
        sums = sum_over_pairs(seen[0], seen[1], affinities)
        total = sums[0].sum() - seen.shape[1]
        squares = 0.0
        for axis in range(2):
            for one in range(seen.shape[1]):
                slope = 4 * (sums[3 + axis, one] - sums[1 + axis, one] / total)
                gain = gains[axis, one] + 0.2 if moves[axis, one] * slope < 0 else gains[axis, one] * 0.8
                gains[axis, one] = max(gain, least)
                slope *= gains[axis, one]
                squares += slope * slope
                moves[axis, one] = momentum * moves[axis, one] - rate * slope
                places[axis, one] += moves[axis, one]
    return total, np.sqrt(squares)
