"""A map in words, for those who don't see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .map_geometry import borders, own_share
from .memo import Array

__all__ = ["describe_map"]

_NEIGHBOURS = 10
_STRAY = 0.2  # or fewer of a point's neighbours are of its class
_CLEAN = 0.9  # or more, on the average of a group
_TOUCHES = 0.5  # lengths of the smaller group, or less, are between two that touch
_MIXES = 0.1  # of the smaller class's points, or more, have the other class near
_MOST_PAIRS = 6


def describe_map(points: Array, labels: Array, names: Mapping[int, str] | Sequence[str] | None = None) -> list[str]:
    """Return a few sentences: how many groups there are, how clean they are, and which touch or mix.

    Args:
        points: a map, (n, 2).
        labels: of its points, whole numbers, (n,).
        names: the classes' names by label; None where labels are all that there is.
    """
    points, labels = np.asarray(points, np.float64), np.asarray(labels).astype(np.int64)
    if len(points) < 2:
        return ["A map of one point shows nothing."]

    def name(label: int) -> str:
        try:
            return str(label) if names is None else str(names[label])
        except (KeyError, IndexError):
            return str(label)

    share = own_share(points, labels, min(_NEIGHBOURS, len(points) - 1))
    classes = np.unique(labels).tolist()
    clean = [label for label in classes if share[labels == label].mean() >= _CLEAN]
    mixed = sorted((float(share[labels == label].mean()), label) for label in classes if label not in clean)
    of_nearest = (
        f"of a point's {min(_NEIGHBOURS, len(points) - 1)} nearest others {share.mean():.0%} are of its own class"
    )
    sentences = [f"{len(points)} points of {len(classes)} classes; {of_nearest}."]
    if clean:
        are, whose = ("are groups", "their") if len(clean) > 1 else ("is a group", "its")
        sentences.append(f"{_listed(list(map(name, clean)))} {are} of {whose} own.")
    if mixed:
        told = [f"{name(label)} ({value:.0%})" for value, label in mixed]
        sentences.append(f"Less so, by the share of such neighbours: {_listed(told)}.")
    near = [
        pair
        for pair, border in borders(points, labels, min(_NEIGHBOURS, len(points) - 1)).items()
        if border.gap <= _TOUCHES or border.mixing >= _MIXES
    ]
    if near:
        told = [f"{name(one)} and {name(other)}" for one, other in near[:_MOST_PAIRS]]
        more = f", and {len(near) - _MOST_PAIRS} more pairs" if len(near) > _MOST_PAIRS else ""
        sentences.append(f"Groups that touch or mix: {'; '.join(told)}{more}.")
    else:
        sentences.append("No two groups touch.")
    strays = int(np.sum(share <= _STRAY))
    sentences.append(f"{strays} point{'s lie' if strays != 1 else ' lies'} among those of another class.")
    return sentences


def _listed(words: Sequence[str]) -> str:
    """Return words as a list in a sentence."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
