"""Networks of many kinds: what is proposed for their layers, and which can't be used."""

from pathlib import Path

import keras
import pytest
from keras import layers as kl

from autograder.new.network import propose_roles, read_network, table_of_layers

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras's own, when it saves and trains

MLP = [kl.Dense(8, activation="relu", name="one"), kl.Dense(6, activation="relu", name="two"), kl.Dense(3, name="end")]


def _saved(tmp_path: Path, model: keras.Model) -> Path:
    model.save(tmp_path / "network.keras")
    return tmp_path / "network.keras"


def _roles(tmp_path: Path, model: keras.Model):
    return propose_roles(read_network(_saved(tmp_path, model), None))


def test_separate_activations_and_dropout(tmp_path: Path) -> None:
    """The class scores are the last dense layer and its softmax; all that stands behind the first dense layer is deep."""
    stack = [
        kl.Conv2D(4, 3, name="conv"), kl.ReLU(name="relu"), kl.MaxPooling2D(name="pool"), kl.Flatten(name="flat"),
        kl.Dense(8, name="dense"), kl.ReLU(name="dense_relu"), kl.Dropout(0.5, name="drop"), kl.Dense(3, name="scores"),
        kl.Softmax(name="softmax"),
    ]  # fmt: skip
    roles = _roles(tmp_path, keras.Sequential([keras.Input((8, 8, 1)), *stack]))
    assert roles.deep == ("dense", "dense_relu", "drop")
    assert roles.middle == ("conv", "relu", "pool", "flat")
    assert roles.class_scores == ("scores", "softmax")


def test_fused_activations_several_dense_layers_and_a_preparing_layer(tmp_path: Path) -> None:
    """Rescaling is no hidden layer that anybody would map."""
    first = keras.Input((8, 8, 3))
    end = kl.Rescaling(1 / 255, name="scale")(first)
    end = kl.Conv2D(4, 3, activation="relu", name="conv")(end)
    end = kl.GlobalAveragePooling2D(name="mean")(end)
    end = kl.Dense(8, activation="relu", name="one")(end)
    end = kl.Dense(6, activation="relu", name="two")(end)
    roles = _roles(tmp_path, keras.Model(first, kl.Dense(3, activation="softmax", name="end")(end)))
    assert (roles.deep, roles.middle, roles.class_scores) == (("one", "two"), ("conv", "mean"), ("end",))


def test_a_network_of_dense_layers_alone(tmp_path: Path) -> None:
    """The last hidden one is deep, those before it are middle ones."""
    roles = _roles(tmp_path, keras.Sequential([keras.Input((5,)), *MLP]))
    assert (roles.deep, roles.middle, roles.class_scores) == (("two",), ("one",), ("end",))


def test_one_hidden_layer_alone(tmp_path: Path) -> None:
    """There is no exercise on a middle layer then, and it is told."""
    roles = _roles(tmp_path, keras.Sequential([keras.Input((5,)), kl.Dense(8, name="one"), kl.Dense(3, name="end")]))
    assert (roles.deep, roles.middle) == (("one",), ())
    assert "no exercise on a middle layer" in roles.note


def test_without_a_hidden_dense_layer(tmp_path: Path) -> None:
    """The pooling layer that makes flat rows is deep, and what that means is told."""
    stack = [kl.Conv2D(4, 3, name="conv"), kl.GlobalMaxPooling2D(name="largest"), kl.Dense(3, name="end")]
    roles = _roles(tmp_path, keras.Sequential([keras.Input((8, 8, 1)), *stack]))
    assert (roles.deep, roles.middle) == (("largest",), ("conv",))
    assert "no hidden dense layer" in roles.note


def test_a_residual_branch_and_a_layer_that_stands_twice(tmp_path: Path) -> None:
    """Its first place counts, as for Keras's `output`."""
    twice = kl.Conv2D(4, 3, padding="same", name="twice")
    first = keras.Input((8, 8, 1))
    begin = kl.Conv2D(4, 3, padding="same", name="begin")(first)
    end = kl.Add(name="add")([begin, twice(twice(begin))])
    end = kl.Dense(8, name="dense")(kl.Flatten(name="flat")(end))
    network = read_network(_saved(tmp_path, keras.Model(first, kl.Dense(3, name="end")(end))), None)
    roles = propose_roles(network)
    assert (roles.deep, roles.middle) == (("dense",), ("begin", "twice", "add", "flat"))
    assert [line.split()[-1] for line in table_of_layers(network, roles)] == [*["middle"] * 4, "deep", "scores"]


def test_structure_and_weights_apart(tmp_path: Path) -> None:
    """They are put together."""
    model = keras.Sequential([keras.Input((5,)), *MLP])
    (tmp_path / "network.json").write_text(model.to_json())
    model.save_weights(tmp_path / "network.weights.h5")
    assert read_network(tmp_path / "network.json", tmp_path / "network.weights.h5").classes == 3
