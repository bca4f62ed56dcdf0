"""Read the reference maps for those who mark: which groups stand apart, which border, which rows lie elsewhere."""

from __future__ import annotations

import base64
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["MapFacts", "facts_of", "picture_of", "tell"]

Array = NDArray[Any]

_NEIGHBOURS = 10
_APART = 0.95  # of a class's neighbours are its own: it stands apart
_TOUCHING = 0.03  # of two classes' neighbours are each other's: they border
_STRAY = 0.7  # of a row's neighbours are another class's
_MOST = 8  # that are named
_PICTURE_PIXELS = 48  # an image's longer side


@dataclass(frozen=True)
class MapFacts:
    """What a map shows.

    Attributes:
        purity: which part of a point's neighbours is of its own class, on average.
        apart: the classes that stand apart.
        bordering: pairs of classes that border or mix, those that do most first.
        strays: (row, its class, the class around it).
    """

    purity: float
    apart: tuple[str, ...]
    bordering: tuple[tuple[str, str], ...]
    strays: tuple[tuple[int, str, str], ...]


def facts_of(points: Array, labels: Array, classes: tuple[str, ...]) -> MapFacts:
    """Return what a map shows.

    Args:
        points: (n, 2) the map.
        labels: (n,) classes, from 0 on.
        classes: their names.
    """
    from sklearn.neighbors import NearestNeighbors

    near = NearestNeighbors(n_neighbors=min(_NEIGHBOURS, len(points) - 1)).fit(points).kneighbors(return_distance=False)
    around = labels[near]
    own = around == labels[:, np.newaxis]
    present = [number for number in range(len(classes)) if (labels == number).any()]
    apart = tuple(classes[number] for number in present if own[labels == number].mean() >= _APART)
    touching = {
        (one, other): float(np.mean(np.concatenate([around[labels == one] == other, around[labels == other] == one])))
        for one, other in combinations(present, 2)
    }
    pairs = sorted((pair for pair, share in touching.items() if share >= _TOUCHING), key=lambda pair: -touching[pair])
    strays = []
    for row in np.flatnonzero(own.mean(axis=1) <= 1 - _STRAY):
        other, count = Counter(around[row].tolist()).most_common(1)[0]
        if other != labels[row] and count >= _STRAY * around.shape[1]:
            strays.append((int(row), classes[labels[row]], classes[other]))
    return MapFacts(
        float(own.mean()), apart, tuple((classes[a], classes[b]) for a, b in pairs[:_MOST]), tuple(strays[:_MOST])
    )


def tell(facts: MapFacts, what: str, before: MapFacts | None = None, images: Array | None = None) -> str:
    """Return the facts as Markdown, for a mark scheme.

    Args:
        facts: of the map.
        what: what it is a map of.
        before: those of the map that it is compared with.
        images: (n, h, w) or (n, h, w, channels), what is mapped; None where it is rows of numbers.
    """
    lines = list(_lines(facts, before))
    if images is not None and facts.strays:
        picture = picture_of(images, [row for row, *_ in facts.strays])
        lines.append(f"these look so, in this order: ![the rows that lie among another class's]({picture})")
    return "\n".join([f"The reference map of {what} shows:", "", *(f"* {line}" for line in lines)])


def picture_of(images: Array, rows: list[int]) -> str:
    """Return some images side by side as a `data:` address with a PNG; no attachment, as that would stay in releases."""
    low, high = float(images.min()), float(images.max())
    shown = (images[rows].astype(np.float32) - low) * (255 / max(high - low, 1e-9))
    if shown.ndim == 4 and shown.shape[-1] != 3:
        shown = shown.mean(axis=-1)
    strip = Image.fromarray(np.concatenate(list(shown.astype(np.uint8)), axis=1))
    larger = _PICTURE_PIXELS / max(shown.shape[1:3])
    size = max(1, round(strip.width * larger)), max(1, round(strip.height * larger))
    file = io.BytesIO()
    strip.resize(size, Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _lines(facts: MapFacts, before: MapFacts | None) -> Iterator[str]:
    """Yield the facts, a line each."""
    change = "" if before is None else f", against {before.purity:.0%} in the map of the input"
    yield f"of a point's {_NEIGHBOURS} nearest neighbours, {facts.purity:.0%} are of its own class{change}."
    yield f"groups that stand apart: {', '.join(facts.apart) or 'none'}."
    yield f"groups that border or mix, most first: {', '.join(f'{a} and {b}' for a, b in facts.bordering) or 'none'}."
    if before is not None:
        gone = [pair for pair in before.bordering if pair not in facts.bordering]
        yield f"came apart since the map of the input: {', '.join(f'{a} and {b}' for a, b in gone) or 'no pair'}."
    strays = ", ".join(f"row {row} ({own}, among {around})" for row, own, around in facts.strays)
    yield f"rows that lie among another class's: {strays or 'none'}."
