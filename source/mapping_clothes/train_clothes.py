"""Train the network on clothes, and write the two files that `autograder new` makes the assignment from.

Usage, from the repository's root:

    python source/mapping_clothes/train_clothes.py [--data FASHION.npz] [--out FOLDER]

Without ``--data`` the images come from ``keras.datasets.fashion_mnist`` (which downloads them once). Three files are written
to ``--out``, build/clothes unless you say otherwise: the network (``clothes.keras``), the sample that travels with the release
(``clothes.npz``: the first 6,000 training and 1,000 test images, uint8) and the record of the training (``training.json``).
"""

import argparse
import json
import os
import pathlib
import platform
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf

SEED = 20170825
EPOCHS = 12
BATCH_SIZE = 128
LEARNING_RATE = 1e-3
SAMPLE = {"train": 6000, "test": 1000}
LEAST_ACCURACY = 0.9


def build_model() -> keras.Model:
    """Build the network: activations inside their layers, a normalisation, and two dense layers before the class scores."""
    layers = keras.layers
    image = keras.Input((28, 28, 1), name="image")
    x = layers.Conv2D(16, 3, activation="relu", name="edges")(image)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.MaxPooling2D(name="pool1")(x)
    x = layers.Conv2D(32, 3, activation="relu", name="parts")(x)
    x = layers.MaxPooling2D(name="pool2")(x)
    x = layers.Flatten(name="flat")(x)
    x = layers.Dense(96, activation="relu", name="hidden1")(x)
    x = layers.Dropout(0.4, name="drop")(x)
    x = layers.Dense(48, activation="relu", name="hidden2")(x)
    return keras.Model(image, layers.Dense(10, activation="softmax", name="answer")(x), name="clothes")


def load_images(data: pathlib.Path | None) -> dict[str, np.ndarray]:
    """Return Fashion-MNIST as uint8 arrays by the names ``x_train, y_train, x_test, y_test``.

    Args:
        data: an .npz file with these four arrays; None asks Keras for them.
    """
    if data is None:
        (x_train, y_train), (x_test, y_test) = keras.datasets.fashion_mnist.load_data()
        return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    with np.load(data) as arrays:
        return {name: arrays[name] for name in ("x_train", "y_train", "x_test", "y_test")}


def scale(images: np.ndarray) -> np.ndarray:
    """Return uint8 images (n, 28, 28) as float32 in [0, 1] with a channel axis, (n, 28, 28, 1)."""
    return (images.astype("float32") / 255)[..., np.newaxis]


def train(arrays: dict[str, np.ndarray]) -> tuple[keras.Model, dict]:
    """Train on all the training images; return the model and the record of how it was done."""
    keras.utils.set_random_seed(SEED)
    model = build_model()
    schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, EPOCHS * -(-len(arrays["x_train"]) // BATCH_SIZE))
    model.compile(keras.optimizers.Adam(schedule), "sparse_categorical_crossentropy", metrics=["accuracy"])
    start = time.monotonic()
    model.fit(scale(arrays["x_train"]), arrays["y_train"], batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=2)
    seconds = time.monotonic() - start
    loss, accuracy = model.evaluate(scale(arrays["x_test"]), arrays["y_test"], batch_size=500, verbose=0)
    return model, {
        "data": f"Fashion-MNIST, {len(arrays['x_train'])} training and {len(arrays['x_test'])} test images",
        "test_accuracy": round(float(accuracy), 4),
        "test_loss": round(float(loss), 5),
        "seed": SEED,
        "epochs": EPOCHS,
        "batch_size": BATCH_SIZE,
        "optimizer": f"Adam, learning rate {LEARNING_RATE:g} falling to 0 along a cosine",
        "loss": "sparse_categorical_crossentropy",
        "parameters": model.count_params(),
        "training_seconds": round(seconds),
        "versions": {"python": platform.python_version(), "tensorflow": tf.__version__, "keras": keras.__version__},
    }


def main() -> None:
    """Train, refuse a network below the promised accuracy, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, help="an .npz file with x_train, y_train, x_test, y_test")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build", "clothes"))
    options = parser.parse_args()
    arrays = load_images(options.data)
    model, record = train(arrays)
    if record["test_accuracy"] < LEAST_ACCURACY:
        raise SystemExit(f"test accuracy {record['test_accuracy']:.4f} is below {LEAST_ACCURACY}: nothing was saved")
    options.out.mkdir(parents=True, exist_ok=True)
    model.save(options.out / "clothes.keras")
    np.savez_compressed(options.out / "clothes.npz", **{name: a[: SAMPLE[name[2:]]] for name, a in arrays.items()})
    (options.out / "training.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    main()
