"""Take the pictures that a student's cells drew out of an executed notebook, as pixels alone."""

from __future__ import annotations

import base64
import binascii
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from nbformat import NotebookNode
from PIL import Image

from autograder.assignment.cells import grade_id, is_solution

__all__ = ["Picture", "own_pictures", "picture_of"]

MAX_PICTURES = 12
MAX_PIXELS = 40_000_000
_FORMATS = ("PNG", "JPEG", "GIF")
"""What plots, screenshots and photographs are kept as."""
_MAX_CACHED_CHARACTERS = 2**21  # a map of a thousand points has 200,000
_WHITE_LEVEL = 254  # what the quickest choice of 256 colours makes of 255
MAX_WIDTH_PIXELS = 1000
"""A map of 500 labels stays readable, and a page with three of them under a megabyte."""


@dataclass(frozen=True)
class Picture:
    """One picture, ready for a page.

    Attributes:
        cell: the `grade_id` of the cell that drew it; empty for a cell that the student added.
        source: a `data:` address with a PNG that we encoded.
        width: in pixels.
        height: in pixels.
    """

    cell: str
    source: str
    width: int
    height: int


def own_pictures(executed: NotebookNode | None) -> tuple[Picture, ...]:
    """Return the pictures that the student's cells drew, in order; those of given cells are everybody's.

    Args:
        executed: a notebook whose outputs nobody has looked at; None when there is none.
    """
    pictures: list[Picture] = []
    for cell in executed.cells if executed is not None else ():
        name = grade_id(cell)
        if cell.cell_type == "code" and (is_solution(cell) or not name):
            pictures.extend(_pictures(cell, name))
    return tuple(pictures[:MAX_PICTURES])


def picture_of(data: str) -> str:
    """Return a base64 picture as the `data:` address of one that we encoded; "" where it is none."""
    picture = _encoded(data)
    return "" if picture is None else picture[0]


def _pictures(cell: NotebookNode, name: str) -> Iterator[Picture]:
    """Yield a cell's pictures; what is no PNG is passed over."""
    for output in cell.outputs:
        data = output.get("data", {}).get("image/png")
        picture = _encoded(data) if isinstance(data, str) else None
        if picture is not None:
            yield Picture(name, *picture)


def _encoded(data: str) -> tuple[str, int, int] | None:
    """Return a PNG that we encoded from a base64 picture, as a `data:` address, with its width and height."""
    return _encode_once(data) if len(data) < _MAX_CACHED_CHARACTERS else _encode_once.__wrapped__(data)


@lru_cache(maxsize=48)  # what given cells draw is the same for a class, and what most students draw too
def _encode_once(data: str) -> tuple[str, int, int] | None:
    """Do what `_encoded` does, and cache it."""
    image = _decode(data)
    return None if image is None else (_encode(image), *image.size)


def _decode(text: str) -> Image.Image | None:
    """Return the pixels of a base64 picture; None when it is none, of another format, or too large."""
    try:
        with warnings.catch_warnings(action="ignore"):  # Pillow warns of large pictures; the size is checked below
            opened = Image.open(io.BytesIO(base64.b64decode(text)), formats=_FORMATS)
            if opened.width * opened.height > MAX_PIXELS:
                return None
            image = opened.convert("RGB" if opened.mode != "RGBA" else "RGBA")
    except (binascii.Error, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    image.thumbnail((MAX_WIDTH_PIXELS, MAX_WIDTH_PIXELS * 4))
    return image


def _encode(image: Image.Image) -> str:
    """Return pixels as a PNG that carries no text, profile or other chunk of the original."""
    plain = Image.new("RGB", image.size, "white")
    plain.paste(image, mask=image if image.mode == "RGBA" else None)
    file, few = io.BytesIO(), plain.quantize(256, Image.Quantize.FASTOCTREE)
    few.putpalette([255 if value >= _WHITE_LEVEL else value for value in few.getpalette() or ()])
    few.save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
