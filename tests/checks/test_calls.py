"""A call of a student's function, looked at: the value, what it printed, what it drew."""

import sys

import matplotlib.pyplot as plt
import pytest

from autograder.checks import call


def draw(points):
    """Print, and draw, and return a sum."""
    sys.stdout.write(f"drawing {len(points)}\n")
    _, axes = plt.subplots()
    for number, (x, y) in enumerate(points):
        axes.text(x, y, str(number))
    return sum(x for x, _ in points)


def test_what_a_call_printed_and_drew(capsys):
    """Figures that were open before are not its own, and nothing is printed."""
    plt.figure().add_subplot().text(5, 5, "before")
    called = call(draw, points=[(1, 2), (3, 4)])
    assert (called.value, called.printed) == (4, "drawing 2\n")
    assert [(plot.labels, plot.points.tolist()) for plot in called.plots] == [(("0", "1"), [[1, 2], [3, 4]])]
    assert capsys.readouterr().out == ""
    plt.close("all")


def test_what_it_raises_is_raised():
    """As a test expects it."""
    with pytest.raises(ZeroDivisionError):
        call(lambda: 1 / 0)


def test_what_represents_a_function_elsewhere_is_asked():
    """It says by itself what came of the call."""

    class Elsewhere:
        def call_from_a_check(self, *arguments, **keywords):
            return arguments, keywords

    assert call(Elsewhere(), 1, x=2) == ((1,), {"x": 2})
