"""Arrays that differ by rounding alone."""

import numpy as np
import pytest

from autograder.reuse.nearly_equal import NearlyEqual

X = np.random.default_rng(0).gamma(1.0, size=(60, 400)).astype(np.float32)


@pytest.fixture
def seen():
    """One array of one kind."""
    nearly = NearlyEqual()
    nearly.add("kind", "known", nearly.project(X))
    return nearly


def test_rounding_makes_no_difference(seen):
    """Float32 noise of the size that another order of summing leaves is the same array."""
    noise = np.random.default_rng(1).normal(scale=3e-7, size=X.shape).astype(np.float32)
    assert seen.find("kind", seen.project(X * (1 + noise))) == "known"


def _one_row(array):
    array[7] = array[8]
    return array


@pytest.mark.parametrize(
    "change",
    [
        lambda array: array[::-1],
        lambda array: array * np.float32(1.001),
        lambda array: np.maximum(array - np.float32(0.01), 0),
        lambda array: array[:, ::-1],
        lambda array: array.astype(np.float16).astype(np.float32),
        lambda array: array[:50],
        lambda array: np.where(array == array.max(), 0, array),
        lambda array: np.full_like(array, np.nan),
        _one_row,
    ],
)
def test_anything_else_does(seen, change):
    """What a student could have done otherwise is another array."""
    assert seen.find("kind", seen.project(np.ascontiguousarray(change(X.copy())))) is None


@pytest.mark.parametrize(
    "spoil", [lambda array: array + np.float32(100), lambda array: np.vstack([array[1:], array[:1] * 1e6])]
)
def test_large_values_hide_no_difference(spoil):
    """An offset, or one row far away, doesn't make the others alike."""
    nearly = NearlyEqual()
    nearly.add("kind", "known", nearly.project(spoil(X).astype(np.float32)))
    assert nearly.find("kind", nearly.project(spoil(X).astype(np.float32))) == "known"
    assert nearly.find("kind", nearly.project(spoil(X * np.float32(1.001)).astype(np.float32))) is None


def test_kinds_are_apart(seen):
    """Other settings of t-SNE have other maps."""
    assert seen.find("another", seen.project(X)) is None


def test_it_is_bounded(seen):
    """Old arrays are forgotten."""
    for number in range(301):
        seen.add("kind", str(number), np.full((60, 8), float(number)))
    assert seen.find("kind", seen.project(X)) is None
