"""What is gathered of a layer batch by batch is what the whole array would give."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from autograder.checks.sketches import sketch
from autograder.hidden.layers import LayerAccumulator, same_values, secret_directions
from tests.hidden.small import make_reference

RANDOM = np.random.default_rng(0)
MAPS = RANDOM.normal(2, 3, size=(70, 4, 3, 2)).astype("f4")
FLAT = MAPS.reshape(70, -1)


def _gathered(batch):
    found = LayerAccumulator(70, (4, 3, 2))
    for start in range(0, 70, batch):
        found.add(start, MAPS[start : start + batch])
    return found


@pytest.mark.parametrize("batch", [70, 32, 1])
def test_batches_give_the_sketch_of_the_whole(batch):
    """In any sizes: random projections, means and spread."""
    found, whole = _gathered(batch).sketch(), sketch(FLAT)
    for field in dataclasses.fields(whole):
        np.testing.assert_allclose(getattr(found, field.name), getattr(whole, field.name), rtol=2e-4, atol=2e-3)


@pytest.mark.parametrize("batch", [70, 32, 1])
def test_batches_give_the_first_rows_and_the_measures_of_all(batch):
    """48 rows as they are; deviations of columns, squares of rows."""
    found = _gathered(batch)
    np.testing.assert_array_equal(found.probe, FLAT[:48])
    np.testing.assert_allclose(found.deviations, FLAT.std(axis=0, dtype=float), rtol=1e-4)
    np.testing.assert_allclose(found.row_squares, np.sum(FLAT.astype(float) ** 2, axis=1), rtol=1e-5)


def test_of_few_rows_all_are_kept():
    """Ten of ten."""
    found = LayerAccumulator(10, (3,))
    found.add(0, MAPS[:10, 0, :, 0])
    assert found.probe.shape == (10, 3)


def test_the_same_values_are_the_same():
    """A thousandth of the spread is another layer already."""
    ours = _gathered(32).sketch()
    assert same_values(ours, _gathered(70).sketch())
    assert not same_values(sketch(FLAT + RANDOM.normal(0, 3e-3, FLAT.shape).astype("f4")), ours)
    assert not same_values(sketch(FLAT[:, :20].copy()), ours)


def test_a_layer_pools_its_first_rows(tmp_path):
    """Sixteen of them, in every way that students do."""
    layer = make_reference(tmp_path).layers["conv"]
    forms = dict(layer.pooled)
    maps = layer.probe.reshape(-1, 5, 5, 3)[:16]
    np.testing.assert_allclose(forms["means over axis 1 and 2"], maps.mean(axis=(1, 2)), rtol=1e-6)
    np.testing.assert_array_equal(forms["maxima over axis 3"], maps.max(axis=3).reshape(16, -1))


def test_the_witness_is_the_products_with_secret_directions():
    """Of all rows, whatever the batches."""
    np.testing.assert_allclose(_gathered(32).witness, FLAT @ secret_directions(24), rtol=1e-4, atol=1e-3)


def test_another_process_has_other_secrets():
    """Who has this code doesn't know what a class is judged by; within a class it stays the same."""
    code = "from autograder.hidden.layers import secret_directions\nprint(secret_directions(5)[0, 0])"
    drawn = {subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)}
    assert len(drawn) == 2
    found = secret_directions(5)
    secret_directions.cache_clear()
    np.testing.assert_array_equal(secret_directions(5), found)
