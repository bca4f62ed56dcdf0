"""Look at several maps at once: point at an image in one, and it lights up in all of them."""

from __future__ import annotations

import base64
import html
import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .describe import describe_map
from .failure import CheckFailed
from .memo import Array
from .values import read_numbers, settle

__all__ = ["Explored", "explore"]

_SIDE = 380  # pixels
_PICTURE = 28  # pixels of a thumbnail's side at least
_NEIGHBOURS = 15
_FAITHLESS = 0.2  # or fewer of an image's neighbours are kept: its place says little
_MOST_POINTS = 2000
_AXES = 2
# Petroff's ten colours (2021, arXiv:2107.02270), as `plot_embedding` draws them.
_COLOURS = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip
_GRADED = "released_checks"
"""A module that a grader's kernel has: nobody looks at it there."""


@dataclass(frozen=True, repr=False)
class Explored:
    """What `explore` shows.

    Attributes:
        text: the maps in words.
        page: the maps as a page of their own; "" where none can be made.
    """

    text: str
    page: str = ""

    def __repr__(self) -> str:
        """Return the maps in words."""
        return self.text

    def _repr_html_(self) -> str | None:
        """Return a frame with the page, and the maps in words below it; None for the words alone."""
        if not self.page:
            return None
        words = "".join(f"<p>{html.escape(line)}</p>" for line in self.text.split("\n") if line)
        return (
            f'<iframe title="Your maps, side by side" style="width: 100%; height: 560px; border: 1px solid #d8dee4" '
            f'srcdoc="{html.escape(self.page, quote=True)}"></iframe><details><summary>The maps in words</summary>{words}</details>'
        )


def explore(
    maps: Mapping[str, object],
    *,
    images: object = None,
    labels: object = None,
    points: int = 500,
    of: Mapping[str, object] | None = None,
    names: Sequence[str] | None = None,
) -> Explored:
    """Show maps side by side: point at an image, and it lights up in all of them, with its picture, label and index.

    A click picks an image, or lets it go; the indices of those that are picked are listed below the maps. Nothing is
    checked here, and nothing raised: what can't be shown is said.

    Args:
        maps: for each map its title and its points, such as `{"Raw pixels": emb, "Deep layer": deep_emb}`; (n, 2) each.
        images: the images that the rows are of, (n, height, width) or (n, height, width, channels).
        labels: their labels, (n,).
        points: how many of the first points are shown.
        of: what was embedded, by the same titles, (n, d): a map says then which of its points it can't be trusted on.
        names: the classes' names, by label.
    """
    drawn, said = dict[str, Array](), list[str]()
    for title, value in maps.items():
        read = _read_map(value)
        if read is None:
            said.append(f"{title}: there is no map yet, (n, 2).")
        else:
            drawn[str(title)] = read
    if not drawn:
        return Explored("\n".join(said) or "There is no map to show.")
    count = min(points, _MOST_POINTS, *(len(each) for each in drawn.values()))
    known = _labels(labels, count)
    kept = {title: _kept(drawn[title], value, count) for title, value in (of or {}).items() if title in drawn}
    for title, each in drawn.items():
        words = describe_map(each[:count], known, names) if known is not None else []
        said.append(f"{title}: {' '.join(words)}")
        if (share := kept.get(title)) is not None:
            few = np.flatnonzero(share <= _FAITHLESS).tolist()
            where = f" ({', '.join(map(str, few[:20]))}{' …' if len(few) > 20 else ''})" if few else ""
            said.append(
                f"{title}: {len(few)} points keep at most {_FAITHLESS:.0%} of their neighbours{where}: their places say little."
            )
    text = "\n".join(said)
    if _GRADED in sys.modules:
        return Explored(text)
    try:
        return Explored(text, _page(drawn, count, known, _pictures(images, count), kept, names))
    except ImportError:
        _draw(drawn, count, known)
        return Explored(f"{text}\nMaps that light up need the package bokeh: python -m pip install bokeh")


def _read_map(value: object) -> Array | None:
    """Return a map's points; None where it is none."""
    try:
        points = settle(read_numbers(value, "map"), "map")
    except CheckFailed:
        return None
    return points.astype(np.float64) if points.ndim == _AXES and points.shape[1] == _AXES and len(points) > 1 else None


def _labels(value: object, count: int) -> Array | None:
    """Return whole labels; None where there are none."""
    try:
        labels = np.asarray(read_numbers(value, "labels")).reshape(-1)[:count].astype(np.int64)
    except (CheckFailed, ValueError, OverflowError):
        return None
    return labels if len(labels) == count else None


def _kept(points: Array, of: object, count: int) -> Array | None:
    """Return which part of each image's neighbours its place in a map keeps, (count,); None where that isn't known."""
    from sklearn.neighbors import NearestNeighbors

    try:
        rows = settle(read_numbers(of, "of"), "of")
    except CheckFailed:
        return None
    if len(rows) != len(points) or len(rows) <= _NEIGHBOURS:
        return None
    near = [
        NearestNeighbors(n_neighbors=_NEIGHBOURS).fit(values).kneighbors(return_distance=False)[:count]
        for values in (rows.reshape(len(rows), -1), points)
    ]
    return np.array([len(set(one) & set(other)) / _NEIGHBOURS for one, other in zip(*near, strict=True)])


def _pictures(images: object, count: int) -> list[str] | None:
    """Return images as addresses of PNGs; None where they are no pictures."""
    try:
        values = settle(read_numbers(images, "images")[:count], "images")
    except CheckFailed:
        return None
    values = values[..., 0] if values.ndim == 4 and values.shape[-1] == 1 else values
    if values.ndim not in (3, 4) or len(values) < count or (values.ndim == 4 and values.shape[-1] != 3):
        return None
    from matplotlib.image import imsave

    low, high = float(values.min()), float(values.max())
    pixels = (255 * (values - low) / max(high - low, 1e-30)).astype(np.uint8)
    addresses = []
    for each in 255 - pixels if values.ndim == 3 else pixels:
        file = io.BytesIO()
        imsave(file, each, cmap="gray", vmin=0, vmax=255, format="png")
        addresses.append("data:image/png;base64," + base64.b64encode(file.getvalue()).decode())
    return addresses


def _page(
    maps: Mapping[str, Array],
    count: int,
    labels: Array | None,
    pictures: list[str] | None,
    kept: Mapping[str, Array | None],
    names: Sequence[str] | None,
) -> str:
    """Return a page that shows the maps, with Bokeh's library in it.

    Raises:
        ImportError: Bokeh isn't installed.
    """
    from bokeh.embed import components
    from bokeh.layouts import gridplot
    from bokeh.models import ColumnDataSource, CustomJS
    from bokeh.resources import Resources

    shown = np.zeros(count, np.int64) if labels is None else labels
    columns: dict[str, Any] = {
        "number": list(range(count)),
        "label": [_name(label, names) if labels is not None else "?" for label in shown.tolist()],
        "sign": [str(label) if labels is not None else "•" for label in shown.tolist()],
        "colour": [_COLOURS[label % len(_COLOURS)] for label in shown.tolist()],
    }
    if pictures:
        columns["picture"] = pictures
    for number, (title, points) in enumerate(maps.items()):
        columns |= {f"{axis}{number}": points[:count, place].tolist() for place, axis in enumerate("xy")}
        share = kept.get(title)
        columns[f"kept{number}"] = ["?" if share is None else f"{share[index]:.0%}" for index in range(count)]
    source = ColumnDataSource(columns)
    picked = """document.getElementById("picked").textContent = source.selected.indices.join(", ") || "none yet";"""
    source.selected.js_on_change("indices", CustomJS(args={"source": source}, code=picked))
    figures = [
        _figure(source, number, title, bool(pictures), kept.get(title) is not None) for number, title in enumerate(maps)
    ]
    script, place = components(gridplot([figures], toolbar_location=None), wrap_script=False)
    library = "\n".join(Resources(mode="inline", components=["bokeh"], log_level="error").js_raw)
    key = "".join(
        f'<span><b style="color: {_COLOURS[label % len(_COLOURS)]}" aria-hidden="true">■</b> {html.escape(_name(label, names))}</span> '
        for label in (np.unique(labels).tolist() if labels is not None else [])
    )
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Maps</title>"
        "<style>body{font:14px system-ui,sans-serif;margin:8px;background:#fff;color:#1b1f24}.key span{margin-right:.6em}"
        "table{border-collapse:collapse}td,th{padding:0 .6em;text-align:right}</style></head><body>"
        f"<p class='key'>{key}</p>{place}"
        "<p>Picked (click on points; copy their indices from here): <b id='picked' aria-live='polite'>none yet</b></p>"
        f"{_table(columns, list(maps))}<script>{library}</script><script>{script}</script></body></html>"
    )


def _figure(source: Any, number: int, title: str, pictures: bool, kept: bool) -> Any:
    """Return a figure of one map."""
    from bokeh.models import HoverTool, TapTool
    from bokeh.plotting import figure

    plot = figure(
        width=_SIDE,
        height=_SIDE,
        title=title,
        tools="box_zoom,wheel_zoom,reset",
        x_axis_location=None,
        y_axis_location=None,
    )
    plot.grid.visible = False
    x, y = f"x{number}", f"y{number}"
    plot.text(x, y, text="sign", text_color="colour", text_font_size="11px", text_align="center", text_baseline="middle", source=source,
              nonselection_text_alpha=1)  # fmt: skip
    dots = plot.scatter(x, y, size=14, fill_alpha=0, line_alpha=0, hover_fill_alpha=0.25, hover_fill_color="#111111", hover_line_alpha=1,
                        hover_line_color="#111111", selection_line_alpha=1, selection_line_color="#111111",
                        selection_fill_alpha=0, nonselection_line_alpha=0, nonselection_fill_alpha=0, source=source)  # fmt: skip
    picture = f'<img src="@picture" width="{2 * _PICTURE}" height="{2 * _PICTURE}" alt="">' if pictures else ""
    share = f"<div>neighbours kept: @kept{number}</div>" if kept else ""
    tooltip = f"<div>{picture}<div><b>@label</b>, index @number</div>{share}</div>"
    plot.add_tools(HoverTool(renderers=[dots], tooltips=tooltip, limit=3), TapTool(renderers=[dots], mode="xor"))
    return plot


def _table(columns: Mapping[str, Any], titles: Sequence[str]) -> str:
    """Return the points as a table, for those who can't point at them."""
    heads = "".join(f"<th scope='col'>{html.escape(title)}, {axis}</th>" for title in titles for axis in "xy")
    rows = "".join(
        f"<tr><td>{index}</td><td>{html.escape(columns['label'][index])}</td>"
        + "".join(f"<td>{columns[f'{axis}{number}'][index]:.1f}</td>" for number in range(len(titles)) for axis in "xy")
        + "</tr>"
        for index in columns["number"]
    )
    return (
        "<details><summary>The points as a table</summary><table><thead><tr><th scope='col'>index</th><th scope='col'>label</th>"
        f"{heads}</tr></thead><tbody>{rows}</tbody></table></details>"
    )


def _draw(maps: Mapping[str, Array], count: int, labels: Array | None) -> None:
    """Draw the maps side by side, as a figure that stays as it is."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(maps), figsize=(6 * len(maps), 6), squeeze=False)
    for ax, (title, points) in zip(axes[0], maps.items(), strict=True):
        colours = "#717581" if labels is None else [_COLOURS[label % len(_COLOURS)] for label in labels.tolist()]
        ax.scatter(*points[:count].T, c=colours, s=12)
        ax.set(title=title, xticks=[], yticks=[])
        for index in range(0, count, max(1, count // 100)):
            ax.annotate(str(index), points[index], size=6)
    plt.show()
    plt.close(figure)


def _name(label: int, names: Sequence[str] | None) -> str:
    """Return a class in words."""
    return str(names[label]) if names is not None and 0 <= label < len(names) else str(label)
