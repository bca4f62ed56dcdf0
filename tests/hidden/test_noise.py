"""Values that have nothing to do with the images are told from those that have, whatever was done to them."""

import numpy as np
import pytest

from autograder.hidden.noise import follows_images, is_noise
from tests.hidden.small import activations, make_reference, pixels

RANDOM = np.random.default_rng(5)
DENSE = activations("dense", pixels())
WEIGHTS = RANDOM.normal(size=(36, 9))


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The small network."""
    return make_reference(tmp_path_factory.mktemp("network"))


@pytest.mark.parametrize("array", [DENSE, np.maximum(DENSE, 0), DENSE[:, :2], pixels().reshape(60, -1) @ WEIGHTS])
def test_what_follows_the_images(reference, array):
    """A layer, a function of it, a part of it, and another network's layer."""
    assert follows_images(array, reference)
    assert not is_noise(array.astype("f4"), reference)


@pytest.mark.parametrize("array", [RANDOM.random((60, 2)), RANDOM.normal(size=(60, 700))])
def test_noise(reference, array):
    """Of any width."""
    assert not follows_images(array, reference)
    assert is_noise(array, reference)


def test_what_is_known_is_no_noise(reference):
    """A layer's rows in another order are near each other for other reasons, and still a layer's."""
    shuffled = RANDOM.permutation(DENSE)
    assert not follows_images(shuffled, reference)
    assert not is_noise(shuffled, reference)
    assert not is_noise(RANDOM.random((50, 2)), reference)


@pytest.mark.parametrize("count", [55, 90])
def test_other_numbers_of_rows_are_compared_as_far_as_they_go(reference, count):
    """An embedding may have fewer rows than there are images, or more: that has its own check."""
    assert follows_images(np.tile(DENSE, (2, 1))[:count], reference)


@pytest.mark.parametrize("array", [np.zeros((60, 2)), np.zeros((3, 2)), np.zeros(60)])
def test_what_has_no_neighbours_follows_nothing(reference, array):
    """One value everywhere, or few rows."""
    assert not follows_images(array, reference)
