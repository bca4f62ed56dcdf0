"""Look at what a call of a student's function printed and drew, beside what it returned."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .failure import CheckFailed
from .read_plot import PlotData, read_plot

__all__ = ["Called", "call"]


@dataclass(frozen=True)
class Called:
    """What came of a call.

    Attributes:
        value: what it returned.
        printed: what it wrote to stdout.
        plots: the points and labels in each Axes of the figures that it made.
    """

    value: Any
    printed: str = ""
    plots: tuple[PlotData, ...] = ()


def call(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> Called:
    """Call a student's function; the same wherever a test runs.

    Args:
        function: the student's; where tests run in another process, what represents it there.
        arguments: its own.
        keywords: its own.

    Raises:
        Exception: what it raises.
    """
    apart = getattr(function, "call_from_a_check", None)
    if apart is not None:
        called: Called = apart(*arguments, **keywords)
        return called
    before, printed = _figures(), io.StringIO()
    with contextlib.redirect_stdout(printed):
        value = function(*arguments, **keywords)
    plots = []
    for number, figure in _figures().items():
        for axes in figure.axes if number not in before else ():
            with contextlib.suppress(CheckFailed):
                plots.append(read_plot(axes))
    return Called(value, printed.getvalue(), tuple(plots))


def _figures() -> dict[int, Any]:
    """Return pyplot's open figures by number."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    managers = [] if helpers is None else helpers.Gcf.get_all_fig_managers()
    return {manager.num: manager.canvas.figure for manager in managers}
