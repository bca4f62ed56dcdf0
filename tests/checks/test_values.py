"""Answers become base-class arrays of real numbers, or clear failures."""

import types

import numpy as np
import pytest

from autograder.checks import CheckFailed
from autograder.checks.values import read_numbers, refuse_unfilled, settle


class Liar(np.ndarray):
    """An array that answers every question as its owner likes."""

    shape = property(lambda self: (1000, 128))

    def __array_ufunc__(self, *args, **kwargs):
        return True

    def __array_function__(self, *args, **kwargs):
        return True

    def __eq__(self, other):
        return True

    __hash__ = None


class Fake:
    """No array, but it says so."""

    shape = (1000, 128)
    __class__ = np.ndarray
    __array_interface__ = property(lambda self: 1 / 0)


def _raise():
    raise RuntimeError("boom")


class Explosive:
    """An object that raises whatever it is asked."""

    def __getattr__(self, name):
        raise RuntimeError(name)


def test_a_subclass_is_stripped():
    """What the class overrides is never called."""
    array = read_numbers(np.arange(6.0).reshape(2, 3).view(Liar), "x")
    assert type(array) is np.ndarray
    assert array.shape == (2, 3)
    assert not (array == 99).any()


@pytest.mark.parametrize(
    "value",
    [
        np.ones((2, 3), "f2"), np.ones((2, 3), ">f8"), np.ones((2, 3), "longdouble"), np.ones((2, 3), int), np.ones((2, 3), bool),
        [[1, 1, 1]] * 2, [np.ones(3)] * 2, ((1.0, 1, 1),) * 2, np.ones((2, 3), object), np.ones((2, 3), complex),
        np.ma.masked_array(np.ones((2, 3))), np.ones((4, 6))[::-2, ::-2], np.broadcast_to(1.0, (2, 3)),
        types.SimpleNamespace(numpy=lambda: np.ones((2, 3))), types.SimpleNamespace(to_numpy=lambda: np.ones((2, 3))),
    ],
    ids=str,
)  # fmt: skip
def test_honest_numbers_are_read(value):
    """Any numeric type, tensors, lists, views and frames."""
    array = settle(read_numbers(value, "x"), "x")
    assert type(array) is np.ndarray
    assert array.dtype in (np.float32, np.float64)
    assert array.flags.c_contiguous
    np.testing.assert_array_equal(array, np.ones((2, 3)))


def test_rows_in_an_object_array_are_stacked():
    """np.array(list, dtype=object) of equal rows is honest."""
    rows = np.empty(2, object)
    rows[:] = [np.ones(3), np.ones(3)]
    assert read_numbers(rows, "x").shape == (2, 3)


@pytest.mark.parametrize("value", [None, ...])
def test_nothing_is_missing(value):
    """A name that was never assigned arrives as None."""
    with pytest.raises(CheckFailed, match=r"`x` has no value.*\[missing\]"):
        read_numbers(value, "x")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("dense", "is a str"), ({"a": 1}, "is a dict"), (3.0, "is a single number"), (np.array(3.0), "is a single number"),
        (Fake(), "is a Fake"), (Explosive, "is a type"), (np.float64, "is a type"),
        ([np.ones((4, 2))], "list that holds one array"), ([[1, 2], [3]], "one shape and type"), (["a", "b"], "holds values of type"),
        (np.array([1, "a", None], object), "Python objects"), (np.array([1 + 2j]), "complex"),
        (np.ma.masked_less(np.arange(4.0), 2), "masked"), (np.zeros(3, [("a", float)]), "holds values of type"),
        (np.array(["2020"], "M8[Y]"), "holds values of type"), (types.SimpleNamespace(numpy=lambda: "no"), "is a SimpleNamespace"),
        (types.SimpleNamespace(numpy=_raise), "can't be read"), (type("KerasTensor", (), {})(), "symbolic"), (np.array(["x"]), "holds values"),
        (iter([1]), "is a list_iterator"), (range(2_000_001), "is a range"), ([0] * 2_000_001, "more than"),
    ],
)  # fmt: skip
def test_the_rest_is_the_wrong_type(value, words):
    """Each gets its clear failure."""
    with pytest.raises(CheckFailed, match=words) as caught:
        read_numbers(value, "x")
    assert caught.value.diagnosis == "wrong_type"


def test_huge_views_cost_no_memory():
    """A broadcast scalar of any size is refused before it is copied."""
    huge = np.broadcast_to(np.float32(1), (1000, 10**9))
    with pytest.raises(CheckFailed, match="more values than any answer"):
        settle(read_numbers(huge, "x"), "x")


def test_the_first_value_that_is_not_finite_is_told():
    """Where to look."""
    values = np.ones((3, 4))
    values[1, 2] = np.nan
    values[2, 0] = np.inf
    with pytest.raises(CheckFailed, match=r"2 values of 12.*\(1, 2\).*\[not_finite\]"):
        settle(values, "x")


def test_large_values_are_finite():
    """A sum of squares that overflows says nothing yet."""
    assert settle(np.full((2, 2), 1e300), "x").max() == 1e300
    assert settle(np.empty((0, 3)), "x").size == 0


def test_an_object_that_raises_whatever_it_is_asked_is_the_wrong_type():
    """Nothing that a student's object raises gets out."""
    with pytest.raises(CheckFailed, match="is an Explosive"):
        read_numbers(Explosive(), "x")


def test_last_rows_that_were_never_filled_are_refused():
    """Several of them; one may be an image that a layer answers with zeros, and all are another mistake."""
    rows = np.ones((100, 3, 2))
    for filled in (100, 99, 0):
        refuse_unfilled(np.where(np.arange(100)[:, None, None] < filled, rows, 0), "reps")
    with pytest.raises(CheckFailed, match=r"the last 36 were never filled: every value is 0\. .*\[too_few_rows\]"):
        refuse_unfilled(np.where(np.arange(100)[:, None, None] < 64, rows, 0), "reps")
