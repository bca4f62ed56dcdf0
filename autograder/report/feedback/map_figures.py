"""Draw a student's map beside the grader's own of the same values, with Bokeh in the reader's browser."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from markupsafe import Markup

from autograder.checks.describe import describe_map
from autograder.model import MapImages, StudentMap
from autograder.report.feedback.map_mistakes import MapMistake, find_mistakes
from autograder.report.thumbnails import legend

__all__ = ["STAY", "MapPair", "Maps", "draw_maps", "library"]

SIDE_PIXELS = 360
"""A figure's width and height, where there is room for it."""

_RING_COLOUR = "#111111"
_PICTURE = '<img src="@picture" width="56" height="56" alt="">'
_STYLE_ATTRIBUTE = re.compile(r' style="[^"]*"')


@dataclass(frozen=True)
class MapPair:
    """One map of a submission on the page.

    Attributes:
        drawn: the map.
        figures: the places of its figures, the student's first, the grader's second where there is one.
        mistakes: the images that lie among those of another class.
        words: the map in words, for those who don't see it.
    """

    drawn: StudentMap
    figures: tuple[Markup, ...]
    mistakes: tuple[MapMistake, ...]
    words: str = ""


@dataclass(frozen=True)
class Maps:
    """All maps of a page.

    Attributes:
        pairs: one for each.
        script: what draws them, given Bokeh's library; "" where there is none.
    """

    pairs: tuple[MapPair, ...] = ()
    script: str = ""


def draw_maps(maps: Sequence[StudentMap], images: MapImages | None) -> Maps:
    """Return figures of a submission's maps, which share their images: a page holds each once.

    Args:
        maps: the submission's.
        images: what the maps are of; None where nobody knows, and then nothing is drawn.
    """
    if images is None or not maps:
        return Maps()
    count = min(len(images.labels), *(len(drawn.points) for drawn in maps))
    halves = tuple(len(drawn.reference) >= count for drawn in maps)
    frame = _frame(images, count, halves)
    mistakes = [find_mistakes(drawn, images.labels) for drawn in maps]
    slots = {
        f"{axis}{n}-{half}": [point[place] for point in points[:count]]
        for n, drawn in enumerate(maps)
        for half, points in (("own", drawn.points), ("reference", drawn.reference))
        for place, axis in enumerate("xy")
    }
    slots |= {f"{_RINGED}{n}": [one.image for one in wrong] for n, wrong in enumerate(mistakes)}
    script = _SLOT.sub(
        lambda slot: json.dumps(slots[slot["name"] or slot["ring"]], separators=(",", ":")), frame.script
    )
    words = [_in_words(drawn, images, count) for drawn in maps]
    pairs = tuple(map(MapPair, maps, frame.places, mistakes, words))
    return Maps(pairs, script)


def _in_words(drawn: StudentMap, images: MapImages, count: int) -> str:
    """Return what a map shows: how many groups there are, how clean they are, and which touch or mix."""
    numbers = {name: number for number, name in enumerate(images.classes)}
    labels = np.array([numbers.get(label, len(numbers)) for label in images.labels[:count]])
    return " ".join(describe_map(np.array(drawn.points[:count], float), labels, (*images.classes, "unlabelled")))


@dataclass(frozen=True)
class _Frame:
    """Figures without their points, built once for a class: Bokeh's models take longer than all else.

    Attributes:
        script: what draws them, with slots for the points.
        places: where the figures of each map go.
    """

    script: str
    places: tuple[tuple[Markup, ...], ...]


_SLOT = re.compile(r'\["@(?P<name>[a-z0-9-]+)@"[^\]]*\]|\[(?P<ring>-7770\d+)\]')
_RINGED = -7770
"""Begins the number that stands for the indices of a map's mistakes."""


@lru_cache(maxsize=8)
def _frame(images: MapImages, count: int, halves: tuple[bool, ...]) -> _Frame:
    """Return the figures of a number of maps, the grader's beside those of which `halves` says so."""
    from bokeh.embed import components

    names = [[f"{n}-own", *([f"{n}-reference"] if with_reference else [])] for n, with_reference in enumerate(halves)]
    source = _source(images, count, [name for both in names for name in both])
    tooltip = f"<div>{_PICTURE if images.pictures else ''}<div><b>@label</b> {images.thing} @number</div></div>"
    figures = {name: _figure(source, name, number, tooltip) for number, both in enumerate(names) for name in both}
    script, places = components(figures, wrap_script=False)
    # Bokeh's own style attribute would need a looser policy; the page's style sheet says the same.
    shown = {name: Markup(_STYLE_ATTRIBUTE.sub(' class="map-place"', place)) for name, place in places.items()}  # noqa: S704
    return _Frame(str(script), tuple(tuple(shown[name] for name in both) for both in names))


def _source(images: MapImages, count: int, names: Sequence[str]) -> Any:
    """Return the images, and slots for the points of the named figures."""
    from bokeh.models import ColumnDataSource

    looks = {entry.name: entry for entry in legend(images)}
    columns: dict[str, Any] = {
        "label": list(images.labels[:count]),
        "sign": [looks[label].sign for label in images.labels[:count]],
        "number": list(range(count)),
        "colour": [looks[label].colour for label in images.labels[:count]],
    }
    if images.pictures:
        columns["picture"] = list(images.pictures[:count])
    slots = {f"{axis}{name}": [f"@{axis}{name}@", *[0] * (count - 1)] for name in names for axis in "xy"}
    return ColumnDataSource(columns | slots)


def _figure(source: Any, name: str, number: int, tooltip: str) -> Any:
    """Return a figure: signs of classes at the points, rings at mistakes, and what a point is on hover or tap."""
    from bokeh.models import CDSView, HoverTool, IndexFilter, Range1d, TapTool
    from bokeh.plotting import figure

    plot = figure(
        width=SIDE_PIXELS, height=SIDE_PIXELS, sizing_mode="scale_width", tools="box_zoom,reset", toolbar_location="above",
        x_range=Range1d(start=-0.04, end=1.04), y_range=Range1d(start=-0.04, end=1.04),
        x_axis_location=None, y_axis_location=None,
        background_fill_color="#ffffff", border_fill_color="#ffffff", outline_line_color="#d8dee4", min_border=4,
    )  # fmt: skip
    plot.grid.visible = False
    plot.toolbar.logo = None
    plot.toolbar.active_drag = None  # a finger on a map scrolls the page
    x, y = f"x{name}", f"y{name}"
    plot.text(x, y, text="sign", text_color="colour", text_font_size="10px", text_align="center",
              text_baseline="middle", source=source)  # fmt: skip
    dots = plot.scatter(x, y, size=7, fill_alpha=0, line_alpha=0, hover_line_alpha=1, hover_line_color=_RING_COLOUR,
                        hover_fill_alpha=0, source=source)  # fmt: skip
    ringed = CDSView(filter=IndexFilter(indices=[int(f"{_RINGED}{number}")]))
    plot.scatter(x, y, size=13, fill_alpha=0, line_color=_RING_COLOUR, line_width=1.2,
                 source=source, view=ringed)  # fmt: skip
    plot.add_tools(
        HoverTool(renderers=[dots], tooltips=tooltip, limit=3), TapTool(renderers=[dots], behavior="inspect")
    )
    return plot


STAY = """addEventListener("pointerout", (event) => {
  if (event.pointerType === "touch") event.stopImmediatePropagation();
}, true);"""
"""Lets what a tap shows stay when the finger is lifted: Bokeh would take it away as it does for a mouse that leaves."""


@cache
def library() -> str:
    """Return Bokeh's library for browsers: 1.3 MB, the larger part of a page with maps."""
    from bokeh.resources import Resources

    return "\n".join(Resources(mode="inline", components=["bokeh"], log_level="error").js_raw)
