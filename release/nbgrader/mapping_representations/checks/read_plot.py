"""Read the labels that a plot draws, and where.

A matplotlib Axes is read by its attributes alone, so that this works without matplotlib; what comes
out is plain data that can travel to another process.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .failure import CheckFailed
from .meanings import Diagnosis
from .values import Array, is_missing

__all__ = ["PlotData", "read_plot"]

_MOST_POINTS = 100_000
_LONGEST_LABEL = 12  # a class label; longer texts are remarks


@dataclass(frozen=True)
class PlotData:
    """The labelled points of a plot, as plain data.

    Attributes:
        points: (n, 2) float64, in the plot's own coordinates, in the
            order in which they were drawn.
        labels: (n,) the text at each point; "" where a point has none.
    """

    points: Array
    labels: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.labels)


def read_plot(value: object, name: str = "plot") -> PlotData:
    """Return the labelled points of an Axes, a Figure, a collection of Axes, or a record made before.

    Texts count as labels when they are short; a scatter counts when no texts were drawn, its labels
    being the values that colour it or the name of its series.

    Raises:
        CheckFailed: `no_plot` where nothing that was drawn can be found: in None, for one,
            which `plt.show()` returns.
    """
    if is_missing(value):
        raise CheckFailed(
            Diagnosis.NO_PLOT,
            f"`{name}` is {value!r}, which shows nothing. Expected the Axes that `plot_embedding` returns: look at what "
            "was assigned.",
        )
    if isinstance(value, PlotData):
        return _checked(value, name)
    plots = [plot for plot in map(_read_axes, _find_axes(value)) if len(plot)]
    if not plots:
        raise CheckFailed(
            Diagnosis.NO_PLOT,
            f"`{name}` is {_article(type(value).__name__)}; no points with labels can be found in it. "
            "Expected the Axes that `plot_embedding` returns, with the embedding drawn in it.",
        )
    return max(plots, key=len)


def _checked(plot: PlotData, name: str) -> PlotData:
    """Return a valid copy of a record that may come from a student."""
    points = np.array(plot.points, dtype=np.float64, copy=True, subok=False).reshape(-1, 2)
    labels = tuple(str(label) for label in plot.labels)
    if len(points) != len(labels):
        raise CheckFailed(Diagnosis.NO_PLOT, f"`{name}` is a record of {len(points)} points with {len(labels)} labels.")
    if not labels:
        raise CheckFailed(
            Diagnosis.NO_PLOT, f"`{name}` shows no points with labels. Expected the embedding drawn in it."
        )
    return PlotData(points, labels)


def _find_axes(value: object, depth: int = 0) -> Iterator[object]:
    """Yield everything in a value that looks like an Axes.

    That is the value itself, a figure's Axes, or the entries of a list of them.
    """
    if isinstance(value, type) or type(value).__name__ == "module" or depth > 2:
        return
    if _get(value, "texts") is not None and _get(value, "collections") is not None:
        yield value
        return
    inner = value.reshape(-1).tolist() if type(value) is np.ndarray and value.dtype == object else value
    if not isinstance(inner, (list, tuple)):
        inner = _get(value, "axes")
    if isinstance(inner, (list, tuple)):
        for item in inner[:100]:
            yield from _find_axes(item, depth + 1)
    elif inner is not None and inner is not value:  # an artist of a plot, such as one of its texts, knows its Axes
        yield from _find_axes(inner, depth + 1)


def _read_axes(axes: object) -> PlotData:
    """Return an Axes' label texts; its scatter series where it has none."""
    texts = [entry for text in _items(_get(axes, "texts")) if (entry := _read_text(text))]
    scatters = [entry for series in _items(_get(axes, "collections")) for entry in _read_scatter(series)]
    entries = texts if len(texts) * 2 >= len(scatters) else scatters
    points = np.array([entry[:2] for entry in entries], dtype=np.float64).reshape(-1, 2)
    return PlotData(points, tuple(entry[2] for entry in entries))


def _read_text(text: object) -> tuple[float, float, str] | None:
    """Return (x, y, label) of a text that is short enough to be a label."""
    try:
        x, y = text.get_position()  # type: ignore[attr-defined]
        label = str(text.get_text()).strip().strip("$")  # type: ignore[attr-defined]
        position = float(x), float(y)
    except Exception:  # not a text after all
        return None
    if not label or len(label) > _LONGEST_LABEL or not all(map(math.isfinite, position)):
        return None
    return (*position, label)


def _read_scatter(series: object) -> list[tuple[float, float, str]]:
    """Return (x, y, label) of each point of a scatter.

    The label is what colours the point, or the series' name.
    """
    if not any(kind.__name__ == "PathCollection" for kind in type(series).__mro__):  # areas and lines have offsets too
        return []
    try:
        offsets = np.ma.filled(np.ma.MaskedArray(series.get_offsets(), dtype=np.float64), np.nan)  # type: ignore[attr-defined]
        colours = series.get_array()  # type: ignore[attr-defined]
        name = str(series.get_label())  # type: ignore[attr-defined]
    except Exception:  # a collection without points, such as lines
        return []
    labels = [name] * len(offsets) if colours is None else [_number(c) for c in np.ma.filled(colours).reshape(-1)]
    if name.startswith("_") and colours is None:
        labels = [""] * len(offsets)
    rows = zip(offsets[:, 0].tolist(), offsets[:, 1].tolist(), labels, strict=False)
    return [row for row in rows if math.isfinite(row[0]) and math.isfinite(row[1])]


def _items(value: object) -> list[Any]:
    """Return a container's items, up to a bound."""
    try:
        return [item for item, _ in zip(value, range(_MOST_POINTS))]  # type: ignore[call-overload]  # noqa: B905
    except Exception:
        return []


def _number(value: object) -> str:
    """Return a colour value as a label: 7.0 is the label 7."""
    number = float(value)  # type: ignore[arg-type]
    return str(int(number)) if number.is_integer() else str(number)


def _get(value: object, name: str) -> Any:
    """Return an attribute, or None: an object may raise anything when it is asked."""
    try:
        return getattr(value, name, None)
    except Exception:
        return None


def _article(word: str) -> str:
    """Return "a word" or "an Axes"; cut short, for it may be a student's class."""
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word[:40]}"
