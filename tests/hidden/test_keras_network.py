"""A Keras network gives the activations that Keras gives."""

import numpy as np
import pytest

from autograder.hidden.keras_network import KerasNetwork
from autograder.hidden.network import BATCH_IMAGES, TrainedNetwork

# Of Keras's, on writing weights.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
IMAGES = np.random.default_rng(0).random((BATCH_IMAGES + 8, 6, 6, 1), np.float32)


def _sequential(keras):
    return keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            keras.layers.Conv2D(3, 3, name="conv"),
            keras.layers.Dropout(0.5, name="dropout"),
            keras.layers.Flatten(name="flatten"),
            keras.layers.Dense(4, name="scores"),
        ]
    )


def _residual(keras):
    first = keras.Input((6, 6, 1))
    conv = keras.layers.Conv2D(1, 3, padding="same", name="conv")(first)
    noisy = keras.layers.GaussianNoise(0.1, name="dropout")(keras.layers.Add(name="add")([first, conv]))
    flat = keras.layers.Flatten(name="flatten")(noisy)
    return keras.Model(first, keras.layers.Dense(4, name="scores")(flat))


@pytest.fixture(params=[_sequential, _residual], ids=lambda make: make.__name__)
def pair(request, keras, tmp_path):
    """A model, and the network that is loaded from its files."""
    model = request.param(keras)
    (tmp_path / "model.json").write_text(model.to_json(), "utf-8")
    model.save_weights(tmp_path / "model.weights.h5")
    return model, KerasNetwork(tmp_path / "model.json", tmp_path / "model.weights.h5")


def test_layers(pair):
    """In the model's order, without the input."""
    model, network = pair
    checked: TrainedNetwork = network
    assert checked.names == tuple(layer.name for layer in model.layers if "input" not in layer.name)
    assert checked.shape("flatten") == tuple(model.get_layer("flatten").output.shape[1:])
    assert checked.after_dropout == {"dropout", "flatten", "scores"}


def test_outputs(pair, keras):
    """Batch by batch, as `predict` has them, whichever layers are asked for."""
    model, network = pair
    for names in (["conv", "scores"], ["flatten"]):
        parts = dict(network.outputs(IMAGES, names))
        assert list(parts) == [0, BATCH_IMAGES]
        for name in names:
            whole = keras.Model(model.inputs, model.get_layer(name).output).predict(IMAGES, verbose=0)
            values = np.concatenate([part[name] for part in parts.values()])
            np.testing.assert_allclose(values, whole, rtol=1e-5, atol=1e-6)


def test_training_mode(pair):
    """Dropout and noise are on."""
    _, network = pair
    plain = dict(network.outputs(IMAGES, ["flatten"]))[0]["flatten"]
    assert not np.allclose(network.in_training(IMAGES[:BATCH_IMAGES], "flatten"), plain)
    np.testing.assert_allclose(
        network.in_training(IMAGES[:BATCH_IMAGES], "conv"),
        dict(network.outputs(IMAGES, ["conv"]))[0]["conv"],
        rtol=1e-5,
        atol=1e-6,
    )


def test_training_mode_changes_no_network(keras, tmp_path):
    """A normalisation takes its mean values along in training mode: they are put back."""
    model = keras.Sequential([keras.Input((8,)), keras.layers.BatchNormalization(name="norm")])
    (tmp_path / "model.json").write_text(model.to_json(), "utf-8")
    model.save_weights(tmp_path / "model.weights.h5")
    network = KerasNetwork(tmp_path / "model.json", tmp_path / "model.weights.h5")
    before = network.model.get_weights()
    network.in_training(np.random.default_rng(0).normal(3, 2, (200, 8)).astype("f4"), "norm")
    assert all(np.array_equal(one, other) for one, other in zip(before, network.model.get_weights(), strict=True))
