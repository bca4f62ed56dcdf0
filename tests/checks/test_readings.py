"""Readings are read however they are written down, and what is none gets a sentence."""

import numpy as np
import pytest

from autograder import checks
from autograder.checks import CheckFailed
from autograder.checks.readings import read_indices, read_pairs

LABELS = (0, 1, 2, 3)


@pytest.mark.parametrize(
    "value",
    [
        [7, 3],
        (7, 3),
        np.array([7, 3]),
        np.array([[7], [3]]),
        [7.0, 3.0],
        np.float32([7, 3]),
        [np.int64(7), np.int64(3)],
        [7, 3, 7],
        (np.array([7, 3]),),
        [[7], [3]],
        range(7, 2, -4),
    ],
)
def test_indices_in_any_writing(value):
    """Lists, tuples, arrays, what `np.where` returns, floats that are whole."""
    assert read_indices(value, "strays", 10) == (7, 3)


def test_sets_and_single_numbers_are_indices():
    """A set has an order of its own; one number is one image."""
    assert read_indices({7, 3}, "strays", 10) == (3, 7)
    assert read_indices(7, "strays", 10) == (7,)
    assert read_indices([], "strays", 10) == ()


@pytest.mark.parametrize(
    ("value", "diagnosis"),
    [
        (None, "missing"),
        (..., "missing"),
        ("7, 3", "wrong_type"),
        ([7, "3"], "wrong_type"),
        ([7, 10], "wrong_type"),
        ([-1], "wrong_type"),
        ([2.5], "wrong_type"),
        ([float("nan")], "wrong_type"),
        ([float("inf")], "wrong_type"),
        ([True, False], "wrong_type"),
        ({7: 3}, "wrong_type"),
        ([[[7, None]]], "wrong_type"),
        (np.zeros(20_000), "wrong_type"),
        ([10**400], "wrong_type"),
    ],
)
def test_what_is_no_index(value, diagnosis):
    """A sentence says what was expected."""
    with pytest.raises(CheckFailed, match="`strays`") as caught:
        checks.indices(value, "strays", below=10)
    assert caught.value.diagnosis == diagnosis


@pytest.mark.parametrize(
    "value",
    [
        [(1, 2), (3, 0)],
        [(2, 1), (0, 3)],
        [[1, 2], [3, 0]],
        np.array([[1, 2], [3, 0]]),
        [{1, 2}, {0, 3}],
        [frozenset({1, 2}), frozenset({0, 3})],
        ((1.0, 2.0), (3.0, 0.0)),
        [("1", "2"), ("3", "0")],
        [("shirt", "coat"), ("bag", "shoe")],
        [(1, 2), (2, 1), (0, 3)],
    ],
)
def test_pairs_in_any_writing(value):
    """Numbers, names, and either order."""
    assert read_pairs(value, "borders", LABELS, ("shoe", "shirt", "coat", "bag")) == ((1, 2), (0, 3))


@pytest.mark.parametrize(
    ("value", "diagnosis"),
    [
        (None, "missing"),
        ([(1, 1)], "wrong_type"),
        ([(1, 4)], "wrong_type"),
        ([1, 2, 3], "wrong_type"),
        ([("a", "b")], "wrong_type"),
        ("1-2", "wrong_type"),
        ({(1, 2): 3}, "wrong_type"),
    ],
)
def test_what_is_no_pair(value, diagnosis):
    """A sentence shows how one is written."""
    with pytest.raises(CheckFailed, match="`borders`") as caught:
        checks.pairs(value, "borders", labels=np.array(LABELS))
    assert caught.value.diagnosis == diagnosis


def test_cards_count_what_is_named():
    """And say no more than that."""
    assert checks.indices([3], "strays", below=10).text == "`strays` names 1 image."
    assert checks.pairs([(0, 1), (1, 2)], "borders", labels=np.array(LABELS)).text == "`borders` names 2 pairs."
