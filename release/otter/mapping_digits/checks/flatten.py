"""Judge flattening: one row an image, with all of its activations in one order."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np

from .failure import CheckFailed
from .meanings import Diagnosis
from .memo import are_linked, link
from .parallel import in_two_threads
from .sketches import SAME, order_of_columns, sketch
from .values import Array

__all__ = ["check_flat_shape", "check_flat_values", "pooled_forms", "spoken"]

_MOST_AXES = 6  # with the images', more than any layer has: ways to exchange or pool axes are tried one by one
_LONGEST = 2**21  # rows, or values an image: what has more has to be equal, as a search takes gigabytes
_FEW_ROWS = 16  # enough to recognise pooled values by


def check_flat_shape(shape: tuple[int, ...], name: str, images: int, features: int | None) -> None:
    """Require one row for each image, and all of its values in it.

    Args:
        shape: of the flattened answer.
        name: its variable.
        images: how many images there are.
        features: how many values each image has; None where that is not known.

    Raises:
        CheckFailed: `flattened_batch`, `not_flattened` or `mixed_samples`.
    """
    wanted = f"({images}, {features if features is not None else 'number of values an image'})"
    size = int(np.prod(shape, dtype=np.int64))
    whole = features is None or size == images * features
    if len(shape) == 1 or (len(shape) == 2 and shape[0] == 1 and images > 1 and whole):
        raise CheckFailed(
            Diagnosis.FLATTENED_BATCH,
            f"`{name}` has shape {shape}: all images lie in one long vector. Expected {wanted}. "
            "Keep the first axis, which counts the images.",
        )
    if len(shape) > 2:
        raise CheckFailed(
            Diagnosis.NOT_FLATTENED,
            f"`{name}` has shape {shape}, with {len(shape)} axes. Expected two, {wanted}: one flat row for each image. "
            "Flatten all axes but the first, which counts the images.",
        )
    if shape[0] != images and whole and size % images == 0:
        _refuse_wrong_split(shape, name, images, wanted)


def _refuse_wrong_split(shape: tuple[int, ...], name: str, images: int, wanted: str) -> None:
    """Raise for an array that has the right values in a wrong number of rows."""
    rows = shape[0]
    if rows > images and rows % images == 0 and shape[1] != images:
        raise CheckFailed(
            Diagnosis.NOT_FLATTENED,
            f"`{name}` has shape {shape}: each image is spread over {rows // images} rows. Expected {wanted}: "
            "one row for each image. The first axis has to stay as it is.",
        )
    raise CheckFailed(
        Diagnosis.MIXED_SAMPLES,
        f"`{name}` has shape {shape}: the rows mix images. Expected {wanted}: one image is one row. "
        "The first axis has to stay as it is when the others become one.",
    )


def check_flat_values(flat: Array, name: str, source: Array, source_name: str) -> None:
    """Require that the rows of `flat` are the images of `source`, every value of them.

    Args:
        flat: (m, k), finite.
        name: its variable.
        source: (n, ...), finite: the activations that were to be flattened.
        source_name: their variable, or words for them.

    Raises:
        CheckFailed: `pooled`, `mixed_samples` or `not_these_activations`.
    """
    source_name = spoken(source_name)
    rows = source.reshape(len(source), -1)
    shape = source.shape
    if len(shape) > _MOST_AXES:
        source = rows
    if flat.shape == rows.shape:
        if are_linked(flat, rows):
            return
        if _equal(flat, rows):
            link(flat, rows)
        else:
            _refuse_other_values(flat, name, rows, source_name, source.shape[1:])
        return
    pooling = next((how for how, form in pooled_forms(source) if _looks_like(flat, form)), None)
    if pooling is not None:
        raise CheckFailed(
            Diagnosis.POOLED,
            f"`{name}` has shape {flat.shape}: it holds {pooling} of {source_name}, {flat.shape[1]} values an image "
            f"of {rows.shape[1]}. Flattening keeps every value: expected shape {rows.shape}.",
        )
    raise CheckFailed(
        Diagnosis.NOT_THESE_ACTIVATIONS,
        f"`{name}` has shape {flat.shape}, but {source_name} has shape {shape}: flat, that is {rows.shape}. "
        "Flatten these activations, all of them.",
    )


def spoken(name: str) -> str:
    """Return a variable's name as code, and words as they are."""
    return f"`{name}`" if name.isidentifier() else name


def pooled_forms(source: Array) -> Iterator[tuple[str, Array]]:
    """Yield ways to pool (n, ...) over some of its axes, as (words, (n, fewer)).

    Only the first rows of each are computed.

    Means, maxima, sums and minima over every choice of axes; and means and maxima of
    windows of 2 by 2 positions.
    """
    few = source[:_FEW_ROWS]
    reductions: dict[str, Callable[..., Array]] = {"means": np.mean, "maxima": np.max, "sums": np.sum, "minima": np.min}
    axes = range(1, few.ndim)
    for count in axes:
        for chosen in itertools.combinations(axes, count):
            for words, reduce in reductions.items():
                yield (
                    f"{words} over axis {' and '.join(map(str, chosen))}",
                    reduce(few, axis=chosen).reshape(len(few), -1),
                )
    if few.ndim == 4:
        for window in (2, 3, 4):
            yield from _windows(few, window)


def _windows(few: Array, window: int) -> Iterator[tuple[str, Array]]:
    """Yield means and maxima over windows of positions of (n, height, width, channels)."""
    height, width = few.shape[1] // window, few.shape[2] // window
    if not height or not width:
        return
    cut = few[:, : height * window, : width * window]
    tiles = cut.reshape(len(few), height, window, width, window, few.shape[3])
    reductions: dict[str, Callable[..., Array]] = {"means": np.mean, "maxima": np.max}
    for words, reduce in reductions.items():
        yield f"{words} over windows of {window} by {window}", reduce(tiles, axis=(2, 4)).reshape(len(few), -1)


def _looks_like(flat: Array, form: Array) -> bool:
    """Tell whether the first rows of `flat` are these values, in any order within the row."""
    few = flat[: len(form)].reshape(min(len(flat), len(form)), -1)
    if few.shape != form.shape:
        return False
    ours, theirs = np.sort(few, axis=1), np.sort(form, axis=1)
    return bool(np.abs(ours - theirs).max() <= SAME * (theirs.std() + 1e-12))


def _equal(flat: Array, rows: Array) -> bool:
    """Tell whether two arrays (n, d) are equal.

    They are compared block by block, so that a block stays in the processor's cache.
    """

    def equal(half: slice) -> bool:
        starts = range(half.start, half.stop, 64)
        return all(np.array_equal(flat[i : (end := min(i + 64, half.stop))], rows[i:end]) for i in starts)

    return all(in_two_threads(equal, len(rows), rows.size))


def _refuse_other_values(flat: Array, name: str, rows: Array, source_name: str, shape: tuple[int, ...]) -> None:
    """Raise unless `flat` is `rows` up to rounding and one order of features; both (n, d)."""
    if max(rows.shape) > _LONGEST:
        raise _other_values(flat, name, rows, source_name)
    ours, theirs = sketch(flat), sketch(rows)
    order = order_of_columns(ours, theirs, shape)
    if order is not None and _rows_agree(flat, rows, order, SAME * theirs.spread):
        return
    if _sorted_rows_agree(flat, rows):
        raise CheckFailed(
            Diagnosis.NOT_THESE_ACTIVATIONS,
            f"Each row of `{name}` has the values of its image in {source_name}, but in an order that changes from row "
            "to row. Any order will do, so long as it is the same for all images.",
        )
    if _same_values(flat, rows) and not _rows_exchanged(flat, rows):
        raise CheckFailed(
            Diagnosis.MIXED_SAMPLES,
            f"`{name}` has the right shape {flat.shape} and the values of {source_name}, but its rows mix images: "
            "values of one image stand in the rows of others. Look at the order of the axes before you flatten.",
        )
    raise _other_values(flat, name, rows, source_name)


def _other_values(flat: Array, name: str, rows: Array, source_name: str) -> CheckFailed:
    """Return the failure of rows (n, d) that have the right shape, and other values."""
    return CheckFailed(
        Diagnosis.NOT_THESE_ACTIVATIONS,
        f"`{name}` has the right shape {flat.shape}, but its values are not those of {source_name}: "
        f"{_disagreeing(flat, rows)} of {len(rows)} rows differ. Flattening changes the shape and no value.",
    )


def _rows_agree(flat: Array, rows: Array, order: Array, tolerance: float) -> bool:
    """Tell whether each row of `flat` is that of `rows` in this order of features, every value compared.

    Args:
        flat: (n, d).
        rows: (n, d).
        order: for each column of `flat` the column of `rows` that it is.
        tolerance: how far apart two rows may lie.
    """

    def agree(half: slice) -> bool:
        blocks = (slice(i, min(i + 64, half.stop)) for i in range(half.start, half.stop, 64))
        return all(np.linalg.norm(flat[block] - rows[block][:, order], axis=1).max() <= tolerance for block in blocks)

    return bool(np.isfinite(tolerance)) and all(in_two_threads(agree, len(rows), rows.size))


def _sorted_rows_agree(flat: Array, rows: Array) -> bool:
    """Tell whether the first rows hold the same values in any order."""
    ours, theirs = np.sort(flat[:_FEW_ROWS], axis=1), np.sort(rows[:_FEW_ROWS], axis=1)
    return bool(np.abs(ours - theirs).max() <= SAME * (theirs.std() + 1e-12))


def _same_values(flat: Array, rows: Array) -> bool:
    """Tell whether two arrays (n, d) hold the same numbers in any order.

    Their sums, sums of squares and extremes are compared.
    """
    ours, theirs = _totals(flat), _totals(rows)
    sums = np.allclose(ours[:2], theirs[:2], rtol=1e-3, atol=1e-6 * rows.size)
    return sums and np.allclose(ours[2:], theirs[2:], rtol=1e-3, atol=1e-6)


def _totals(rows: Array) -> tuple[float, ...]:
    """Return the sum of an array (n, d), its squares' sum, its smallest and its largest value."""
    ours = sketch(rows)
    squares = len(rows) * (ours.spread**2 + float(ours.means @ ours.means))
    extremes = in_two_threads(lambda half: (float(rows[half].min()), float(rows[half].max())), len(rows), rows.size)
    least, most = min(pair[0] for pair in extremes), max(pair[1] for pair in extremes)
    return float(ours.row_sums.sum(dtype=np.float64)), squares, least, most


def _rows_exchanged(flat: Array, rows: Array) -> bool:
    """Tell whether whole rows stand in other places: then each row's sum is still some row's sum."""
    ours, theirs = (np.sort(sketch(a).row_sums.astype(np.float64)) for a in (flat, rows))
    return bool(np.abs(ours - theirs).max() <= SAME * (theirs.std() + 1e-12))


def _disagreeing(flat: Array, rows: Array) -> int:
    """Count the rows that differ."""
    return int(np.sum(np.abs(flat - rows).max(axis=1) > SAME * (rows.std() + 1e-12)))
