"""Small networks and data: trained for a second, or made so that they know the data without any training."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["blobs", "knowing", "residual", "save", "small_cnn", "tinted", "trained"]


@functools.cache
def blobs(shape: tuple[int, ...], classes: int = 3, count: int = 420, scale: float = 1.0) -> dict[str, Any]:
    """Return rows of a few kinds with noise on them, as arrays of an .npz."""
    random = np.random.default_rng(len(shape))
    forms = random.random((classes, *shape))
    labels = random.integers(0, classes, count)
    rows = np.clip(forms[labels] + random.normal(0, 0.15, (count, *shape)), 0, 1) * scale
    rows = rows.astype("u1") if scale == 255 else rows.astype("f4")
    cut = count * 6 // 7
    return {"x_train": rows[:cut], "y_train": labels[:cut], "x_test": rows[cut:], "y_test": labels[cut:]}


@functools.cache
def tinted() -> dict[str, Any]:
    """Return scikit-learn's digits as colour images, each in a tint of its own, as arrays of an .npz."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    tints = np.random.default_rng(0).uniform(0.3, 1, (len(digits.images), 1, 1, 3))
    images = (digits.images[..., np.newaxis] / 16 * tints * 255).astype("u1")
    cut = 1400
    return {
        "x_train": images[:cut], "y_train": digits.target[:cut], "x_test": images[cut:], "y_test": digits.target[cut:],
    }  # fmt: skip


def small_cnn() -> Any:
    """Return a network for these images, trained for a few seconds."""
    from keras import layers as kl

    stack = [
        kl.Conv2D(8, 3, activation="relu", name="conv"), kl.MaxPooling2D(name="pool"), kl.Flatten(name="flat"),
        kl.Dense(32, activation="relu", name="hidden"), kl.Dropout(0.3, name="drop"),
        kl.Dense(10, activation="softmax", name="end"),
    ]  # fmt: skip
    return trained(stack, tinted(), scale=255)


def residual() -> Any:
    """Return a residual network for these images, with normalisation, trained for a few seconds."""
    import keras
    from keras import layers as kl

    keras.utils.set_random_seed(0)
    data = tinted()
    first = keras.Input((8, 8, 3))
    begin = kl.Conv2D(8, 3, padding="same", name="begin")(first)
    branch = kl.ReLU(name="relu")(kl.BatchNormalization(name="norm")(begin))
    branch = kl.Conv2D(8, 3, padding="same", name="conv")(branch)
    end = kl.Flatten(name="flat")(kl.MaxPooling2D(name="pool")(kl.Add(name="add")([begin, branch])))
    end = kl.Dense(32, activation="relu", name="hidden")(end)
    model = keras.Model(first, kl.Dense(10, name="end")(end))
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(data["x_train"] / np.float32(255), data["y_train"], epochs=8, verbose=0)
    return model


def trained(layers: list[Any], data: dict[str, Any], scale: float = 1.0) -> Any:
    """Return a Sequential network of these layers, trained on the data."""
    import keras

    keras.utils.set_random_seed(0)
    rows = data["x_train"].astype("f4") / scale
    rows = rows[..., np.newaxis] if rows.ndim == 3 else rows
    model = keras.Sequential([keras.Input(rows.shape[1:]), *layers])
    model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy")
    model.fit(rows, data["y_train"], epochs=8, verbose=0)
    return model


def knowing(model: Any, data: dict[str, Any]) -> Any:
    """Return a network whose last layer, a dense one, knows the data: least squares on what the layer before it gives."""
    import keras

    keras.utils.set_random_seed(0)
    last = model.layers[-1]
    rows = data["x_train"].astype("f4") / max(1.0, float(data["x_train"].max()))
    rows = rows[..., np.newaxis] if rows.ndim == 3 else rows
    before = np.asarray(keras.Model(model.inputs, last.input)(rows))
    wanted = np.eye(last.units, dtype="f4")[data["y_train"]]
    fit = np.linalg.lstsq(np.column_stack([before, np.ones(len(before))]), wanted, rcond=None)[0]
    last.set_weights([10 * fit[:-1], 10 * fit[-1]])
    return model


def save(folder: Path, model: Any, data: dict[str, Any]) -> tuple[Path, Path]:
    """Write both files; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save(folder / "network.keras")
    np.savez(folder / "data.npz", **data)
    return folder / "network.keras", folder / "data.npz"
