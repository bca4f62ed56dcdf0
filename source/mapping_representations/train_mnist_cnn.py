"""Train the network whose representations the assignment maps, and write everything about it down.

Usage, from the repository's root:

    python source/mapping_representations/train_mnist_cnn.py [--data MNIST.npz] [--out FOLDER]

Without ``--data`` the images come from ``keras.datasets.mnist`` (which downloads them once). Four files are written beside
this script, or to ``--out``: the structure (``mnist_cnn.json``), the weights without the optimizer's state
(``mnist_cnn.weights.h5``), the sample that travels with the release (``mnist_sample.npz``: the first 6,000 training and
1,000 test images, uint8) and the record of the training (``mnist_cnn_training.json``).
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

SEED = 20170815
EPOCHS = 12
BATCH_SIZE = 128
LEARNING_RATE = 1e-3
SAMPLE = (6000, 1000)
LEAST_ACCURACY = 0.99


def build_model() -> keras.Sequential:
    """Build the twelve layers: activations stand apart from their layers, so that "which layer" is a real choice."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1), name="image"),
            layers.Conv2D(32, 3, name="conv1"),
            layers.Activation("relu", name="conv1_relu"),
            layers.Conv2D(32, 3, name="conv2"),
            layers.Activation("relu", name="conv2_relu"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Dropout(0.25, name="pool_dropout"),
            layers.Flatten(name="flatten"),
            layers.Dense(128, name="dense"),
            layers.Activation("relu", name="dense_relu"),
            layers.Dropout(0.5, name="dense_dropout"),
            layers.Dense(10, name="scores"),
            layers.Activation("softmax", name="softmax"),
        ],
        name="mnist_cnn",
    )


def load_images(data: pathlib.Path | None) -> dict[str, np.ndarray]:
    """Return MNIST as uint8 arrays by the names ``x_train, y_train, x_test, y_test``.

    Args:
        data: an .npz file with these four arrays; None asks Keras for them.
    """
    if data is None:
        (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
        return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    with np.load(data) as arrays:
        return {name: arrays[name] for name in ("x_train", "y_train", "x_test", "y_test")}


def scale(images: np.ndarray) -> np.ndarray:
    """Return uint8 images (n, 28, 28) as float32 in [0, 1] with a channel axis, (n, 28, 28, 1)."""
    return (images.astype("float32") / 255)[..., np.newaxis]


def train(arrays: dict[str, np.ndarray]) -> tuple[keras.Sequential, dict]:
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
        "data": f"MNIST, {len(arrays['x_train'])} training and {len(arrays['x_test'])} test images",
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


def save(model: keras.Sequential, record: dict, arrays: dict[str, np.ndarray], out: pathlib.Path) -> None:
    """Write structure, weights, sample and record into `out`.

    The weights are saved from a clone that was never compiled: a compiled model saves its optimizer's state too,
    three times the size.
    """
    bare = keras.Sequential.from_config(model.get_config())
    bare.set_weights(model.get_weights())
    structure = json.loads(bare.to_json())
    (out / "mnist_cnn.json").write_text(json.dumps(structure, indent=1) + "\n", encoding="utf-8")
    bare.save_weights(out / "mnist_cnn.weights.h5")
    (out / "mnist_cnn_training.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    sizes = {"train": SAMPLE[0], "test": SAMPLE[1]}
    np.savez_compressed(out / "mnist_sample.npz", **{name: a[: sizes[name[2:]]] for name, a in arrays.items()})


def main() -> None:
    """Train, refuse a model below the promised accuracy, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, help="an .npz file with x_train, y_train, x_test, y_test")
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).parent)
    options = parser.parse_args()
    arrays = load_images(options.data)
    model, record = train(arrays)
    if record["test_accuracy"] < LEAST_ACCURACY:
        raise SystemExit(f"test accuracy {record['test_accuracy']:.4f} is below {LEAST_ACCURACY}: nothing was saved")
    save(model, record, arrays, options.out)
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    main()
