"""Colours are read as they are seen, and named where the plot names them."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")
import matplotlib.pyplot as plt

from autograder.checks.read_colours import (
    between,
    colour_bar,
    form_of,
    items,
    legend,
    line_colour,
    line_form,
    marker_colours,
    plain,
    shade,
)

RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.fixture
def axes():
    """An empty Axes."""
    figure, axes = plt.subplots()
    yield axes
    plt.close(figure)


@pytest.mark.parametrize(
    ("text", "label"),
    [("3", "3"), (" 3 ", "3"), ("$3$", "3"), (r"$\mathdefault{3}$", "3"), (r"$\mathbf{cat}$", "cat"), ("a$b", "a$b")],
)
def test_signs_of_a_formula_are_no_part_of_a_label(text, label):
    """`legend_elements` writes them."""
    assert plain(text) == label


def test_a_markers_colour_is_its_insides_or_its_edges(axes):
    """And one without either isn't seen."""
    assert marker_colours(axes.scatter([0, 1], [0, 1], c=["r", "b"]), 2) == ([RED, BLUE], [True, True])
    hollow = axes.scatter([0, 1], [0, 1], facecolors="none", edgecolors=["r", "b"])
    assert marker_colours(hollow, 2) == ([RED, BLUE], [True, True])
    assert marker_colours(axes.scatter([0, 1], [0, 1], c=[(1, 0, 0, 0), "b"]), 2)[1] == [False, True]
    (line,) = axes.plot([0, 1], "bo", mfc="r")
    assert line_colour(line) == RED
    line.set_markerfacecolor("none")
    assert line_colour(line) == BLUE


def test_a_legend_and_a_colour_bar_name_colours(axes):
    """A legend's words, and a colour bar's whole numbers."""
    axes.plot([], "ro", label="three")
    axes.plot([], "b", label="four")
    axes.legend()
    (marker, line) = axes.lines
    assert legend(axes) == {(RED, line_form(marker)): "three", (BLUE, b""): "four"}
    assert line_form(marker) == form_of(axes.scatter([], [], marker="o").get_paths()[0]) != line_form(line) == b""
    bar = axes.figure.colorbar(
        plt.cm.ScalarMappable(plt.Normalize(0, 1), mpl.colors.ListedColormap(["r", "b"])), ax=axes
    )
    assert colour_bar(axes) == {RED: "0", BLUE: "1"}
    bar.norm = None
    assert colour_bar(axes) == {}


def test_a_short_legends_numbers_are_filled_in():
    """Where a colour lies between two of them; names, and colours that lie elsewhere, explain nothing."""
    names = {(0, 0, 0): "0", (100, 0, 0): "2", (100, 100, 0): "3"}
    assert between(names, {(0, 0, 0), (50, 9, 0)}) == {(0, 0, 0): "0", (50, 9, 0): "1"}
    for colours in ({(50, 90, 0)}, {(100, 50, 0)}, {(50, 0, 0), (52, 0, 0)}, {(300, 0, 0)}):
        assert between(names, colours) == {}
    assert between({(0, 0, 0): "cat", (9, 9, 9): "dog"}, {(4, 4, 4)}) == {}


def test_what_looks_the_same_has_one_shade():
    """A step of a sixteenth is seen."""
    assert shade((0, 0, 0)) == shade((1, 1, 1)) != shade((40, 0, 0))


def test_an_object_that_is_no_container_has_no_items():
    """It may raise anything."""
    assert list(items(np.float64(3))) == []
    assert list(items([1, 2])) == [1, 2]
