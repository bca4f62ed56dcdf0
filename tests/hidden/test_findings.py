"""What is known of an answer is computed from it, and layers are compared in the preferred order."""

import numpy as np
import pytest

from autograder.checks.sketches import sketch
from autograder.hidden.findings import make_candidate, some_columns
from autograder.hidden.reference import MAX_CHANGED
from tests.hidden.small import activations, make_reference, pixels

POOL = activations("pool", pixels())


@pytest.fixture
def reference(tmp_path):
    """The small network."""
    return make_reference(tmp_path)


def test_a_candidate_is_flat_and_sketched(reference):
    """One row an image; each row's squares, some columns' deviations."""
    candidate = make_candidate(POOL, reference, ())
    flat = POOL.reshape(60, -1)
    np.testing.assert_array_equal(candidate.flat, flat)
    np.testing.assert_array_equal(candidate.sketch.rows, sketch(flat).rows)
    np.testing.assert_allclose(candidate.row_squares, np.sum(flat**2, axis=1), rtol=1e-6)
    np.testing.assert_allclose(candidate.deviations, flat.std(axis=0, dtype=float))
    few, drawn = candidate.few
    np.testing.assert_array_equal(few, flat[:MAX_CHANGED])
    assert len(drawn.rows) == 60


def test_rivals_have_as_many_values_the_preferred_first(reference):
    """In the network's order where none is preferred."""
    names = [layer.name for layer in make_candidate(POOL, reference, ()).rivals]
    assert names == ["pool", "pool_dropout", "flatten"]
    names = [layer.name for layer in make_candidate(POOL, reference, ("dense", "flatten", "pool")).rivals]
    assert names == ["flatten", "pool", "pool_dropout"]
    assert make_candidate(POOL[:, :1], reference, ()).rivals == []


@pytest.mark.parametrize(("width", "count"), [(9, 9), (256, 256), (600, 300), (2600, 260)])
def test_of_a_wide_layer_some_columns_are_looked_at(width, count):
    """All of up to 256, then every second or third."""
    assert len(range(width)[some_columns(width)]) == count
