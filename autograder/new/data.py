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

__all__ = ["TrainingData", "fit_to", "read_data"]

Array = NDArray[Any]

_MOST_TRAIN, _MOST_TEST = 6000, 1000
_LEAST_TRAIN = 150
_MOST_BYTES = 3_500_000  # of the sample: a repository holds it, and every student downloads it
_LEAST_CLASSES, _MOST_CLASSES = 2, 100
_LONGEST_NAME = 30  # of a class: what is longer is taken for a remark, where a plot is read
_TRIED = 500  # rows that tell how the data was scaled
_BETTER_THAN_CHANCE = 2.0
_EQUAL = 0.02  # accuracies
_MOST_SHOWN = 12  # labels


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

    def as_npz(self) -> bytes:
        """Return the file that students get."""
        target = io.BytesIO()
        np.savez_compressed(target, x_train=self.x_train, y_train=self.y_train, x_test=self.x_test, y_test=self.y_test)
        return target.getvalue()

    def cut(self) -> TrainingData:
        """Return as many rows as fit into a file for students, the first ones.

        Raises:
            SourceError: few rows are too much already.
        """
        train, test = _MOST_TRAIN, _MOST_TEST
        while True:
            cut = dataclasses.replace(
                self, x_train=self.x_train[:train], y_train=self.y_train[:train], x_test=self.x_test[:test],
                y_test=self.y_test[:test],
            )  # fmt: skip
            if (size := len(cut.as_npz())) <= _MOST_BYTES:
                return cut
            if train <= _LEAST_TRAIN:
                raise SourceError(
                    f"The first {train} training rows alone take {size / 1e6:.1f} MB, compressed; every student gets them, "
                    f"and {_MOST_BYTES / 1e6:.1f} MB is the most.",
                    "Scale the images down, and train the network on these.",
                )
            train, test = int(min(train, len(self.x_train)) * 0.8), int(min(test, len(self.x_test)) * 0.8) or 1


def read_data(path: Path, classes: tuple[str, ...]) -> TrainingData:
    """Read an `.npz` with `x_train`, `y_train`, and perhaps `x_test` and `y_test`.

    Raises:
        SourceError: it isn't one, or its arrays don't fit each other.
    """
    arrays = _arrays(path)
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


def _arrays(path: Path) -> dict[str, Array]:
    """Return the arrays of an `.npz`.

    Raises:
        SourceError: it isn't one.
    """
    if not path.is_file():
        raise SourceError(f"{path} is no file." if path.exists() else f"{path} isn't there.")
    tip = "Write it by np.savez(file, x_train=…, y_train=…), with arrays of numbers."
    if not zipfile.is_zipfile(path):
        raise SourceError(f"{path.name} is no .npz: such a file is an archive of named arrays.", tip)
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: np.atleast_1d(file[name]) for name in file.files}
    except Exception as error:  # NumPy raises many kinds
        raise SourceError(f"{path.name} is no .npz of plain arrays: {error}", tip) from error


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
        if rows.size == 0:
            raise SourceError(f"x_{part} in {name} has shape {rows.shape}: it holds no values.")
        with np.errstate(over="ignore"):
            if not np.isfinite(rows.astype(np.float32)).all():
                raise SourceError(f"x_{part} in {name} holds values that aren't finite, or too large for float32.")
        if labels.ndim == 2 and labels.shape[1] == 1:
            arrays[f"y_{part}"] = labels = labels[:, 0]
        if labels.shape != rows.shape[:1]:
            raise SourceError(
                f"y_{part} in {name} has shape {labels.shape}; expected one label for each of {len(rows)} rows.",
                "Where a row has a score for each class, such as (0, 0, 1), np.argmax(y, axis=1) makes labels of them.",
            )
    if arrays["x_train"].shape[1:] != arrays["x_test"].shape[1:]:
        raise SourceError(f"x_train and x_test in {name} hold rows of different shapes.")


def _labels(name: str, arrays: dict[str, Array], classes: tuple[str, ...]) -> tuple[tuple[str, ...], dict[str, Array]]:
    """Return the classes' names, and the labels as numbers.

    Raises:
        SourceError: labels are neither whole numbers from 0 on nor names, or `classes` doesn't fit them.
    """
    parts = {part: arrays[part] for part in ("y_train", "y_test")}
    kinds = {labels.dtype.kind in "US" for labels in parts.values()}
    if len(kinds) > 1:
        raise SourceError(f"Of y_train and y_test in {name} one holds names, and the other numbers.")
    both = np.concatenate(list(parts.values()))
    if len(np.unique(both)) < _LEAST_CLASSES:
        raise SourceError(f"All rows in {name} have the same label; a map needs at least two classes.")
    if kinds == {True}:
        found = sorted({str(label) for label in both.astype(str)})
        names = classes or tuple(found)
        if unknown := [label for label in found if label not in names]:
            raise SourceError(f"--classes doesn't name {unknown[0]!r}, which is a label in {name}.")
        order = {label: number for number, label in enumerate(names)}
        numbers = {part: np.array([order[label] for label in parts[part].astype(str).tolist()]) for part in parts}
    elif both.dtype.kind in "uif" and np.array_equal(both, np.round(both)) and both.min() >= 0:
        count = int(both.max()) + 1
        names = classes or tuple(map(str, range(min(count, _MOST_CLASSES + 1))))
        if classes and len(names) < count:
            raise SourceError(f"--classes names {len(names)} classes, and {name} has labels up to {count - 1}.")
        numbers = {part: labels.astype(np.int64) for part, labels in parts.items()}
    else:
        raise SourceError(f"The labels in {name} are neither whole numbers from 0 on nor names.")
    if len(names) > _MOST_CLASSES:
        raise SourceError(f"{name} has more than {_MOST_CLASSES} classes: a map can't tell them apart.")
    _check_names(names)
    return names, numbers


def _check_names(names: tuple[str, ...]) -> None:
    """Refuse names that can't stand in a legend.

    Raises:
        SourceError: one is empty, of several lines, too long, or there twice.
    """
    for name in names:
        if names.count(name) > 1:
            raise SourceError(f"Two classes have the name {name!r}.")
        if not name.strip() or not name.isprintable() or len(name) > _LONGEST_NAME:
            raise SourceError(
                f"{name!r} can't be a class's name: one line of 1 to {_LONGEST_NAME} characters is wanted."
            )


def fit_to(data: TrainingData, model: Any) -> TrainingData:
    """Return the data with the scale that the network was trained on, found by its accuracy.

    Raises:
        SourceError: the network doesn't take these rows, has other classes, or doesn't know them better than chance.
    """
    wanted, shape = tuple(model.input_shape[1:]), data.as_input(data.x_test[:1]).shape[1:]
    if shape not in (wanted, (*wanted, 1)):  # Keras drops an axis of one channel where a network has none
        raise SourceError(f"The network takes rows of shape {wanted}, and the data has rows of shape {shape}.")
    count, present = model.output_shape[-1], np.unique(data.y_train).tolist()
    if count == 1:
        raise SourceError(
            "The network gives one number for each row; one score for each class is needed, of two classes too."
        )
    if count < len(data.classes):
        labels = f"{', '.join(map(str, present[:_MOST_SHOWN]))}{', …' if len(present) > _MOST_SHOWN else ''}"
        raise SourceError(
            f"The network tells {count} classes apart, and the data has {len(data.classes)}, with the labels {labels}; "
            f"labels are 0 to {count - 1}."
        )
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
