"""What other answers build on is read as far as it can be."""

import numpy as np
import pytest

from autograder.hidden.foundations import as_rows, is_flat, usable

ROWS = np.arange(24.0).reshape(4, 6)


@pytest.mark.parametrize("value", [None, "text", np.array([[np.nan]]), np.empty((0, 3))])
def test_what_can_not_be_read_is_none(value):
    """Missing, no numbers, not finite, or empty."""
    assert usable(value) is None


@pytest.mark.parametrize(
    "value", [ROWS, ROWS.tolist(), ROWS.reshape(4, 3, 2), ROWS.T, ROWS.ravel(), ROWS.reshape(1, -1)]
)
def test_rows_are_found_however_they_were_handed_in(value):
    """With more axes, turned, or in one vector."""
    np.testing.assert_array_equal(as_rows(usable(value), 4), ROWS)


def test_other_shapes_have_no_rows():
    """Other numbers of images."""
    assert as_rows(usable(ROWS), 5) is None
    assert is_flat(ROWS, 4)
    assert not is_flat(ROWS.T, 4)
    assert not is_flat(ROWS.reshape(4, 3, 2), 4)
