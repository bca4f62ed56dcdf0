"""Plots are read as plain data, whatever a student's object says of itself."""

import types

import numpy as np
import pytest

from autograder.checks import CheckFailed
from autograder.checks.read_plot import PlotData, read_plot

RANDOM = np.random.default_rng(0)
MAP = RANDOM.normal(size=(60, 2)) * [30, 10]
LABELS = RANDOM.integers(0, 10, 60)


def test_axes_figures_and_lists_of_axes_are_read():
    """By their attributes alone."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2)
    for (x, y), label in zip(MAP, LABELS, strict=True):
        axes[1].text(x, y, label)
    axes[1].text(0, 0, "a remark that is long")
    axes[1].text(np.nan, 0, "3")
    axes[0].scatter(*MAP[:5].T, c=LABELS[:5])
    for value in (axes[1], figure, axes, list(axes), (figure, axes), axes[1].texts[0]):
        drawn = read_plot(value)
        assert drawn.labels == tuple(map(str, LABELS))
        np.testing.assert_allclose(drawn.points, MAP)
    assert read_plot(axes[0]).labels == tuple(map(str, LABELS[:5]))
    axes[0].clear()
    axes[0].scatter(*MAP[:5].T, label="7")
    axes[0].scatter(*MAP[5:8].T)
    axes[0].fill_between([0, 1], [0, 1])
    assert read_plot(axes[0]).labels == ("7",) * 5 + ("",) * 3
    plt.close(figure)


def test_a_record_is_read_as_it_is():
    """It has travelled from another process."""
    assert len(read_plot(PlotData(MAP, tuple(map(str, LABELS))))) == 60


class _Explosive:
    def __getattr__(self, name):
        raise RuntimeError(name)


@pytest.mark.parametrize(
    "value",
    ["axes", 3, [], types, int, PlotData(np.empty((0, 2)), ()), PlotData(MAP, ("1",)), types.SimpleNamespace(texts=[_Explosive()], collections=[_Explosive()]), types.SimpleNamespace(texts=3, collections=3)],
)  # fmt: skip
def test_what_shows_nothing_is_no_plot(value):
    """Strings, modules, empty Axes, objects that raise."""
    with pytest.raises(CheckFailed) as caught:
        read_plot(value)
    assert caught.value.diagnosis == "no_plot"


def test_an_object_that_raises_whatever_it_is_asked_is_no_plot():
    """Nothing that a student's object raises gets out."""
    with pytest.raises(CheckFailed, match=r"\[no_plot\]"):
        read_plot(_Explosive())


@pytest.mark.parametrize("value", [None, ...])
def test_no_value_is_no_plot(value):
    """`plt.show()` returns None; a name that isn't defined at all never arrives here."""
    with pytest.raises(CheckFailed, match=r"`plot` is (None|Ellipsis), which shows nothing.*\[no_plot\]"):
        read_plot(value)
