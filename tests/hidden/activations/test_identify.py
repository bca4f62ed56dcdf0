"""The first hypothesis that fits is the answer: what is certain comes before what is likely."""

import numpy as np
import pytest

from autograder.hidden.activations.identify import identify
from autograder.hidden.reference import PIXELS
from tests.hidden.small import activations, make_reference, pixels

RANDOM = np.random.default_rng(1)
DENSE = activations("dense", pixels())


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The small network."""
    return make_reference(tmp_path_factory.mktemp("network"))


ANSWERS = {
    "a layer": (DENSE, "layer", "dense"),
    "pixels": (pixels(), "layer", PIXELS),
    "a row never filled": (np.where(np.arange(60)[:, None] < 50, DENSE, 0), "too_few_rows", "dense"),
    "raw images": (activations("dense", pixels() * 255), "unscaled_pixels", "dense"),
    "black and white": (activations("dense", (pixels() > 0.5).astype("f4")), "unscaled_pixels", "dense"),
    "standard scores": ((DENSE - DENSE.mean(axis=0)) / DENSE.std(axis=0), "rescaled_values", "dense"),
    "rows shuffled": (RANDOM.permutation(DENSE), "shuffled_rows", "dense"),
    "channel means": (activations("conv", pixels()).mean(axis=(1, 2)), "pooled", "conv"),
    "four features": (DENSE[:, :4], "pooled", "dense"),
    "axes exchanged": (np.ascontiguousarray(DENSE.T).reshape(60, 9), "transposed", "dense"),
    "test images": (activations("dense", pixels(100, 130))[np.arange(60) % 30], "test_images", "dense"),
    "later images": (activations("dense", pixels(40, 100)), "other_images", "dense"),
    "a square root": (np.sqrt(np.abs(DENSE)) * np.sign(DENSE), "rescaled_values", "dense"),
    "noise": (RANDOM.normal(size=(60, 5)), "unknown", None),
}  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_is_what_it_is(reference, answer):
    """One of each kind, and whose it is."""
    array, kind, layer = ANSWERS[answer]
    found = identify(array.astype("f4"), reference, ("dense",))
    assert (found.kind, found.layer) == (kind, layer), found


def test_of_layers_with_the_same_values_the_preferred_one_is_named(reference):
    """Flat or not, dropout or not: in inference mode they are the same."""
    values = activations("pool", pixels())
    assert identify(values, reference, ()).layer == "pool"
    assert identify(values.reshape(60, -1), reference, ("flatten", "pool")).layer == "flatten"
