"""Plots are read as plain data, and compared with the embedding that was handed in."""

import types

import numpy as np
import pytest

from autograder.checks import CheckFailed
from autograder.checks.read_plot import PlotData, read_plot
from autograder.hidden.identify_plot import identify_plot

RANDOM = np.random.default_rng(0)
MAP = RANDOM.normal(size=(60, 2)) * [30, 10]
LABELS = RANDOM.integers(0, 10, 60)


def _plot(rows, labels, points=MAP):
    return PlotData(points[rows], tuple(str(label) for label in labels))


def _kind(drawn, embedding=MAP, least=30):
    return identify_plot(drawn, embedding, LABELS, least).kind


FIRST = np.arange(40)


@pytest.mark.parametrize("change", [lambda p: p, lambda p: p / 7 + 3, lambda p: p * [-1, 2], lambda p: p[:, ::-1], lambda p: p @ [[0.6, 0.8], [-0.8, 0.6]], lambda p: p.astype("f4")])  # fmt: skip
def test_a_plot_may_be_moved_scaled_mirrored_turned(change):
    """What plotting does to positions is nobody's mistake."""
    assert _kind(PlotData(change(MAP)[FIRST], tuple(map(str, LABELS[FIRST])))) == "plot"


@pytest.mark.parametrize("rows", [np.arange(60), np.arange(20, 60), np.arange(0, 60, 2), RANDOM.permutation(60)[:45]])
def test_any_rows_in_any_order_may_be_shown(rows):
    """So long as each has its own label."""
    unit = (MAP[rows] - MAP[rows].min(0)) / np.ptp(MAP[rows], axis=0)
    assert _kind(PlotData(unit, tuple(map(str, LABELS[rows])))) == "plot"
    assert _kind(PlotData(unit, tuple(map(str, np.roll(LABELS[rows], 1))))) == "labels_misaligned"


def test_one_wrong_label_is_seen():
    """Honest plots have none."""
    labels = LABELS[FIRST].copy()
    labels[5] = (labels[5] + 1) % 10
    found = identify_plot(_plot(FIRST, labels), MAP, LABELS, 30)
    assert (found.kind, found.note) == ("labels_misaligned", "1 of 40 points have another image's label")


def test_names_of_classes_will_do():
    """One name for each class: but digits have to be the right ones."""
    names = np.array("zero one two three four five six seven eight nine".split())  # noqa: SIM905
    assert _kind(_plot(FIRST, names[LABELS[FIRST]])) == "plot"
    assert _kind(_plot(FIRST, names[np.roll(LABELS, 1)[FIRST]])) == "labels_misaligned"
    assert _kind(_plot(FIRST, LABELS[FIRST] + 1.0)) == "labels_misaligned"
    assert _kind(_plot(FIRST, LABELS[FIRST].astype(float))) == "plot"


def test_other_points_are_wrong_points():
    """Another map, a line, one spot."""
    assert _kind(_plot(FIRST, LABELS[FIRST], RANDOM.normal(size=(60, 2)))) == "wrong_points"
    assert _kind(_plot(FIRST, LABELS[FIRST], MAP * [1, 0])) == "wrong_points"
    assert _kind(PlotData(np.zeros((40, 2)), ("1",) * 40)) == "wrong_points"
    assert _kind(_plot(FIRST, LABELS[FIRST]), embedding=np.zeros((60, 2))) == "wrong_points"
    assert _kind(_plot(FIRST, LABELS[FIRST]), embedding=np.zeros(60)) == "wrong_points"


def test_the_same_points_again_are_too_few():
    """Rows count once."""
    rows = np.tile(np.arange(20), 2)
    assert _kind(_plot(rows, LABELS[rows])) == "too_few_points"


def test_an_embedding_of_a_wrong_shape_can_still_be_plotted():
    """Its shape is the other check's business."""
    assert _kind(_plot(FIRST, LABELS[FIRST]), embedding=MAP.T) == "plot"
    assert _kind(_plot(FIRST, LABELS[FIRST]), embedding=np.column_stack([np.arange(60) ** 2, MAP])) == "plot"


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
