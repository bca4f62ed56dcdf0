"""Judge shapes, and name the usual cause of a wrong one."""

from __future__ import annotations

from .failure import CheckFailed
from .meanings import Diagnosis

__all__ = ["check_activations_shape", "check_embedding_shape", "check_representations_shape"]

Shape = tuple[int, ...]


def check_representations_shape(shape: Shape, name: str, images: int) -> None:
    """Require (images, d): one flat row an image.

    Raises:
        CheckFailed: `flattened_batch`, `not_flattened`, `transposed`,
            `too_few_rows` or `too_many_rows`.
    """
    wanted = f"({images}, number of values an image)"
    _refuse_one_vector(shape, name, images, wanted)
    if len(shape) > 2:
        axes = len(shape)
        raise CheckFailed(
            Diagnosis.NOT_FLATTENED,
            f"`{name}` has shape {shape}, with {axes} axes. Expected two axes, {wanted}: "
            "each image's values as one flat row. Flatten all axes but the one that counts the images.",
        )
    _refuse_rows(shape, name, images, wanted)


def check_activations_shape(shape: Shape, name: str, images: int) -> None:
    """Require (images, ...): two to four axes, the first counts the images.

    Raises:
        CheckFailed: `flattened_batch`, `wrong_type`, `transposed`,
            `too_few_rows` or `too_many_rows`.
    """
    wanted = f"({images}, …), the images along the first axis"
    _refuse_one_vector(shape, name, images, wanted)
    if len(shape) > 4:
        raise CheckFailed(
            Diagnosis.WRONG_TYPE,
            f"`{name}` has shape {shape}, with {len(shape)} axes. No layer here has more than four: expected {wanted}. "
            "Look for an axis of length 1 that a list or a stack has added.",
        )
    _refuse_rows(shape, name, images, wanted)


def check_embedding_shape(shape: Shape, name: str, images: int) -> None:
    """Require (images, 2): one point an image.

    Raises:
        CheckFailed: `wrong_components`, `too_few_rows` or `too_many_rows`.
    """
    if len(shape) != 2 or shape[1] != 2:
        turned = " Rows and columns seem to be exchanged." if len(shape) == 2 and shape[0] == 2 else ""
        raise CheckFailed(
            Diagnosis.WRONG_COMPONENTS,
            f"`{name}` has shape {shape}. Expected ({images}, 2): two coordinates for each image.{turned} "
            "Look at the number of components that was asked for, and at what was assigned.",
        )
    _refuse_rows(shape, name, images, f"({images}, 2)")


def _refuse_one_vector(shape: Shape, name: str, images: int, wanted: str) -> None:
    """Raise when the answer has one axis, or one row that holds a whole batch."""
    size = 1
    for length in shape:
        size *= length
    one_row = len(shape) == 2 and shape[0] == 1 and images > 1
    if len(shape) >= 2 and not one_row:
        return
    if size == 0 or size < images or (one_row and size % images):
        few = "one image's values" if shape and size > 1 else f"{size} value(s)"
        raise CheckFailed(
            Diagnosis.TOO_FEW_ROWS,
            f"`{name}` has shape {shape}: that is {few}. Expected {wanted}. Give all {images} images to the network.",
        )
    if size == images:
        raise CheckFailed(
            Diagnosis.POOLED,
            f"`{name}` has shape {shape}: one number for each image. Expected {wanted}: "
            "a layer gives many values for each image, and all of them are wanted.",
        )
    raise CheckFailed(
        Diagnosis.FLATTENED_BATCH,
        f"`{name}` has shape {shape}: all images lie in one long vector. Expected {wanted}. "
        "Keep the first axis, which counts the images, when you flatten.",
    )


def _refuse_rows(shape: Shape, name: str, images: int, wanted: str) -> None:
    """Raise unless the first axis counts `images`."""
    rows = shape[0]
    if rows == images and 0 not in shape:
        return
    if rows != images and images in shape[1:]:
        axis = len(shape) - 1 - shape[::-1].index(images)
        raise CheckFailed(
            Diagnosis.TRANSPOSED,
            f"`{name}` has shape {shape}: the {images} images lie along axis {axis}. Expected {wanted}: "
            "one row for each image, not one for each feature.",
        )
    if rows < images or 0 in shape:
        raise CheckFailed(
            Diagnosis.TOO_FEW_ROWS,
            f"`{name}` has shape {shape}: {rows} rows. Expected {wanted}: one for each of the first {images} training images.",
        )
    raise CheckFailed(
        Diagnosis.TOO_MANY_ROWS,
        f"`{name}` has shape {shape}: {rows} rows. Expected {wanted}: one for each of the first {images} training images only.",
    )
