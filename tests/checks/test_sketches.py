"""Sketches are random projections, and tell what the arrays themselves would tell."""

import numpy as np
import pytest

from autograder.checks.sketches import (
    SAME,
    directions,
    match_columns,
    order_of_columns,
    project_rows,
    row_errors,
    row_squares,
    sketch,
)

RANDOM = np.random.default_rng(0)
SHAPE = (4, 3, 2)
IMAGES = RANDOM.normal(size=(30, *SHAPE)).astype("f4")
FLAT = IMAGES.reshape(30, -1)


def test_directions_are_the_same_in_every_process_and_end_with_the_sum():
    """What one process has sketched, another one compares with."""
    found = directions(5, "<f8")
    expected = np.random.default_rng(5).standard_normal((5, 8))
    np.testing.assert_array_equal(found[:, :-1], expected)
    np.testing.assert_array_equal(found[:, -1], np.ones(5))


def test_directions_that_are_longer_than_a_layer_are_not_kept():
    """Who judges a class would hold a gigabyte for each answer with one long row."""
    assert directions(2**16, "<f4") is directions(2**16, "<f4")
    long = directions(2**16 + 1, "<f4")
    assert long is not directions(2**16 + 1, "<f4")
    expected = np.random.default_rng(2**16 + 1).standard_normal((2**16 + 1, 8)).astype("f4")
    np.testing.assert_array_equal(long[:, :-1], expected)


@pytest.mark.parametrize("rows", [30, 60_000])
def test_a_sketch_is_the_products_with_the_directions(rows):
    """Of few rows and of so many that two threads share them."""
    flat = RANDOM.normal(2, 3, size=(rows, 24))
    found = sketch(flat)
    across, along = directions(24, flat.dtype.str), directions(rows, flat.dtype.str)
    np.testing.assert_allclose(found.rows, flat @ across[:, :8], atol=1e-9)
    np.testing.assert_allclose(found.columns, along[:, :8].T @ flat, atol=1e-6)
    np.testing.assert_allclose(found.row_sums, flat.sum(axis=1), atol=1e-9)
    np.testing.assert_allclose(found.means, flat.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(found.weights, along[:, :8].sum(axis=0))
    np.testing.assert_allclose(found.feature_sums, across[:, :8].sum(axis=0))
    assert found.spread == pytest.approx(np.sqrt(np.sum((flat - flat.mean(axis=0)) ** 2) / rows))
    np.testing.assert_array_equal(project_rows(flat), found.rows)


def test_columns_in_the_order_of_their_first_projections():
    """And how far they spread, in all eight."""
    found = sketch(FLAT)
    assert found.firsts.tolist() == sorted(found.columns[0].tolist())
    np.testing.assert_array_equal(found.columns[0][found.ascending], found.firsts)
    assert found.unit == pytest.approx(np.sqrt(found.columns.var(axis=1).mean()), rel=1e-5)


def test_squares_of_rows():
    """(3, 4) has 25."""
    np.testing.assert_array_equal(row_squares(np.array([[3.0, 4], [0, 0], [1, 1]])), [25, 0, 2])


def test_row_errors_are_distances_in_units_of_the_spread():
    """One row was moved by two spreads: to the third part, as eight projections tell; the others are where they were."""
    theirs, moved = sketch(FLAT), FLAT.copy()
    moved[7] += (2 * theirs.spread / np.sqrt(24)).astype("f4")
    found = row_errors(moved, sketch(moved), theirs)
    assert 2 / 3 * 2 < found[7] < 4 / 3 * 2
    assert np.delete(found, 7).max() < 1e-6


def test_row_errors_follow_an_order_of_columns():
    """Where the columns are the other's in another order, no row differs."""
    order = RANDOM.permutation(24)
    ours, theirs = np.ascontiguousarray(FLAT[:, order]), sketch(FLAT)
    assert row_errors(ours, sketch(ours), theirs, order).max() < 1e-5
    assert row_errors(ours, sketch(ours), theirs).min() > SAME


@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1), (1, 0, 2)])
def test_exchanged_axes_are_found(axes):
    """Channels first, say."""
    ours = IMAGES.transpose(0, *(axis + 1 for axis in axes)).reshape(30, -1).copy()
    order = order_of_columns(sketch(ours), sketch(FLAT), SHAPE)
    np.testing.assert_array_equal(FLAT[:, order], ours)


def test_any_order_is_found():
    """By the projections alone, where it is no exchange of axes."""
    order = RANDOM.permutation(24)
    found = order_of_columns(sketch(FLAT[:, order].copy()), sketch(FLAT), SHAPE)
    np.testing.assert_array_equal(found, order)


@pytest.mark.parametrize(
    "ours",
    [FLAT + 1, FLAT * 1.2, FLAT[::-1].copy(), FLAT[:, :20].copy(), np.where(np.arange(24) < 4, 0, FLAT).astype("f4")],
    ids=["shifted", "scaled", "rows reversed", "fewer columns", "four columns lost"],
)
def test_other_values_have_no_order(ours):
    """Nor have those of which more than a tenth of the columns differ."""
    assert order_of_columns(sketch(ours), sketch(FLAT), SHAPE) is None


def test_some_columns_are_found_among_others():
    """One of four is none of theirs: so many fit, and no more."""
    ours = np.column_stack([FLAT[:, [3, 20, 11]], RANDOM.normal(size=30)]).astype("f4")
    assert match_columns(sketch(ours), sketch(FLAT), 0.7)
    assert not match_columns(sketch(ours), sketch(FLAT), 0.8)
