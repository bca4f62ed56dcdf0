"""Read the points that an Axes shows, each with the label that can be seen there.

An Axes is read by its attributes alone, so that this works without matplotlib. What counts is what
a person sees: a text, a marker's number, a series' name, or a colour that something explains.
"""

from __future__ import annotations

import functools
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .read_colours import (
    Colour,
    Form,
    between,
    colour_bar,
    form_of,
    items,
    legend,
    line_colour,
    line_form,
    marker_colours,
    plain,
    shade,
)
from .values import Array, attribute

__all__ = ["Point", "read_axes"]

_LONGEST_LABEL = 12  # what is longer and stands there once is a remark
_LONGEST_NAME = 30  # of a class
_MOST_CLASSES = 20  # of which each is expected to have its colour


@dataclass(frozen=True)
class Point:
    """A point that is drawn.

    Attributes:
        x, y: where, in the plot's own coordinates.
        label: the text there; "" where it has none.
        colour: what colours it; None for a text.
        value: the number that the colour stands for, as text; "" where there is none.
        form: of its marker; empty for a text, or where each marker of a series has its own.
    """

    x: float
    y: float
    label: str
    colour: Colour | None = None
    value: str = ""
    form: Form = b""


def read_axes(axes: object) -> list[Point]:
    """Return an Axes' label texts; its markers where it has fewer than half as many texts."""
    texts = [point for text in items(attribute(axes, "texts")) if (point := _from_text(text, axes))]
    markers = [point for series in items(attribute(axes, "collections")) for point in _from_scatter(series, axes)]
    markers += [point for line in items(attribute(axes, "lines")) for point in _from_line(line, axes)]
    times = Counter(text.label for text in texts)
    labels = [text for text in texts if len(text.label) <= _LONGEST_LABEL or times[text.label] > 1]
    return labels if len(labels) * 2 >= len(markers) else _explained(markers, labels, texts, axes)


def _from_text(text: Any, axes: Any) -> Point | None:
    """Return the point of a text that is short enough to be a label; of an annotation, what it is about."""
    try:
        label = plain(text.get_text())
        if not label or len(label) > _LONGEST_NAME or not _is_seen(text):
            return None
        if attribute(text, "xycoords") is None:
            place = _place(text.get_transform(), axes, [text.get_position()])
        else:
            place = _place(_coordinates(text.xycoords, axes), axes, [text.xy])
    except Exception:  # not a text after all, or at a place that has no coordinates here
        return None
    x, y = place[0].tolist()
    return Point(x, y, label) if math.isfinite(x) and math.isfinite(y) else None


def _coordinates(name: object, axes: Any) -> Any:
    """Return the transform that an annotation's coordinates have."""
    named = {"data": axes.transData, "axes fraction": axes.transAxes}
    return named[name] if isinstance(name, str) else name


def _from_scatter(series: Any, axes: Any) -> list[Point]:
    """Return the points of a scatter."""
    if not any(kind.__name__ == "PathCollection" for kind in type(series).__mro__):  # areas and lines have offsets too
        return []
    try:
        offsets = np.ma.filled(np.ma.MaskedArray(series.get_offsets(), dtype=np.float64), np.nan)
        if not len(offsets) or not _is_seen(series) or not np.any(series.get_sizes()):
            return []
        places = _place(series.get_offset_transform(), axes, offsets)
        colours, alphas = marker_colours(series, len(offsets))
        values = series.get_array()
        values = (
            [""] * len(offsets) if values is None else [_number(value) for value in np.ma.filled(values).reshape(-1)]
        )
        paths = series.get_paths()
        number = _number_of(paths[0]) if len(paths) == 1 else ""
        one_colour = len({shade(colour) for colour in colours}) == 1
        label = number or (_name(series) if one_colour else "")
        form = form_of(paths[0]) if len(paths) == 1 else b""
    except Exception:  # a collection without points
        return []
    rows = zip(places.tolist(), colours, alphas, values, strict=False)
    return [
        Point(at[0], at[1], label, colour, value, form)
        for at, colour, alpha, value in rows
        if alpha and np.isfinite(at).all()
    ]


def _from_line(line: Any, axes: Any) -> list[Point]:
    """Return the points of a line that has markers."""
    try:
        marker = line.get_marker()
        if marker in (None, "", " ", "None", "none") or not _is_seen(line) or not line.get_markersize():
            return []
        places = _place(line.get_transform(), axes, np.asarray(line.get_xydata(), dtype=np.float64))
        colour = line_colour(line)
        formula = plain(marker) if isinstance(marker, str) and marker.startswith("$") else ""
        form = b"" if formula else line_form(line)
    except Exception:  # no line after all
        return []
    label = formula or _name(line)
    return [Point(at[0], at[1], label, colour, form=form) for at in places.tolist() if np.isfinite(at).all()]


def _explained(points: Sequence[Point], labels: Sequence[Point], texts: Sequence[Point], axes: Any) -> list[Point]:
    """Return markers with the labels that their colours and forms stand for, where something in the plot says so.

    A legend says it, a colour bar, the numbers that colour the points, or one text amid each colour's
    points.
    """
    unnamed = [point for point in points if not point.label]
    colours = {point.colour for point in unnamed if point.colour is not None}
    entries = legend(axes)
    by_look = [entries.get((point.colour or (), point.form), "") for point in points]
    if len({*by_look} - {""}) > len(colours):  # there are more classes than colours: forms tell them apart
        return list(map(_named, points, by_look))
    if len({shade(colour) for colour in colours}) < 2:
        return list(points)
    names = {colour: name for (colour, _), name in entries.items()}
    if _all_known(names, colours) or _all_known(names := between(names, colours), colours):
        pass
    elif _shows_values(unnamed):
        return [_named(point, point.value) for point in points]
    elif not _all_known(names := colour_bar(axes), colours):
        names = _amid(unnamed, labels) or _amid(unnamed, texts)
    return [_named(point, names.get(point.colour or (), "")) for point in points]


def _named(point: Point, label: str) -> Point:
    """Return a point with a label, where it has none of its own."""
    return point if point.label else replace(point, label=label)


def _shows_values(points: Sequence[Point]) -> bool:
    """Return whether a number colours each point, and different numbers look different, but for a few."""
    values = {point.value for point in points}
    shades = {shade(point.colour) for point in points if point.colour is not None}
    return "" not in values and 2 * len(shades) >= min(len(values), _MOST_CLASSES)


def _all_known(names: Mapping[Colour, str], colours: set[Colour]) -> bool:
    """Return whether every colour has a name, and not all of them the same."""
    return colours <= names.keys() and len({names[colour] for colour in colours}) > 1


def _amid(points: Sequence[Point], texts: Sequence[Point]) -> dict[Colour, str]:
    """Return the text nearest to the middle of each colour's points, if each has one of its own."""
    groups = defaultdict(list)
    for point in points:
        groups[point.colour or ()].append((point.x, point.y))
    if len(texts) < len(groups):
        return {}
    places = np.array([(text.x, text.y) for text in texts])
    middles = {colour: np.median(group, axis=0) for colour, group in groups.items()}
    nearest = {colour: int(np.argmin(np.linalg.norm(places - at, axis=1))) for colour, at in middles.items()}
    return {colour: texts[i].label for colour, i in nearest.items()} if len({*nearest.values()}) == len(groups) else {}


def _number_of(path: Any) -> str:
    """Return the number below 100 that a scatter's marker has the form of; "" for any other form."""
    fonts = _fonts()
    corners = {digit: len(_form(digit, fonts)) for digit in "0123456789"}
    # A number has the corners of its digits: few forms have to be laid out, 13 ms each.
    likely = (n for n in map(str, range(100)) if sum(corners[digit] for digit in n) == len(path.vertices))
    return next((number for number in likely if np.allclose(path.vertices, _form(number, fonts))), "")


def _fonts() -> tuple[str, ...]:
    """Return the settings that a formula's form depends on."""
    settings = sys.modules["matplotlib"].rcParams
    return tuple(str(settings[name]) for name in settings if name.startswith(("font.", "mathtext.")))


@functools.lru_cache(maxsize=400)
def _form(number: str, fonts: tuple[str, ...]) -> Array:
    """Return the corners (n, 2) of a number as a marker, in these fonts."""
    marker = sys.modules["matplotlib.markers"].MarkerStyle(f"${number}$")
    return np.asarray(marker.get_path().transformed(marker.get_transform()).vertices)


def _is_seen(artist: Any) -> bool:
    """Return whether an artist is drawn at all."""
    alpha = artist.get_alpha()
    return bool(artist.get_visible()) and (alpha is None or bool(np.any(np.asarray(alpha) > 0)))


def _place(transform: Any, axes: Any, places: Any) -> Array:
    """Return places (n, 2) in the coordinates of the Axes' data."""
    places = np.asarray(places, dtype=np.float64).reshape(-1, 2)
    data = axes.transData
    return places if transform is data else np.asarray((transform - data).transform(places))


def _name(artist: Any) -> str:
    """Return the label that an artist was given; "" where it has none, or one that legends leave out."""
    name = str(artist.get_label())
    return "" if name.startswith("_") else plain(name)


def _number(value: object) -> str:
    """Return a colour's value as a label: 7.0 is the label 7."""
    number = float(value)  # type: ignore[arg-type]
    return str(int(number)) if number.is_integer() else str(number)
