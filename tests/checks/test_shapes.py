"""Each wrong shape is named by what it usually comes from."""

import numpy as np
import pytest

from autograder import checks


def _diagnosis(check, *args, **kwargs):
    with pytest.raises(checks.CheckFailed) as caught:
        check(*args, **kwargs)
    return caught.value.diagnosis


@pytest.mark.parametrize(
    ("shape", "diagnosis"),
    [
        ((10, 8), "too_few_rows"), ((0, 8), "too_few_rows"), ((40, 0), "too_few_rows"), ((50, 8), "too_many_rows"),
        ((8, 40), "transposed"), ((320,), "flattened_batch"), ((1, 320), "flattened_batch"), ((40,), "pooled"),
        ((8,), "too_few_rows"), ((1, 8), "too_few_rows"), ((40, 2, 4), "not_flattened"), ((1, 40, 8), "not_flattened"),
    ],
)  # fmt: skip
def test_representations_want_a_row_an_image(shape, diagnosis):
    """Each wrong shape is named by what it usually comes from."""
    assert _diagnosis(checks.representations, np.ones(shape), "x", images=40) == diagnosis


@pytest.mark.parametrize(
    ("shape", "diagnosis"),
    [
        ((10, 4, 4, 2), "too_few_rows"), ((4, 4, 2), "too_few_rows"), ((50, 4, 4, 2), "too_many_rows"), ((4, 4, 2, 40), "transposed"),
        ((320,), "flattened_batch"), ((40,), "pooled"), ((40, 1, 4, 4, 2), "wrong_type"),
    ],
)  # fmt: skip
def test_activations_want_the_images_first(shape, diagnosis):
    """Two to four axes, the first counts the images."""
    assert _diagnosis(checks.activations, np.ones(shape), "x", images=40) == diagnosis


@pytest.mark.parametrize("shape", [(40, 8), (40, 4, 2), (40, 2, 2, 2)])
def test_right_activations_pass(shape):
    """Flat, or with positions."""
    assert "40 images" in repr(checks.activations(np.ones(shape), "x", images=40))


@pytest.mark.parametrize(
    ("shape", "diagnosis"),
    [((40, 3), "wrong_components"), ((2, 40), "wrong_components"), ((40,), "wrong_components"), ((30, 2), "too_few_rows"), ((50, 2), "too_many_rows")],
)  # fmt: skip
def test_embeddings_want_two_coordinates(shape, diagnosis):
    """(images, 2)."""
    assert _diagnosis(checks.embedding, np.random.default_rng(0).normal(size=shape), "x", images=40) == diagnosis
