"""Recognise activations of other images, or of images in another scale.

What is needed for it is computed when the first claim needs it, and remembered for the class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from autograder.checks.meanings import Diagnosis
from autograder.checks.sketches import SAME, order_of_columns, row_errors
from autograder.checks.values import Array
from autograder.hidden.activations.from_right_images import match_rows, nearest_rows
from autograder.hidden.findings import Candidate, Finding
from autograder.hidden.reference import PIXELS, Layer

__all__ = ["SCALES", "images_of", "lookalike", "other_images", "raw_scale", "unscaled"]

SCALES: dict[str, Callable[[Array, float], Array]] = {
    "images from 0 to {scale:g}": lambda images, scale: images * np.float32(scale),
    "images divided by {scale:g} twice": lambda images, scale: images / np.float32(scale),
    "images from -1 to 1": lambda images, scale: images * 2 - 1,
    "images from -0.5 to 0.5": lambda images, scale: images - np.float32(0.5),
    "images less their mean": lambda images, scale: images - images.mean(),
    "standardised images": lambda images, scale: (images - images.mean()) / images.std(),
    "images with black and white exchanged": lambda images, scale: 1 - images,
    "images cut to whole numbers": lambda images, scale: np.floor(images),
    "images cut to black and white": lambda images, scale: (images > np.float32(0.5)).astype(np.float32),
}
_MOSTLY = 0.5  # of the rows are known images: then that is what they are
# Correlation of the columns' means with the layer's, over features: 0.98 and more for any
# thousand images of the kind.
_LIKE = 0.9


def raw_scale(candidate: Candidate) -> Finding | None:
    """Look for images that were never divided by the scale, or divided twice.

    Their values are larger or smaller by that factor.

    This comes before the question whether the values were rescaled: a linear layer on raw
    images looks much like that.
    """
    scale = candidate.reference.settings.scale
    for layer in _distinct(candidate):
        ratio = candidate.sketch.spread / layer.sketch.spread
        for words, factor in zip(SCALES, (scale, 1 / scale), strict=False):
            if factor / 3 < ratio < factor * 3 and _fits(candidate, layer, words):
                return _unscaled(candidate, layer, words)
    return None


def unscaled(candidate: Candidate) -> Finding | None:
    """Look for a layer's activations on images of another scale than the network was trained on."""
    matches = ((layer, words) for layer in _distinct(candidate) for words in SCALES if _fits(candidate, layer, words))
    return next((_unscaled(candidate, layer, words) for layer, words in matches), None)


def _fits(candidate: Candidate, layer: Layer, words: str) -> bool:
    """Tell whether the values are the layer's on images in that scale."""
    theirs = candidate.reference.sketch_of_changed(layer.name, words, SCALES[words])
    few, ours = candidate.few
    order = order_of_columns(ours, theirs, layer.shape)
    return order is not None and bool(np.median(row_errors(few, ours, theirs, order)) <= SAME)


def _unscaled(candidate: Candidate, layer: Layer, words: str) -> Finding:
    """Return the finding about images of another scale."""
    return Finding(
        Diagnosis.UNSCALED_PIXELS, layer.name, "they fit " + words.format(scale=candidate.reference.settings.scale)
    )


def images_of(candidate: Candidate) -> Array | None:
    """Return which image each row (n,) is of, the test images last; None where that can't be told."""
    if (match := match_rows(candidate)) is not None:
        return match[1]
    return next((nearest for _, nearest, _ in _known_images(candidate)), None)


def _known_images(candidate: Candidate) -> Iterator[tuple[Layer, Array, Array]]:
    """Yield layers of which most rows are known: each row's image, and whether it is that image's."""
    for layer in _distinct(candidate):
        rows, _ = candidate.reference.rows_of_all(layer.name)
        nearest, apart = nearest_rows(candidate, rows, layer.sketch.spread)
        if (same := apart <= SAME).mean() >= _MOSTLY:
            yield layer, nearest, same


def other_images(candidate: Candidate) -> Finding | None:
    """Look for rows that are a layer's activations on other images of the data."""
    for layer, nearest, same in _known_images(candidate):
        if np.array_equal(nearest, np.arange(len(nearest))):
            continue  # these are the right images, and other values
        first_test = candidate.reference.rows_of_all(layer.name)[1]
        test = float(np.mean(nearest[same] >= first_test))
        if test > 1 - (1 - _MOSTLY) / 5:
            return Finding(Diagnosis.TEST_IMAGES, layer.name, f"{same.sum()} of {len(same)} rows are test images")
        first = nearest[np.argmax(same)]
        return Finding(
            Diagnosis.OTHER_IMAGES,
            layer.name,
            f"row {np.argmax(same)} holds image {first}; {len(np.unique(nearest[same]))} different images were found",
        )
    return None


def lookalike(candidate: Candidate) -> Finding | None:
    """Look for a layer whose features have these means.

    That is the same layer on images that are not in the data.
    """
    for layer in _distinct(candidate):
        if layer.name == PIXELS or len(candidate.sketch.means) < 8:
            continue
        alike = float(np.corrcoef(candidate.sketch.means, layer.sketch.means)[0, 1])
        if alike > _LIKE and 0.25 < candidate.sketch.spread / layer.sketch.spread < 4:
            return Finding(
                Diagnosis.OTHER_IMAGES,
                layer.name,
                f"the features' means are like the layer's (correlation {alike:.2f}), the rows are not",
            )
    return None


def _distinct(candidate: Candidate) -> list[Layer]:
    """Return the rival layers, of those with the same values only the first."""
    firsts: dict[str, Layer] = {}
    for layer in candidate.rivals:
        firsts.setdefault(layer.first, layer)
    return list(firsts.values())
