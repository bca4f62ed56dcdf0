"""What the network gives for other images, or for the right ones on another scale."""

import numpy as np
import pytest

from autograder.hidden.activations import from_other_images as ways
from autograder.hidden.findings import make_candidate
from tests.hidden.small import RAW, activations, make_reference, pixels

IMAGES = pixels()
DENSE = activations("dense", IMAGES)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The small network."""
    return make_reference(tmp_path_factory.mktemp("network"))


@pytest.fixture
def ask(reference):
    """Ask one function about an array."""
    return lambda way, array: way(make_candidate(np.asarray(array, "f4"), reference, ("dense", "pool")))


@pytest.mark.parametrize(("images", "words"), [(IMAGES * 255, "from 0 to 255"), (IMAGES / 255, "by 255 twice")])
def test_images_that_were_not_divided_or_twice(ask, images, words):
    """A layer's values on them are as much larger or smaller."""
    found = ask(ways.raw_scale, activations("pool", images))
    assert (found.kind, found.layer) == ("unscaled_pixels", "pool")
    assert words in found.note


@pytest.mark.parametrize("array", [DENSE * 255, DENSE / 255, DENSE, activations("dense", IMAGES * 2 - 1)])
def test_values_that_were_scaled_are_no_raw_images(ask, array):
    """The layer has biases: its values on larger images are not its values, enlarged."""
    assert ask(ways.raw_scale, array) is None


SCALES = {
    "from -1 to 1": IMAGES * 2 - 1,
    "from -0.5 to 0.5": IMAGES - 0.5,
    "less their mean": IMAGES - IMAGES.mean(),
    "standardised": (IMAGES - IMAGES.mean()) / IMAGES.std(),
    "black and white exchanged": 1 - IMAGES,
    "black and white": (IMAGES > 0.5).astype("f4"),
    "from 0 to 255": IMAGES * 255,
}


@pytest.mark.parametrize("words", SCALES)
@pytest.mark.parametrize("layer", ["conv", "dense_relu"])
def test_images_on_another_scale(ask, layer, words):
    """Each known scale, for a layer near the images and for one far from them."""
    found = ask(ways.unscaled, activations(layer, SCALES[words].astype("f4")))
    assert (found.kind, found.layer) == ("unscaled_pixels", layer)
    assert words in found.note


def test_the_right_scale_is_no_other(ask):
    """Nor is one that nobody uses."""
    assert ask(ways.unscaled, DENSE) is None
    assert ask(ways.unscaled, activations("dense", IMAGES * 0.9 + 0.03)) is None


def test_test_images(ask):
    """All of the rows, or nearly all."""
    test = activations("dense", pixels(100, 130))
    found = ask(ways.other_images, np.concatenate([test, test]))
    assert (found.kind, found.layer, found.note) == ("test_images", "dense", "60 of 60 rows are test images")
    assert ask(ways.other_images, np.concatenate([test, DENSE[:30]])).kind == "other_images"


def test_other_training_images(ask):
    """Those from the fortieth on, or one image again and again."""
    found = ask(ways.other_images, activations("dense", pixels(40, 100)))
    assert (found.kind, found.layer) == ("other_images", "dense")
    assert found.note == "row 0 holds image 40; 60 different images were found"
    assert "1 different images" in ask(ways.other_images, np.repeat(DENSE[:1], 60, axis=0)).note


def test_images_that_nobody_knows_are_told_by_the_features_means(ask):
    """The layer on strange images of the kind has its means; on noise, and of few features, nobody can tell."""
    strange = (RAW[np.arange(60) + 40].astype("f4") + RAW[np.arange(60) + 30]) / 510
    values = activations("dense", strange[..., np.newaxis])
    assert ask(ways.other_images, values) is None
    found = ask(ways.lookalike, values)
    assert (found.kind, found.layer) == ("other_images", "dense")
    assert "(correlation 0.9" in found.note or "(correlation 1.0" in found.note
    assert ask(ways.lookalike, values * 10) is None
    assert ask(ways.lookalike, values - values.mean(axis=0)) is None
    assert ask(ways.lookalike, activations("scores", strange[..., np.newaxis])) is None
