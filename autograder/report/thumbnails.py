"""Draw maps as small transparent pictures: a dot an image, coloured by what the image shows."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autograder.model import StudentMap

__all__ = ["COLOURS", "Painter", "legend"]

COLOURS = (
    "#4e79d0", "#c2690f", "#3f9e4d", "#d8433f", "#9467bd", "#a0653c", "#c2429a", "#808890", "#7d7a00", "#12808f",
)  # fmt: skip
"""One a class, each told from its neighbours and readable on white and on near-black."""

_UNLABELLED_COLOUR = "#6b7683"
"""The colour of an image whose label nobody knows."""

_MARGIN_PIXELS = 1
"""Around the dots."""


class Painter:
    """Draws maps of one class of images.

    Args:
        labels: (n,) what each image shows, as text; empty where nobody knows.
        size: the picture's width and height, in pixels.
        dot: a dot's width, in pixels.
    """

    def __init__(self, labels: Sequence[str], size: int, dot: int = 1) -> None:
        numbers = {label: number for number, label in enumerate(sorted(set(labels)))}
        self._colours = np.array([1 + numbers[label] % len(COLOURS) for label in labels], np.uint8)
        self._size = size
        self._dot = dot

    def paint(self, student_map: StudentMap) -> str:
        """Return a map as a `data:` address with a PNG of sixteen colours.

        Points are drawn in the images' order: where two fall on one pixel, the later one is seen.
        """
        pixels = np.zeros((self._size, self._size), np.uint8)
        left, top = self._corners(student_map)
        colours = self._colours_of(len(left))
        for right in range(self._dot):
            for down in range(self._dot):
                pixels[top + down, left + right] = colours
        return _data_address(pixels)

    def _corners(self, student_map: StudentMap) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the upper left pixels of the dots; a map's second axis points up."""
        points = np.asarray(student_map.points, np.float64).reshape(-1, 2)
        room = self._size - 2 * _MARGIN_PIXELS - self._dot
        corners = _MARGIN_PIXELS + np.rint(np.clip(np.nan_to_num(points), 0, 1) * room).astype(np.intp)
        return corners[:, 0], self._size - self._dot - corners[:, 1]

    def _colours_of(self, count: int) -> NDArray[np.uint8]:
        """Return a colour's number for each of so many points: the last one is for what has no label."""
        colours = np.full(count, len(COLOURS) + 1, np.uint8)
        labelled = self._colours[:count]
        colours[: len(labelled)] = labelled
        return colours


def legend(labels: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return each label with its colour."""
    return tuple((label, COLOURS[number % len(COLOURS)]) for number, label in enumerate(sorted(set(labels))))


def _data_address(pixels: NDArray[np.uint8]) -> str:
    """Return numbers of colours as a `data:` address; number 0 is transparent."""
    image = Image.fromarray(pixels, "P")
    named = ("#ffffff", *COLOURS, _UNLABELLED_COLOUR)
    image.putpalette(b"".join(bytes.fromhex(colour[1:]) for colour in named))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True, bits=4, transparency=0)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
