"""The checks that a student calls before handing in."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numpy as np

from .cards import Card
from .failure import CheckFailed, CheckSkipped
from .flatten import check_flat_shape, check_flat_values, spoken
from .meanings import Diagnosis
from .memo import memoised, refresh
from .read_plot import PlotData, read_plot
from .shapes import check_activations_shape, check_embedding_shape, check_representations_shape
from .values import Array, dimensions, is_missing, read_numbers, refuse_unfilled, settle

__all__ = [
    "activations",
    "embedding",
    "flattening",
    "images_first",
    "plot",
    "read_embedding",
    "read_plotted",
    "representations",
    "silent",
]

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_MOST_ROWS = 3  # times the images: more are not compared, as that takes the cube of their number
_LEAST_DISTINCT = 0.5  # of the points: t-SNE puts no two different images on one spot, so a real map has nearly all


def silent(check: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Let a check print no warning.

    nbgrader gives no points for a test cell that wrote anything to stderr.
    """

    @functools.wraps(check)
    def quiet(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return check(*args, **kwargs)

    return quiet


@silent
def representations(value: object, name: str, *, images: int) -> Card:
    """Require a flat row of finite numbers for each image, (images, d).

    Raises:
        CheckFailed: `missing`, `wrong_type`, `flattened_batch`, `not_flattened`, `pooled`,
            `transposed`, `too_few_rows`, `too_many_rows` or `not_finite`.
    """
    array = read_numbers(value, name)
    check_representations_shape(array.shape, name, images)
    refuse_unfilled(settle(array, name), name)
    return _passed(f"`{name}` has shape {array.shape}: one flat row for each of {images} images, every value finite.")


@silent
def activations(value: object, name: str, *, images: int) -> Card:
    """Require finite activations of two to four axes, (images, ...).

    Raises:
        CheckFailed: `missing`, `wrong_type`, `flattened_batch`, `pooled`, `transposed`,
            `too_few_rows`, `too_many_rows` or `not_finite`.
    """
    array = read_numbers(value, name)
    check_activations_shape(array.shape, name, images)
    refuse_unfilled(settle(array, name), name)
    return _passed(f"`{name}` has shape {array.shape}: {images} images along the first axis, every value finite.")


@silent
def flattening(value: object, name: str, source: object, source_name: str) -> Card:
    """Require the source's activations as one flat row an image.

    Any order will do that is the same for all rows.

    Where the source itself can't be read, only the shape is judged.

    Args:
        value: the flat array, (n, d).
        name: its variable.
        source: the activations that it was made from, (n, ...).
        source_name: their variable, or words for them.

    Raises:
        CheckFailed: `missing`, `wrong_type`, `not_finite`, `not_flattened`, `flattened_batch`,
            `mixed_samples`, `pooled` or `not_these_activations`.
    """
    array = read_numbers(value, name)
    original = _source(source, source_name, array.shape)
    if original is None:
        check_flat_shape(array.shape, name, len(array), None)
        settle(array, name)
        return _passed(
            f"`{name}` has shape {array.shape}: one flat row for each image.",
            f"{spoken(source_name)} could not be compared.",
        )
    rows = len(original)
    check_flat_shape(array.shape, name, rows, original.size // rows)
    check_flat_values(settle(array, name), name, original, source_name)
    return _passed(
        f"`{name}` has shape {array.shape}: all of {spoken(source_name)}, one flat row for each of {rows} images."
    )


@silent
def embedding(value: object, name: str, *, images: int, of: object = None) -> Card:
    """Require two finite coordinates for each image, (images, 2), that are not all the same.

    Args:
        value: the embedding.
        name: its variable.
        images: how many rows are wanted.
        of: the representations that it embeds, where they are known: with fewer images
            there, as many rows are right.

    Raises:
        CheckFailed: `missing`, `wrong_type`, `wrong_components`, `too_few_rows`, `too_many_rows`,
            `not_finite` or `degenerate`.
    """
    points = read_embedding(value, name, images, of)
    return _passed(f"`{name}` has shape {points.shape}: two finite coordinates for each image.")


@silent
def plot(value: object, name: str, *, points: int) -> Card:
    """Require a plot with at least `points` labelled points.

    Raises:
        CheckFailed: `no_plot`, `no_labels` or `too_few_points`.
    """
    drawn = read_plotted(value, name, points)
    return _passed(f"`{name}` shows {drawn.labelled} labelled points.")


def read_embedding(value: object, name: str, images: int, of: object = None) -> Array:
    """Return an embedding as finite floats (n, 2); raise as `embedding` does."""
    array = read_numbers(value, name)
    rows = _rows(of)
    as_handed_in = rows is not None and len(array) == rows <= _MOST_ROWS * images
    check_embedding_shape(array.shape, name, len(array) if as_handed_in else images)
    points = settle(array, name)
    distinct = len(np.unique(points.astype(np.float32), axis=0)) / len(points)
    flat_axis = [axis for axis in (0, 1) if np.ptp(points[:, axis]) <= 1e-6 * max(1e-30, float(np.abs(points).max()))]
    if distinct < _LEAST_DISTINCT or flat_axis or dimensions(points) < 2:
        what = f"coordinate {flat_axis[0]} is the same everywhere" if flat_axis else "all points lie on one line"
        what = f"only {distinct:.0%} of the points differ" if distinct < _LEAST_DISTINCT and not flat_axis else what
        raise CheckFailed(
            Diagnosis.DEGENERATE,
            f"`{name}` is not a map: {what}. Expected as many different points as there are different images. "
            "Look at what was assigned, and whether the array was ever filled.",
        )
    return points


def read_plotted(value: object, name: str, points: int) -> PlotData:
    """Return a plot's points, as many of them labelled as are wanted; raise as `plot` does."""
    drawn = read_plot(value, name)
    labelled = drawn.labelled
    if labelled >= points:
        return drawn
    if 2 * sum(map(bool, drawn.labels)) < len(drawn):
        raise CheckFailed(
            Diagnosis.NO_LABELS,
            f"`{name}` shows {len(drawn)} points, but what is drawn doesn't tell which label each of them has. "
            "Expected the label of its image at each point: write it there as text, draw the points of each label in a "
            "call of their own with `label=`, or add a legend or a colour bar that says what the colours stand for.",
        )
    raise CheckFailed(
        Diagnosis.TOO_FEW_POINTS,
        f"`{name}` shows {labelled} different labelled point(s). Expected at least {points}: "
        "give as many rows of the embedding, and as many labels, to the plot.",
    )


def _source(source: object, name: str, shape: tuple[int, ...]) -> Array | None:
    """Return the activations that were flattened, (n, ...), as finite floats; None if unusable."""
    if is_missing(source):
        return None
    try:
        array = settle(read_numbers(source, name), name)
    except CheckFailed:
        return None
    if array.ndim == 1 and len(shape) == 2 and shape[0] and array.size == shape[0] * shape[1]:
        array = array.reshape(shape)  # they were one long vector: that mistake is the other check's
    if array.ndim > 2 and len(array) < shape[0] and array.size == np.prod(shape):
        axis = next((axis for axis, length in enumerate(array.shape) if length == shape[0]), 0)
        array = images_first(array, axis)
    return array if array.ndim >= 2 and array.size else None


def images_first(array: Array, axis: int) -> Array:
    """Return activations with the images' axis moved to the front; computed once an answer."""

    def move() -> Array:
        moved = np.ascontiguousarray(np.moveaxis(array, axis, 0))
        refresh(moved)
        return moved

    return memoised(array, ("images first", axis, array.shape), move)


def _rows(of: object) -> int | None:
    """Return the number of an answer's rows; None if unreadable."""
    if is_missing(of):
        return None
    try:
        return len(read_numbers(of, "of"))
    except CheckFailed:
        return None


def _passed(text: str, *notes: str) -> Card:
    """Return the card of a check that passed."""
    return Card("passed", text, notes)


def skipped(name: str, needs: str) -> CheckSkipped:
    """Return the exception for an answer that needs a missing one."""
    return CheckSkipped(
        Diagnosis.MISSING, f"`{name}` can't be checked: it builds on `{needs}`, which is missing or can't be read."
    )
