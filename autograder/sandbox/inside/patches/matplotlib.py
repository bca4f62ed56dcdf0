"""Draw the same pictures in less time: half of what a notebook of this kind costs is its figures."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

from .table import replace

__all__ = ["draw_quickly"]

_COMPRESSION = 1  # zlib's quickest: a figure takes a third of the time, and a tenth more bytes


def draw_quickly() -> None:
    """Warm matplotlib up before the first fork, and leave out what nobody sees of its drawing."""
    if "matplotlib.pyplot" not in sys.modules:
        return
    replace("matplotlib.markers", {"MarkerStyle._set_mathtext_path": _remembering_formulas})
    _draw_once()
    _fill_colour_maps()
    replace("matplotlib.pyplot", {"_draw_all_if_interactive": lambda _: lambda: None})  # it has no switch
    # A figure is drawn twice, first for the places alone: only arrows need drawing for that.
    for module, kind in (("image", "_ImageBase"), ("collections", "Collection"), ("offsetbox", "AnnotationBbox")):
        replace(f"matplotlib.{module}", {f"{kind}.draw": _drawing_if_seen})
    replace("matplotlib.backends.backend_agg", {"FigureCanvasAgg._print_pil": _compressing_quickly})


def _draw_once() -> None:
    """Draw a figure in memory as maps are drawn, with text, digits for points and images."""
    from io import BytesIO

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.offsetbox import AnnotationBbox, OffsetImage

    figure = Figure(figsize=(2, 2))
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.set_title("0123456789")
    for weight in ("normal", "bold"):
        axes.text(0.5, 0.5, "0123456789", weight=weight, size=9)
    for digit in "0123456789":  # outlines of formulas are slow the first time, and remembered
        axes.scatter([0.5], [0.5], marker=f"${digit}$", label=digit)
    axes.imshow([[0, 1], [1, 0]], cmap="gray_r")
    axes.add_artist(AnnotationBbox(OffsetImage([[0, 1], [1, 0]], cmap="gray_r"), (0.5, 0.5)))
    axes.legend()
    figure.savefig(BytesIO(), format="png", bbox_inches="tight")


def _remembering_formulas(lay_out: Callable[[Any], None]) -> Callable[[Any], None]:
    """Return what keeps outlines of formulas, which stand for points, while fonts stay the same."""
    from matplotlib import rcParams
    from matplotlib.transforms import Affine2D

    outlines: dict[tuple[str, ...], tuple[Any, Any]] = {}
    settings = [name for name in rcParams if name.startswith(("font.", "mathtext.", "text."))]

    @functools.wraps(lay_out)
    def remember(self: Any) -> None:
        """Lay out a formula, or do as if."""
        key = self.get_marker(), *(str(rcParams[name]) for name in settings)
        if key not in outlines:
            lay_out(self)
            if len(self._path.vertices):  # it has an outline
                outlines[key] = self._path, self._transform.get_matrix()
        else:
            self._path, matrix = outlines[key]
            self._transform, self._snap = Affine2D(matrix.copy()), False

    return remember


def _fill_colour_maps() -> None:
    """Compute the tables of colour maps; each picture copies its map, and computes what is missing."""
    import matplotlib as mpl

    for registered in getattr(mpl.colormaps, "_cmaps", {}).values():
        registered(0.0)


def _drawing_if_seen(draw: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Return an artist's method that draws, unless the renderer's own methods are replaced by empty ones."""
    from matplotlib.backend_bases import RendererBase

    @functools.wraps(draw)
    def draw_if_seen(self: Any, renderer: Any) -> None:
        """Draw where somebody sees it."""
        unseen = getattr(renderer.draw_image, "__wrapped__", None) is RendererBase.draw_image
        if unseen and getattr(self, "arrow_patch", None) is None:
            self.stale = False
        else:
            draw(self, renderer)

    return draw_if_seen


def _compressing_quickly(save: Callable[..., None]) -> Callable[..., None]:
    """Return what compresses PNG pictures quickly, where nobody asks for something else."""

    @functools.wraps(save)
    def save_quickly(self: Any, file: Any, kind: str, pil_kwargs: Any, metadata: Any = None) -> None:
        """Save with less compression."""
        if kind == "png":
            pil_kwargs = {"compress_level": _COMPRESSION} | (pil_kwargs or {})
        save(self, file, kind, pil_kwargs, metadata)

    return save_quickly
