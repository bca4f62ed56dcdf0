"""Train the network on rows of numbers, and write the two files that `autograder new` makes the assignment from.

Usage, from the repository's root:

    python source/mapping_digits/train_digits.py [--out FOLDER]

The rows are scikit-learn's digits, 8 by 8 grey values each, which come with the package. Three files are written to
``--out``, build/digits unless you say otherwise: the network (``digits.keras``), the data (``digits.npz``: 1,500 rows for
training and 297 for tests, drawn at random, since the last ones are other people's) and the record of the training
(``training.json``).
"""

import argparse
import json
import os
import pathlib
import platform

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import sklearn
import tensorflow as tf
from sklearn.datasets import load_digits

SEED = 1
EPOCHS = 40
TRAIN = 1500
LARGEST = 16  # a grey value
LEAST_ACCURACY = 0.96


def build_model() -> keras.Sequential:
    """Build the network: two dense layers before the class scores, and no softmax."""
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((64,), name="row"),
            layers.Dense(64, activation="relu", name="first"),
            layers.Dense(32, activation="relu", name="second"),
            layers.Dense(10, name="scores"),
        ],
        name="digits",
    )


def train(arrays: dict[str, np.ndarray]) -> tuple[keras.Sequential, dict]:
    """Train on the first rows; return the model and the record of how it was done."""
    keras.utils.set_random_seed(SEED)
    model = build_model()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    model.fit(arrays["x_train"] / LARGEST, arrays["y_train"], epochs=EPOCHS, verbose=2)
    test_loss, accuracy = model.evaluate(arrays["x_test"] / LARGEST, arrays["y_test"], verbose=0)
    return model, {
        "data": f"scikit-learn's digits, {len(arrays['x_train'])} training and {len(arrays['x_test'])} test rows",
        "test_accuracy": round(float(accuracy), 4),
        "test_loss": round(float(test_loss), 5),
        "seed": SEED,
        "epochs": EPOCHS,
        "batch_size": 32,
        "optimizer": "Adam, learning rate 0.001",
        "loss": "sparse_categorical_crossentropy, from logits",
        "parameters": model.count_params(),
        "versions": {
            "python": platform.python_version(),
            "tensorflow": tf.__version__,
            "keras": keras.__version__,
            "scikit-learn": sklearn.__version__,
        },
    }


def main() -> None:
    """Train, refuse a network below the promised accuracy, save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("build", "digits"))
    options = parser.parse_args()
    rows, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(SEED).permutation(len(rows))
    rows, labels = rows[order].astype(np.uint8), labels[order].astype(np.uint8)
    arrays = {"x_train": rows[:TRAIN], "y_train": labels[:TRAIN], "x_test": rows[TRAIN:], "y_test": labels[TRAIN:]}
    model, record = train(arrays)
    if record["test_accuracy"] < LEAST_ACCURACY:
        raise SystemExit(f"test accuracy {record['test_accuracy']:.4f} is below {LEAST_ACCURACY}: nothing was saved")
    options.out.mkdir(parents=True, exist_ok=True)
    model.save(options.out / "digits.keras")
    np.savez_compressed(options.out / "digits.npz", **arrays)
    (options.out / "training.json").write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=2))


if __name__ == "__main__":
    main()
