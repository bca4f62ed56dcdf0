"""Draw maps as small transparent pictures: a dot an image, with the colour and the form of its class."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from autograder.model import MapImages, StudentMap

__all__ = ["COLOURS", "LegendEntry", "Painter", "legend"]

COLOURS = (
    "#4e79d0", "#c2690f", "#3f9e4d", "#d8433f", "#9467bd", "#a0653c", "#c2429a", "#808890", "#7d7a00", "#12808f",
)  # fmt: skip
"""One a class, each told from its neighbours and readable on white and on near-black."""

_FORMS = (
    "##### ##### ##### ##### #####", "..#.. ..#.. ##### ..#.. ..#..", "##### #...# #...# #...# #####",
    "#...# .#.#. ..#.. .#.#. #...#", "..#.. ..#.. .###. .###. #####", "##### .###. .###. ..#.. ..#..",
    "..... ##### ##### ##### .....", ".###. .###. .###. .###. .###.", "#.... ##... ###.. ####. #####",
    "##.## ##.## ..... ##.## ##.##",
)  # fmt: skip
"""What stands at a point, five rows of five pixels: ten classes have the first form, the next ten the second."""

_STAMPS = np.array([[[pixel == "#" for pixel in row] for row in form.split()] for form in _FORMS])
_STAMP_PIXELS = 5

_UNLABELLED_COLOUR = "#6b7683"
"""The colour of an image whose label nobody knows."""

_MARGIN_PIXELS = 1
"""Around the dots."""

_LONGEST_SIGN = 2


@dataclass(frozen=True)
class LegendEntry:
    """How a class looks on every map.

    Attributes:
        name: the class's.
        sign: its short name: what fits at a point.
        colour: its own, or what it shares with a class of another form.
        form: what stands at its points in small pictures, as an SVG path in a square of five units.
    """

    name: str
    sign: str
    colour: str
    form: str


class Painter:
    """Draws maps of one class of images.

    Args:
        images: with their labels; None where nobody knows them.
        size: the picture's width and height, in pixels; twice as many where forms tell classes apart.
        dot: a dot's width, in pixels, where colours do.

    Attributes:
        size: the pictures'.
    """

    def __init__(self, images: MapImages | None, size: int, dot: int = 1) -> None:
        classes = images.classes if images else ()
        numbers = {name: number for number, name in enumerate(classes)}
        self._numbers = np.array([numbers[label] for label in images.labels] if images else [], int)
        few = len(classes) <= len(COLOURS)
        self.size = size if few else 2 * size
        self._dot = dot if few else _STAMP_PIXELS
        self._forms = np.ones((1, dot, dot), bool) if few else _STAMPS

    def paint(self, student_map: StudentMap) -> str:
        """Return a map as a `data:` address with a PNG of sixteen colours.

        Points are drawn in the images' order: where two fall on one pixel, the later one is seen.
        """
        pixels = np.zeros((self.size, self.size), np.uint8)
        left, top = self._corners(student_map)
        colours, forms = self._looks_of(len(left))
        for right in range(self._dot):
            for down in range(self._dot):
                drawn = forms[:, down, right]
                pixels[top[drawn] + down, left[drawn] + right] = colours[drawn]
        return _data_address(pixels)

    def _corners(self, student_map: StudentMap) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the upper left pixels of the dots; a map's second axis points up."""
        points = np.asarray(student_map.points, np.float64).reshape(-1, 2)
        room = self.size - 2 * _MARGIN_PIXELS - self._dot
        corners = _MARGIN_PIXELS + np.rint(np.clip(np.nan_to_num(points), 0, 1) * room).astype(np.intp)
        return corners[:, 0], self.size - self._dot - corners[:, 1]

    def _looks_of(self, count: int) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
        """Return a colour's number and a form for each of so many points; the last colour is for what has no label."""
        numbers = self._numbers[:count]
        colours = np.full(count, len(COLOURS) + 1, np.uint8)
        colours[: len(numbers)] = 1 + numbers % len(COLOURS)
        forms = np.zeros(count, int)
        forms[: len(numbers)] = numbers // len(COLOURS) % len(self._forms)
        return colours, self._forms[forms]


def legend(images: MapImages | None) -> tuple[LegendEntry, ...]:
    """Return how each class looks; its number is its sign where names are too long to stand at points."""
    classes = images.classes if images else ()
    short = all(len(name) <= _LONGEST_SIGN for name in classes)
    return tuple(
        LegendEntry(name, name if short else str(number), COLOURS[number % len(COLOURS)], _path(number))
        for number, name in enumerate(classes)
    )


def _path(number: int) -> str:
    """Return a class's form as an SVG path."""
    rows, columns = np.nonzero(_STAMPS[number // len(COLOURS) % len(_STAMPS)])
    return "".join(f"M{column} {row}h1v1h-1z" for row, column in zip(rows.tolist(), columns.tolist(), strict=True))


def _data_address(pixels: NDArray[np.uint8]) -> str:
    """Return numbers of colours as a `data:` address; number 0 is transparent."""
    image = Image.fromarray(pixels, "P")
    named = ("#ffffff", *COLOURS, _UNLABELLED_COLOUR)
    image.putpalette(b"".join(bytes.fromhex(colour[1:]) for colour in named))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True, bits=4, transparency=0)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
