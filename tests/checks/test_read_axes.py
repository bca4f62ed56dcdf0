"""An Axes is read as people draw it: a label is what can be seen at a point."""

import types

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import ScaledTranslation, offset_copy

from autograder.checks.public import plot
from autograder.checks.read_axes import read_axes
from autograder.checks.read_plot import read_plot

RANDOM = np.random.default_rng(0)
MAP = RANDOM.normal(size=(60, 2)) * [30, 10]
LABELS = RANDOM.integers(0, 10, 60)
PALETTE = np.array([plt.colormaps["tab10"](digit) for digit in range(10)])
NAMES = np.array("ankle bag coat dress jacket sandal shirt shoe top trousers".split())  # noqa: SIM905


@pytest.fixture
def axes():
    """An empty Axes."""
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


def _by_class(draw):
    """Return what draws each class's points in a call of its own."""

    def draw_all(axes):
        for digit in range(10):
            draw(axes, MAP[digit == LABELS], digit)

    return draw_all


def _one_by_one(draw):
    """Return what draws each point in a call of its own."""

    def draw_all(axes):
        for point, digit in zip(MAP, LABELS, strict=True):
            draw(axes, point, digit)

    return draw_all


def _explained(explain, draw=lambda axes: axes.scatter(*MAP.T, c=PALETTE[LABELS])):
    """Return what draws coloured points, and says what the colours stand for."""

    def draw_all(axes):
        draw(axes)
        explain(axes)

    return draw_all


def _legend(axes, handle=lambda digit: Patch(color=PALETTE[digit]), words=str):
    axes.legend([handle(digit) for digit in range(10)], [words(digit) for digit in range(10)])


def _colour_bar(axes):
    axes.figure.colorbar(plt.cm.ScalarMappable(plt.Normalize(0, 9), "tab10"), ax=axes)


def _short_legend(axes):
    """As seaborn's for numbers: some of them, coloured as a colour map has them."""
    axes.legend(
        [Patch(color=plt.colormaps["viridis"](digit / 9)) for digit in (0, 1, 3, 4, 6, 7, 9)], (0, 1, 3, 4, 6, 7, 9)
    )


def _medians(axes):
    for digit in range(10):
        axes.text(*np.median(MAP[digit == LABELS], axis=0), str(digit), size=24)


def _dot(digit):
    return Line2D([0], [0], marker="o", color="w", markerfacecolor=PALETTE[digit])


DRAWINGS = {
    "digits as markers, as scikit-learn's example has it": _by_class(
        lambda axes, at, digit: axes.scatter(*at.T, marker=f"${digit}$", s=60, color=PALETTE[digit], alpha=0.4)
    ),
    "digits as markers of a line": _by_class(lambda axes, at, digit: axes.plot(*at.T, ls="", marker=f"${digit}$")),
    "scatter with label=": _by_class(lambda axes, at, digit: axes.scatter(*at.T, label=digit)),
    "plot with label=": _by_class(lambda axes, at, digit: axes.plot(*at.T, ".", label=str(digit))),
    "plot with label=, joined": _by_class(lambda axes, at, digit: axes.plot(*at.T, "x-", label=f"${digit}$")),
    "a scatter for each point": _one_by_one(lambda axes, at, digit: axes.scatter(*at, label=str(digit))),
    "a plot for each point": _one_by_one(lambda axes, at, digit: axes.plot(*at, "o", label=str(digit))),
    "a plot for each point, its colour in a legend": _explained(
        lambda axes: _legend(axes, _dot), _one_by_one(lambda axes, at, digit: axes.plot(*at, "o", c=PALETTE[digit]))
    ),
    "text": _one_by_one(lambda axes, at, digit: axes.text(*at, str(digit))),
    "text with an offset": _one_by_one(
        lambda axes, at, digit: axes.text(*at, digit, transform=offset_copy(axes.transData, axes.figure, 4, 4, "points"))
    ),
    "text with a translation": _one_by_one(
        lambda axes, at, digit: axes.text(
            *at, digit, transform=axes.transData + ScaledTranslation(0.1, 0.1, axes.figure.dpi_scale_trans)
        )
    ),
    "annotations beside their points": _one_by_one(
        lambda axes, at, digit: axes.annotate(str(digit), at, xytext=(5, 5), textcoords="offset points")
    ),
    "annotations moved apart": _one_by_one(
        lambda axes, at, digit: axes.annotate(str(digit), xy=at, xytext=at + RANDOM.normal(size=2))
    ),
    "dots and text": _explained(
        _one_by_one(lambda axes, at, digit: axes.text(*at, digit)), lambda axes: axes.scatter(*MAP.T)
    ),
    "numbers as colours": lambda axes: axes.scatter(*MAP.T, c=LABELS),
    "numbers as colours, and a colour bar": lambda axes: plt.colorbar(axes.scatter(*MAP.T, c=LABELS, cmap="tab10")),
    "numbers as colours, and a label": lambda axes: axes.scatter(*MAP.T, c=LABELS, label="digits"),
    "numbers as colours, and a short legend": lambda axes: axes.legend(
        *axes.scatter(*MAP.T, c=LABELS).legend_elements(num=4)
    ),
    "numbers as colours, and its legend": lambda axes: axes.legend(*axes.scatter(*MAP.T, c=LABELS).legend_elements()),
    "hollow markers": lambda axes: axes.scatter(*MAP.T, c=LABELS, marker="x"),
    "colours and a legend of patches": _explained(_legend),
    "colours and a legend of dots": _explained(lambda axes: _legend(axes, _dot)),
    "edges coloured, and a legend": _explained(
        _legend, lambda axes: axes.scatter(*MAP.T, facecolors="none", edgecolors=PALETTE[LABELS])
    ),
    "colours and a figure's legend": _explained(
        lambda axes: axes.figure.legend([_dot(digit) for digit in range(10)], range(10))
    ),
    "colours and a colour bar": _explained(_colour_bar),
    "colours and a text amid each": _explained(_medians),
    "as seaborn does it with numbers": _explained(
        _short_legend, lambda axes: axes.scatter(*MAP.T).set_facecolors(plt.colormaps["viridis"](LABELS / 9))
    ),
    "as seaborn does it": _explained(
        lambda axes: axes.legend([axes.scatter([], [], color=PALETTE[digit], label=digit) for digit in range(10)], range(10), title="digit"),
        lambda axes: axes.scatter(*MAP.T).set_facecolors(PALETTE[LABELS]),
    ),
}  # fmt: skip


def _sorted(points):
    return sorted((round(point.x, 6), round(point.y, 6), point.label) for point in points)


@pytest.mark.parametrize("name", DRAWINGS)
def test_labels_are_read_where_they_are_seen(axes, name):
    """Whatever draws them, at the same places but for an offset that all of them share."""
    DRAWINGS[name](axes)
    drawn = read_axes(axes)
    points = [(point.x, point.y, point.label) for point in drawn]
    middle = np.mean([at[:2] for at in points], axis=0) - MAP.mean(axis=0)
    wanted = [(x, y, str(label)) for (x, y), label in zip(MAP + middle, LABELS, strict=True)]
    assert sorted(label for *_, label in points) == sorted(label for *_, label in wanted)
    for x, y, label in points:
        assert any(abs(x - a) + abs(y - b) < 1e-6 and label == c for a, b, c in wanted)
    assert np.abs(middle).max() < 10
    assert plot(axes, "deep_plot", points=60).status == "passed"


def test_names_of_classes_are_read(axes):
    """From a legend, in place of the numbers."""
    axes.scatter(*MAP.T, c=PALETTE[LABELS])
    _legend(axes, words=lambda digit: NAMES[digit])
    assert [point.label for point in read_axes(axes)] == NAMES[LABELS].tolist()


MANY = np.arange(60) * 5 // 3  # 0 to 98


@pytest.mark.parametrize(
    "draw",
    [
        lambda axes: [axes.scatter(*at, marker=f"${n}$", label=f"kind {n}") for at, n in zip(MAP, MANY, strict=True)],
        lambda axes: [axes.plot(*at, marker=f"${n}$") for at, n in zip(MAP, MANY, strict=True)],
        lambda axes: [axes.text(*at, n) for at, n in zip(MAP, MANY, strict=True)],
        lambda axes: axes.scatter(*MAP.T, c=MANY),
    ],
)
def test_numbers_of_two_digits_are_read(axes, draw):
    """As markers, texts or colours; a marker's number counts before its series' name."""
    draw(axes)
    assert [point.label for point in read_axes(axes)] == [str(n) for n in MANY]


SHAPES = "os^x"


def _with_shapes(axes, draw):
    """Draw forty classes in ten colours and four forms, with a legend of proxies."""
    for at, number in zip(MAP, LABELS40, strict=True):
        draw(axes, at, SHAPES[number // 10], PALETTE[number % 10])
    handles = [Line2D([0], [0], ls="", marker=SHAPES[n // 10], color=PALETTE[n % 10]) for n in range(40)]
    axes.legend(handles, [f"kind {n}" for n in range(40)])


LABELS40 = np.arange(60) * 2 % 40 + np.arange(60) // 20 % 2


@pytest.mark.parametrize(
    "draw",
    [
        lambda axes, at, shape, colour: axes.scatter(*at, marker=shape, color=colour),
        lambda axes, at, shape, colour: axes.plot(*at, marker=shape, color=colour),
    ],
)
def test_forms_are_read_where_there_are_more_classes_than_colours(axes, draw):
    """With what the legend says of both."""
    _with_shapes(axes, draw)
    assert [point.label for point in read_axes(axes)] == [f"kind {n}" for n in LABELS40]


def test_forms_alone_are_read(axes):
    """All points may have one colour."""
    for number, shape in enumerate(SHAPES):
        axes.scatter(*MAP[number == LABELS % 4].T, marker=shape, color="k")
    axes.legend([Line2D([0], [0], ls="", marker=shape, color="k") for shape in SHAPES], "abcd")
    drawn = [(point.x, point.label) for point in read_axes(axes)]
    assert sorted(drawn) == sorted(zip(MAP[:, 0].tolist(), np.array([*"abcd"])[LABELS % 4].tolist(), strict=True))


def test_long_names_of_classes_are_read(axes):
    """As texts at the points, beside a remark."""
    for at, digit in zip(MAP, LABELS, strict=True):
        axes.text(*at, f"{NAMES[digit]} of one kind")
    axes.text(0, 0, "a remark that is long")
    assert [point.label for point in read_axes(axes)] == [f"{NAMES[digit]} of one kind" for digit in LABELS]


def test_long_names_amid_their_points_are_read(axes):
    """Once each, as a remark stands there once."""
    axes.scatter(*MAP.T, c=PALETTE[LABELS])
    for digit in range(10):
        axes.text(*np.median(MAP[digit == LABELS], axis=0), f"{NAMES[digit]} of one kind")
    assert [point.label for point in read_axes(axes)] == [f"{NAMES[digit]} of one kind" for digit in LABELS]


@pytest.mark.parametrize(
    "draw",
    [
        lambda axes: axes.scatter(*MAP.T),
        lambda axes: axes.plot(*MAP.T, "."),
        lambda axes: axes.scatter(*MAP.T, label="embedding"),
        lambda axes: axes.scatter(*MAP.T, c=LABELS, cmap=mpl.colors.ListedColormap(["k"])),
        lambda axes: axes.scatter(*MAP.T, c=LABELS, cmap=mpl.colors.ListedColormap(["#000000", "#010101"])),
        lambda axes: axes.scatter(*MAP.T, c=LABELS, vmin=-1e9, vmax=1e9),
        lambda axes: axes.scatter(*MAP.T, c=PALETTE[LABELS]),
        lambda axes: [axes.plot(*at, "o", c=PALETTE[digit]) for at, digit in zip(MAP, LABELS, strict=True)],
        lambda axes: (axes.scatter(*MAP.T), axes.text(0, 0, "3"), axes.text(0, 1, "odd")),
        lambda axes: [axes.text(*at, "o") for at in MAP],
        lambda axes: (axes.scatter(*MAP.T, c=PALETTE[LABELS]), _short_legend(axes)),
        lambda axes: (axes.scatter(*MAP.T, c=PALETTE[LABELS]), axes.legend([_dot(1), _dot(3), _dot(9)], [1, 3, 9])),
    ],
)
def test_points_without_labels_are_no_labels(axes, draw):
    """The message says what to add; what arrays hold is no label while it can't be seen."""
    draw(axes)
    with pytest.raises(Exception, match=r"shows 60 points, .*`label=`, or add a legend.*\[no_labels\]"):
        plot(axes, "deep_plot", points=60)


@pytest.mark.parametrize(
    "draw",
    [
        lambda axes: axes.plot(*MAP.T),
        lambda axes: axes.plot(*MAP.T, ".", markersize=0, label="3"),
        lambda axes: axes.scatter(*MAP.T, label="3", alpha=0),
        lambda axes: axes.scatter(*MAP.T, label="3").set_visible(False),
        lambda axes: axes.scatter(*MAP.T, label="3", s=0),
        lambda axes: axes.scatter(*MAP.T, label="3", c=np.zeros((60, 4))),
        lambda axes: [axes.text(*at, "3", visible=False) for at in MAP],
        lambda axes: axes.fill_between(*MAP.T),
    ],
)
def test_what_is_not_seen_is_no_point(axes, draw):
    """Lines without markers, and what was hidden."""
    draw(axes)
    assert read_axes(axes) == []


def test_the_same_points_again_are_counted_once(axes):
    """But for those with different labels in one place: a map may be one point."""
    for _ in range(60):
        axes.text(1, 2, "3")
    assert read_plot(axes).labelled == 1
    for label in LABELS:
        axes.text(1, 2, str(label))
    assert read_plot(axes).labelled == 120
    for again, counted in ((30, 90), (60, 60)):  # maps of repeated rows have places in common; a map twice is a map
        axes.clear()
        for at, label in zip([*MAP, *MAP[:again]], [*LABELS, *LABELS[:again]], strict=True):
            axes.text(*at, str(label))
        assert read_plot(axes).labelled == counted


def test_every_axes_of_a_grid_is_read():
    """The one with the most labels first; pyplot's mosaics are dictionaries."""
    figure, axes = plt.subplot_mosaic("ab;cd")
    axes["b"].scatter(*MAP[:20].T, c=LABELS[:20])
    axes["c"].scatter(*MAP.T, c=LABELS)
    axes["d"].scatter(*MAP.T)
    for value in (figure, axes, types.SimpleNamespace(figure=figure)):
        drawn = read_plot(value)
        assert drawn.labelled == 60
        assert [other.labelled for other in drawn.others] == [20, 0]
    plt.close(figure)


def test_pandas_axes_are_read(axes):
    """A series for each class, or a column of colours."""
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"x": MAP[:, 0], "y": MAP[:, 1], "digit": LABELS})
    frame.plot.scatter(x="x", y="y", c="digit", colormap="viridis", ax=axes)
    assert [point.label for point in read_axes(axes)] == list(map(str, LABELS))
    axes.clear()
    for digit, group in frame.groupby("digit"):
        group.plot(x="x", y="y", ls="", marker="o", label=digit, ax=axes)
    assert sorted(point.label for point in read_axes(axes)) == sorted(map(str, LABELS))
