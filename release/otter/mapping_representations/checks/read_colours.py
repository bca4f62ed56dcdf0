"""Read the colours of a plot's markers, and which labels a legend or a colour bar gives to colours."""

from __future__ import annotations

import itertools
import math
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from .values import attribute

__all__ = [
    "Colour",
    "Form",
    "between",
    "colour_bar",
    "form_of",
    "items",
    "legend",
    "line_colour",
    "line_form",
    "marker_colours",
    "plain",
    "shade",
]

Colour = tuple[int, ...]
"""Red, green and blue, 0 to 255."""

Form = bytes
"""A marker's corners, as they are compared; empty where there are none."""

_MOST_POINTS = 100_000
_SHADES = 16  # of red, green and blue: what lies nearer together than 1/16 looks the same
_MOST_VALUES = 200  # whole numbers of a colour bar
_ASIDE = 0.3  # of the way from one colour to the next: how far from the straight one a colour may lie
_FORMULA = re.compile(r"\$?(?:\\(?:math\w+|text\w*|bf|rm|it)\s*\{?)?(.*?)\}?\$?", re.DOTALL)


def legend(axes: Any) -> dict[tuple[Colour, Form], str]:
    """Return what the legends of an Axes, and of its figure, say of colours and of markers' forms."""
    names: dict[tuple[Colour, Form], str] = {}
    figure = attribute(axes, "figure")
    for each in [attribute(axes, "legend_"), *items(attribute(figure, "legends"))]:
        handles, texts = items(attribute(each, "legend_handles")), items(attribute(each, "texts"))
        for handle, text in zip(handles, texts, strict=False):
            with suppress(Exception):  # an entry without a colour, such as a heading
                names[_handle_colour(handle), _handle_form(handle)] = plain(text.get_text())
    return names


def between(names: Mapping[Colour, str], colours: set[Colour]) -> dict[Colour, str]:
    """Return a short legend's numbers with those that it leaves out.

    Of whole numbers, seaborn's legend has 0, 1, 3, 4, 6, 7 and 9 alone. A colour that lies between those of two entries stands for a whole number between theirs; nothing
    is returned where one doesn't, or where two stand for the same.
    """
    try:
        known = sorted((float(name), colour) for colour, name in names.items())
    except ValueError:
        return {}
    found = {colour: name for colour, name in names.items() if colour in colours}
    for colour in sorted(colours - names.keys()):
        number = _number_between(colour, known)
        if number is None or str(number) in names.values() or str(number) in found.values():
            return {}
        found[colour] = str(number)
    return found


def _number_between(colour: Colour, known: Sequence[tuple[float, Colour]]) -> int | None:
    """Return the whole number whose colour lies between two entries' colours; None for no number."""
    best, number = _ASIDE, None
    for (low, first), (high, last) in itertools.pairwise(known):
        way, step = np.subtract(last, first, dtype=float), np.subtract(colour, first, dtype=float)
        length = float(way @ way)
        share = float(step @ way) / length if length else -1.0
        aside = float(np.linalg.norm(step - share * way)) / length**0.5 if 0 < share < 1 else np.inf
        value = round(low + share * (high - low))
        if aside < best and low < value < high:
            best, number = aside, value
    return number


def _handle_colour(handle: Any) -> Colour:
    """Return the colour of a legend's entry: a marker's, a patch's or a line's."""
    if attribute(handle, "get_markerfacecolor") is not None:
        return line_colour(handle)
    faces = np.atleast_2d(handle.get_facecolor())
    return _rgb(faces[0] if faces.size and faces[0, 3] else np.atleast_2d(handle.get_edgecolor())[0])


def _handle_form(handle: Any) -> Form:
    """Return the form of a legend's entry; empty for a patch, or a line without markers."""
    if attribute(handle, "get_markerfacecolor") is not None:
        return line_form(handle)
    return form_of(handle.get_paths()[0]) if attribute(handle, "get_offsets") is not None else b""


def line_form(line: Any) -> Form:
    """Return the form of a line's markers; empty where it has none."""
    if str(line.get_marker()) in ("None", "none", "", " "):
        return b""
    marker = sys.modules["matplotlib.markers"].MarkerStyle(line.get_marker())
    return form_of(marker.get_path().transformed(marker.get_transform()))


def form_of(path: Any) -> Form:
    """Return a path's corners, rounded; 0 has one sign."""
    return np.asarray(np.round(path.vertices, 3) + 0.0).tobytes()


def colour_bar(axes: Any) -> dict[Colour, str]:
    """Return which whole number each colour of the figure's colour bars stands for."""
    names: dict[Colour, str] = {}
    bars = [attribute(each, "_colorbar") for each in items(attribute(attribute(axes, "figure"), "axes"))]
    for bar in bars:
        with suppress(Exception):  # no colour bar
            first, last = math.ceil(bar.norm.vmin), math.floor(bar.norm.vmax)
            for value in range(first, min(last, first + _MOST_VALUES) + 1):
                names.setdefault(_rgb(bar.cmap(bar.norm(value))), str(value))
    return names


def marker_colours(series: Any, count: int) -> tuple[list[Colour], list[bool]]:
    """Return each marker's colour, and whether it is seen; an edge's where the inside is empty."""
    series.update_scalarmappable()
    faces, edges = (
        np.asarray(each, dtype=float).reshape(-1, 4) for each in (series.get_facecolor(), series.get_edgecolor())
    )
    inside = len(faces) > 0 and bool(np.any(faces[:, 3] > 0))
    colours = faces if inside or not len(edges) else edges
    each = colours[np.arange(count) % len(colours)]
    widths = np.any(np.asarray(series.get_linewidths()) > 0)
    return [_rgb(colour) for colour in each], [bool(alpha > 0 and (inside or widths)) for alpha in each[:, 3]]


def line_colour(line: Any) -> Colour:
    """Return the colour of a line's markers, or the line's where it has none.

    Of a hollow marker it is the edge's.
    """
    colours = sys.modules["matplotlib.colors"]
    if str(line.get_marker()) in ("None", "none", "", " "):
        return _rgb(colours.to_rgba(line.get_color()))
    inside = colours.to_rgba(line.get_markerfacecolor())
    return _rgb(inside if inside[3] else colours.to_rgba(line.get_markeredgecolor()))


def _rgb(colour: Any) -> Colour:
    """Return red, green and blue, 0 to 255."""
    return tuple(round(255 * float(part)) for part in colour[:3])


def shade(colour: Colour) -> Colour:
    """Return a colour as the eye tells it apart from others."""
    return tuple(part * _SHADES // 256 for part in colour)


def plain(text: object) -> str:
    r"""Return a label's text without the signs of a formula: `$\mathdefault{3}$` is 3."""
    text = str(text).strip()
    match = _FORMULA.fullmatch(text) if text.startswith("$") else None
    return match[1].strip() if match else text


def items(value: object) -> Iterator[Any]:
    """Return a container's items, up to a bound."""
    try:
        return iter([item for item, _ in zip(value, range(_MOST_POINTS))])  # type: ignore[call-overload]  # noqa: B905
    except Exception:
        return iter(())
