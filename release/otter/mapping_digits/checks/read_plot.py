"""Read the points that a plot shows, and their labels, as plain data for another process."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .failure import CheckFailed
from .meanings import Diagnosis
from .read_axes import read_axes
from .values import Array, attribute, is_missing

__all__ = ["PlotData", "read_plot"]

# Of the points: fewer, and some are drawn again; maps of repeated rows, by PCA for one, have places in common.
_DIFFERENT = 0.6


@dataclass(frozen=True)
class PlotData:
    """The points of a plot, as plain data.

    Attributes:
        points: (n, 2) float64, in the plot's own coordinates, in the
            order in which they were drawn.
        labels: (n,) the label at each point; "" where a point has none.
        others: where several Axes were handed in, what the other ones show.
    """

    points: Array
    labels: tuple[str, ...]
    others: tuple[PlotData, ...] = ()

    def __len__(self) -> int:
        """Return the number of points."""
        return len(self.labels)

    @property
    def labelled(self) -> int:
        """How many points have a label; what is drawn again in its place counts once.

        Where points with different labels lie in one place, they are different points.
        """
        places: defaultdict[tuple[float, ...], Counter[str]] = defaultdict(Counter)
        for place, label in zip(self.points.tolist(), self.labels, strict=True):
            if label:
                places[tuple(place)][label] += 1
        drawn = sum(labels.total() for labels in places.values())
        different = sum(labels.total() if len(labels) > 1 else 1 for labels in places.values())
        return drawn if different >= _DIFFERENT * drawn else different


def read_plot(value: object, name: str = "plot") -> PlotData:
    """Return the points of an Axes, a Figure, a collection of Axes, or a record made before.

    Of several Axes, the one with the most labels comes first.

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
    plots = [plot for plot in map(_read, _find_axes(value)) if len(plot)]
    if not plots:
        raise CheckFailed(
            Diagnosis.NO_PLOT,
            f"`{name}` is {_article(type(value).__name__)}; no points can be found in it. "
            "Expected the Axes that `plot_embedding` returns, with the embedding drawn in it.",
        )
    first, *others = sorted(plots, key=lambda plot: (plot.labelled, len(plot)), reverse=True)
    return PlotData(first.points, first.labels, tuple(others))


def _read(axes: object) -> PlotData:
    """Return the points of one Axes; a word that all of them have is the label of none."""
    drawn = read_axes(axes)
    labels = tuple(point.label for point in drawn)
    if len(drawn) > 1 and len(set(labels)) == 1 and not labels[0].isdigit():
        labels = ("",) * len(labels)
    return PlotData(np.array([(point.x, point.y) for point in drawn]).reshape(-1, 2), labels)


def _checked(plot: PlotData, name: str) -> PlotData:
    """Return a valid copy of a record that may come from a student."""
    points = np.array(plot.points, dtype=np.float64, copy=True, subok=False).reshape(-1, 2)
    labels = tuple(str(label) for label in plot.labels)
    if len(points) != len(labels):
        raise CheckFailed(Diagnosis.NO_PLOT, f"`{name}` is a record of {len(points)} points with {len(labels)} labels.")
    if not labels:
        raise CheckFailed(Diagnosis.NO_PLOT, f"`{name}` shows no points. Expected the embedding drawn in it.")
    return PlotData(points, labels, tuple(_checked(other, name) for other in plot.others))


def _find_axes(value: object, depth: int = 0) -> Iterator[object]:
    """Yield everything in a value that looks like an Axes.

    That is the value itself, a figure's Axes, the entries of a list or a dictionary, or what a grid
    of plots knows as its Axes or its figure.
    """
    if isinstance(value, type) or type(value).__name__ == "module" or depth > 2:
        return
    if attribute(value, "texts") is not None and attribute(value, "collections") is not None:
        yield value
        return
    inner = value.reshape(-1).tolist() if type(value) is np.ndarray and value.dtype == object else value
    inner = list(inner.values()) if type(inner) is dict else inner
    if not isinstance(inner, (list, tuple)):
        inner = next((part for name in ("axes", "figure") if (part := attribute(value, name)) is not None), None)
    if isinstance(inner, (list, tuple)):
        for item in inner[:100]:
            yield from _find_axes(item, depth + 1)
    elif inner is not None and inner is not value:  # an artist of a plot, such as one of its texts, knows its Axes
        yield from _find_axes(inner, depth + 1)


def _article(word: str) -> str:
    """Return "a word" or "an Axes"; cut short, for it may be a student's class."""
    return f"{'an' if word[:1].lower() in 'aeiou' else 'a'} {word[:40]}"
