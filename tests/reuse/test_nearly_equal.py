"""Arrays that differ by rounding alone."""

import numpy as np
import pytest

from autograder.checks.sketches import directions
from autograder.reuse.nearly_equal import NearlyEqual, nearly_equal
from autograder.sandbox.sealed_files import SealedFile

X = np.random.default_rng(0).gamma(1.0, size=(60, 400)).astype(np.float32)


@pytest.fixture
def seen():
    """One array of one kind."""
    nearly = NearlyEqual()
    _add(nearly, "known", X)
    return nearly


def _add(nearly, key, array):
    nearly.add("kind", key, nearly.project(array), SealedFile.from_bytes(array.tobytes()))


def find(nearly, array, kind="kind"):
    """Return the key of an array that is the same up to rounding, as the cache looks for it."""
    found = nearly.candidates(kind, nearly.project(array))
    return next(
        (key for key, file in found.items() if nearly_equal(array, file.numbers(0, array.shape, array.dtype))), None
    )


def test_rounding_makes_no_difference(seen):
    """Float32 noise of the size that another order of summing leaves is the same array."""
    noise = np.random.default_rng(1).normal(scale=3e-7, size=X.shape).astype(np.float32)
    assert find(seen, X * (1 + noise)) == "known"


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
    assert find(seen, np.ascontiguousarray(change(X.copy()))) is None


@pytest.mark.parametrize(
    "spoil", [lambda array: array + np.float32(100), lambda array: np.vstack([array[1:], array[:1] * 1e6])]
)
def test_large_values_hide_no_difference(spoil):
    """An offset, or one row far away, doesn't make the others alike."""
    nearly = NearlyEqual()
    _add(nearly, "known", spoil(X).astype(np.float32))
    assert find(nearly, spoil(X).astype(np.float32)) == "known"
    assert find(nearly, spoil(X * np.float32(1.001)).astype(np.float32)) is None


def test_noise_that_no_projection_sees_is_seen(seen):
    """The projections are public: noise can be made in their null space, so the values themselves decide."""
    basis = np.linalg.qr(directions(X.shape[1], "<f8"))[0]
    noise = np.random.default_rng(2).normal(size=X.shape)
    noise -= (noise @ basis) @ basis.T
    poisoned = (X + noise).astype(np.float32)
    assert "known" in seen.candidates("kind", seen.project(poisoned))
    assert find(seen, poisoned) is None


@pytest.mark.parametrize("value", [4e36, np.inf, -np.inf, np.nan])
def test_what_overflows_equals_nothing(value):
    """Projections of huge values are infinite, and infinite is not nearly infinite."""
    nearly = NearlyEqual()
    _add(nearly, "known", X)
    huge = np.full_like(X, value)
    assert find(nearly, huge) is None
    assert not nearly_equal(huge, X)
    assert not nearly_equal(X, huge)
    assert not nearly_equal(np.full_like(X, np.inf), np.full_like(X, np.inf))


def test_kinds_are_apart(seen):
    """Other settings of t-SNE have other maps."""
    assert find(seen, X, "another") is None


def test_it_is_bounded(seen, monkeypatch):
    """The arrays that nobody used for longest are forgotten, by number and by bytes."""
    for number in range(298):
        _add(seen, str(number), np.full((60, 8), float(number), np.float32))
    seen.use("kind", "known")
    for number in range(2):
        _add(seen, f"more {number}", np.full((60, 8), -1.0 - number, np.float32))
    assert find(seen, X) == "known"
    monkeypatch.setattr("autograder.reuse.nearly_equal._MAX_BYTES", X.nbytes)
    _add(seen, "last", X + 1)
    assert find(seen, X) is None
    assert find(seen, X + 1) == "last"
