"""The reference computes each layer once, batch by batch, and keeps what answers are compared with."""

import dataclasses

import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from autograder.checks.sketches import project_rows, sketch
from autograder.hidden import reference as module
from autograder.hidden.reference import MAX_CHANGED, PIXELS, Reference
from tests.hidden.small import RAW, SmallNetwork, activations, make_reference, pixels

IMAGES = pixels()


@pytest.fixture
def reference(tmp_path):
    """The small network, as nobody has asked it yet."""
    ready = make_reference(tmp_path)
    return Reference(SmallNetwork(), ready.settings)


@pytest.fixture
def batches(reference):
    """The names of the layers that each batch was computed for."""
    return reference.network.seen


def test_images_are_as_the_network_wants_them(reference):
    """Divided by the scale, in single precision, with an axis for the channel; those that have one keep it."""
    np.testing.assert_array_equal(reference.first_images, IMAGES)
    assert reference.first_images.dtype == np.float32
    colour = np.full((2, 6, 6, 3), 51, "u1")
    np.testing.assert_array_equal(reference.images(colour), np.full((2, 6, 6, 3), np.float32(0.2)))


def test_layers_stand_in_the_networks_order_behind_the_pixels(reference):
    """Of layers with the same values the first one counts; behind dropout, training mode changes the values."""
    layers = reference.layers
    assert list(layers)[:4] == [PIXELS, "conv", "conv_relu", "pool"]
    firsts = {name: layer.first for name, layer in layers.items() if layer.first != name}
    assert firsts == {"pool_dropout": "pool", "flatten": "pool", "dense_dropout": "dense_relu"}
    before = [name for name, layer in layers.items() if not layer.after_dropout]
    assert before == [PIXELS, "conv", "conv_relu", "pool"]
    assert layers["conv"].shape == (5, 5, 3)


@pytest.mark.parametrize("name", ["conv", "dense"])
def test_a_layer_is_that_of_the_first_images(reference, name):
    """Its sketch, its first rows, its deviations: of values that come in batches."""
    flat = activations(name, IMAGES).reshape(60, -1)
    layer = reference.layers[name]
    np.testing.assert_allclose(layer.sketch.rows, sketch(flat).rows, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(layer.probe, flat[:48])
    np.testing.assert_allclose(layer.deviations, flat.std(axis=0), atol=1e-5)


def test_everything_is_computed_in_one_pass(reference, batches):
    """Two batches of 32 for sixty images; small layers are kept from it, whatever is asked for next."""
    assert reference.layers
    assert len(batches) == 2
    values = reference.first_values(["dense", "conv"])
    np.testing.assert_array_equal(values["dense"], activations("dense", IMAGES))
    np.testing.assert_array_equal(values["conv"], activations("conv", IMAGES))
    assert reference.layers["dense"].representation.name == "dense"
    assert len(batches) == 2


def test_large_layers_are_computed_again(reference, batches, monkeypatch):
    """What isn't kept is asked for together with other layers that are needed next, as many as fit into memory."""
    monkeypatch.setattr(module, "_SMALL_NUMBERS", 600)
    monkeypatch.setattr(module, "_TOGETHER_NUMBERS", 60 * (75 + 75 + 12))
    assert reference.together("conv", ["pixels", "conv", "conv_relu", "pool", "dense"]) == ["conv", "conv_relu", "pool"]
    assert reference.together("conv", ["conv"]) == ["conv"]
    first = reference.layers["conv"].representation
    assert batches[2:] == [("conv", "conv_relu", "pool")] * 2
    assert reference.layers["conv_relu"].representation.name == "conv_relu"
    assert reference.layers["conv"].representation is first
    assert len(batches) == 4


@pytest.mark.parametrize("name", [PIXELS, "conv", "flatten"])
def test_a_representation_is_that_of_the_flat_rows(reference, name):
    """One for all layers with the same values; it can give its values again."""
    flat = (IMAGES if name == PIXELS else activations(name, IMAGES)).reshape(60, -1)
    found = reference.layers[name].representation
    np.testing.assert_allclose(found.squared, squareform(pdist(flat.astype(float), "sqeuclidean")), atol=1e-4)
    np.testing.assert_array_equal(found.values(), flat)
    assert reference.layers["flatten"].representation is reference.layers["pool"].representation


def test_changed_images_are_asked_once(reference, batches):
    """All layers are sketched at the first question, on the first images; another change is another question."""
    assert reference.layers
    del batches[:]

    def double(images, scale):
        assert scale == 255
        return images * 2

    found = [reference.sketch_of_changed(name, "twice", double) for name in ("dense", "pool_dropout", PIXELS)]
    assert len(batches) == 2
    for drawn, values in zip(
        found, (activations("dense", IMAGES * 2), activations("pool", IMAGES * 2), IMAGES * 2), strict=True
    ):
        np.testing.assert_allclose(drawn.rows, sketch(values.reshape(60, -1)).rows, rtol=1e-4, atol=1e-4)
    reference.sketch_of_changed("dense", "again", double)
    assert len(batches) == 4
    assert MAX_CHANGED >= 60


def test_the_rows_of_all_images_that_are_known(reference, batches):
    """Training images, then test images, sketched once for all layers."""
    assert reference.layers
    del batches[:]
    rows, first_test = reference.rows_of_all("dense_dropout")
    everything = RAW[..., np.newaxis].astype("f4") / np.float32(255)
    np.testing.assert_allclose(rows, project_rows(activations("dense_relu", everything)), rtol=1e-4, atol=1e-4)
    assert (len(rows), first_test) == (130, 100)
    reference.rows_of_all("conv")
    assert len(batches) == 5


def test_fewer_images_may_be_asked_for(reference):
    """An assignment says how many rows an answer has."""
    few = Reference(SmallNetwork(), dataclasses.replace(reference.settings, images=10))
    assert few.layers["dense"].representation.squared.shape == (10, 10)
    assert len(few.layers["dense"].probe) == 10
