"""Read the data that a network was trained on, and find how it was scaled."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.errors import SourceError
from autograder.model import NEIGHBOURS

__all__ = ["TrainingData", "fit_to", "read_data"]

Array = NDArray[Any]

_MOST_TRAIN, _MOST_TEST = 6000, 1000
_MOST_BYTES = 3_500_000  # of the sample: a repository holds it, and every student downloads it
_MOST_CLASSES = 100
_TRIED = 500  # rows that tell how the data was scaled
_BETTER_THAN_CHANCE = 2.0
_EQUAL = 0.02  # accuracies


@dataclass(frozen=True)
class TrainingData:
    """What the network was trained on, and is tried with.

    Attributes:
        x_train, x_test: rows of data, as in the file.
        y_train, y_test: classes, from 0 on.
        classes: their names.
        named: whether they have names of their own.
        scale: what values are divided by.
        accuracy: the network's, on the test rows.
    """

    x_train: Array
    y_train: Array
    x_test: Array
    y_test: Array
    classes: tuple[str, ...]
    named: bool
    scale: float = 1.0
    accuracy: float = 0.0

    @property
    def images(self) -> bool:
        """Whether the rows are pictures."""
        return self.x_train.ndim >= 3

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one row."""
        return self.x_train.shape[1:]

    def as_input(self, raw: Array) -> Array:
        """Return rows as the network wants them."""
        scaled = raw.astype(np.float32) / np.float32(self.scale)
        return scaled[..., np.newaxis] if scaled.ndim == 3 else scaled

    def sample(self) -> bytes:
        """Return the file that students get: as many rows as fit into it, the first ones."""
        train, test = min(len(self.x_train), _MOST_TRAIN), min(len(self.x_test), _MOST_TEST)
        while True:
            target = io.BytesIO()
            np.savez_compressed(
                target,
                x_train=self.x_train[:train],
                y_train=self.y_train[:train],
                x_test=self.x_test[:test],
                y_test=self.y_test[:test],
            )
            if len(target.getvalue()) <= _MOST_BYTES or train <= NEIGHBOURS * 10:
                return target.getvalue()
            train, test = int(train * 0.8), int(test * 0.8)


def read_data(path: Path, classes: tuple[str, ...]) -> TrainingData:
    """Read an `.npz` with `x_train`, `y_train`, and perhaps `x_test` and `y_test`.

    Raises:
        SourceError: it isn't one, or its arrays don't fit each other.
    """
    if not path.is_file():
        raise SourceError(f"{path} isn't there.")
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise SourceError(f"{path.name} is no .npz of plain arrays: {error}") from error
    if missing := [name for name in ("x_train", "y_train") if name not in arrays]:
        raise SourceError(f"{path.name} lacks {' and '.join(missing)}; it holds {', '.join(arrays) or 'nothing'}.")
    if "x_test" not in arrays or "y_test" not in arrays:
        cut = len(arrays["x_train"]) * 6 // 7
        for name in ("x", "y"):
            whole = arrays[f"{name}_train"]
            arrays |= {f"{name}_train": whole[:cut], f"{name}_test": whole[cut:]}
    _check_rows(path.name, arrays)
    names, numbers = _labels(path.name, arrays, classes)
    return TrainingData(
        arrays["x_train"], numbers["y_train"], arrays["x_test"], numbers["y_test"], names,
        bool(classes) or arrays["y_train"].dtype.kind in "US",
    )  # fmt: skip


def _check_rows(name: str, arrays: dict[str, Array]) -> None:
    """Refuse rows that aren't rows of numbers, or don't fit their labels.

    Raises:
        SourceError: so they do.
    """
    for part in ("train", "test"):
        rows, labels = arrays[f"x_{part}"], arrays[f"y_{part}"]
        if rows.dtype.kind not in "uif" or rows.ndim not in (2, 3, 4):
            raise SourceError(
                f"x_{part} in {name} has shape {rows.shape} and type {rows.dtype}; expected numbers of shape (n, features), "
                "(n, height, width) or (n, height, width, channels)."
            )
        if not np.isfinite(rows).all():
            raise SourceError(f"x_{part} in {name} holds values that aren't finite.")
        if labels.ndim == 2 and labels.shape[1] == 1:
            arrays[f"y_{part}"] = labels = labels[:, 0]
        if labels.shape != rows.shape[:1]:
            raise SourceError(
                f"y_{part} in {name} has shape {labels.shape}; expected one label for each of {len(rows)} rows."
            )
    if arrays["x_train"].shape[1:] != arrays["x_test"].shape[1:]:
        raise SourceError(f"x_train and x_test in {name} hold rows of different shapes.")


def _labels(name: str, arrays: dict[str, Array], classes: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, Array]]:
    """Return the classes' names, and the labels as numbers.

    Raises:
        SourceError: labels are neither whole numbers from 0 on nor names, or `classes` doesn't fit them.
    """
    both = np.concatenate([arrays["y_train"], arrays["y_test"]])
    if both.dtype.kind in "US":
        found = sorted({str(label) for label in both.astype(str)})
        names = classes or tuple(found)
        if unknown := [label for label in found if label not in names]:
            raise SourceError(f"--classes doesn't name {unknown[0]!r}, which is a label in {name}.")
        order = {label: number for number, label in enumerate(names)}
        numbers = {
            part: np.array([order[str(label)] for label in arrays[part].astype(str)]) for part in ("y_train", "y_test")
        }
    elif both.dtype.kind in "uif" and np.array_equal(both, np.round(both)) and both.min() >= 0:
        count = int(both.max()) + 1
        names = classes or tuple(map(str, range(count)))
        if len(names) < count:
            raise SourceError(f"--classes names {len(names)} classes, and {name} has labels up to {count - 1}.")
        numbers = {part: arrays[part].astype(np.int64) for part in ("y_train", "y_test")}
    else:
        raise SourceError(f"The labels in {name} are neither whole numbers from 0 on nor names.")
    if not 2 <= len(names) <= _MOST_CLASSES:
        raise SourceError(f"{name} has {len(names)} classes; from 2 to {_MOST_CLASSES} can be told apart on a map.")
    return names, numbers


def fit_to(data: TrainingData, model: Any) -> TrainingData:
    """Return the data with the scale that the network was trained on, found by its accuracy.

    Raises:
        SourceError: the network doesn't take these rows, has other classes, or doesn't know them better than chance.
    """
    wanted, shape = tuple(model.input_shape[1:]), data.as_input(data.x_test[:1]).shape[1:]
    if len(wanted) != len(shape) or any(
        ours is not None and ours != theirs for ours, theirs in zip(wanted, shape, strict=True)
    ):
        raise SourceError(f"The network takes rows of shape {wanted}, and the data has rows of shape {shape}.")
    count = model.output_shape[-1]
    if count == 1 or count < len(data.classes):
        raise SourceError(f"The network tells {count} classes apart, and the data has {len(data.classes)}.")
    largest = float(np.max(np.abs(data.x_train[:_TRIED])))
    scales = sorted({1.0, 255.0 if largest <= 255 else largest, *([largest] if largest > 1 else [])})
    tried = {scale: _accuracy(dataclasses.replace(data, scale=scale), model) for scale in scales}
    highest = max(tried.values())
    best = max(scale for scale in scales if tried[scale] > highest - _EQUAL)  # where it doesn't matter: values up to 1
    chance = 1 / len(data.classes)
    if highest < min(_BETTER_THAN_CHANCE * chance, (1 + chance) / 2):
        raise SourceError(
            f"The network doesn't know this data: at its best scale it is right for {highest:.0%} of the test rows, and "
            f"chance is {chance:.0%}.",
            "Give the network with its trained weights, and data that is prepared as for its training.",
        )
    return dataclasses.replace(data, scale=best, accuracy=tried[best])


def _accuracy(data: TrainingData, model: Any) -> float:
    """Return the part of the first test rows that the network is right about."""
    scores = np.asarray(model.predict(data.as_input(data.x_test[:_TRIED]), verbose=0))
    return float(np.mean(scores.argmax(axis=1) == data.y_test[:_TRIED]))
