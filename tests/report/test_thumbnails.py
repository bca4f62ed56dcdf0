"""Maps as small pictures."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from autograder.report.thumbnails import COLOURS, Painter, legend
from tests.report.classes import IMAGES, drawn


def _pixels(address: str) -> np.ndarray:
    """Return a picture's pixels (height, width, 4)."""
    head, _, data = address.partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))


def _colour(number: int) -> list[int]:
    return [*bytes.fromhex(COLOURS[number][1:]), 255]


def test_a_dot_stands_where_its_point_lies() -> None:
    """The first axis goes right and the second up, and a dot has its label's colour; the rest is transparent."""
    pixels = _pixels(Painter(IMAGES.labels, 21).paint(drawn()))
    assert pixels.shape == (21, 21, 4)
    assert pixels[19, 1].tolist() == _colour(0)  # (0, 0), a "0"
    assert pixels[19, 19].tolist() == _colour(1)  # (1, 0), a "1"
    assert pixels[1, 1].tolist() == _colour(2)  # (0, 1), a "2"
    assert int((pixels[..., 3] > 0).sum()) == 4


def test_dots_may_be_wider() -> None:
    """A dot of three pixels has nine of them, and none falls off."""
    assert int((_pixels(Painter(IMAGES.labels, 40, dot=3).paint(drawn()))[..., 3] > 0).sum()) == 36


@pytest.mark.parametrize("points", [(), ((float("nan"), 9.0), (-3.0, float("inf"))), ((0.5, 0.5),) * 9])
def test_odd_maps_are_drawn(points: tuple) -> None:
    """No points, points outside or that are no numbers, and more points than labels cost nothing."""
    assert _pixels(Painter(IMAGES.labels, 20).paint(drawn(points=points))).shape == (20, 20, 4)


def test_what_has_no_label_is_grey() -> None:
    """A class whose images nobody knows has maps in one colour, that is none of the labels'."""
    shown = _pixels(Painter((), 21).paint(drawn()))[19, 1].tolist()
    assert shown[3] == 255
    assert shown not in [_colour(number) for number in range(len(COLOURS))]


def test_more_labels_than_colours_begin_anew() -> None:
    """Eleven kinds of image share ten colours."""
    labels = tuple(f"{number:02}" for number in range(11))
    assert dict(legend(labels))["10"] == dict(legend(labels))["00"]
    Painter(labels, 20).paint(drawn())


def test_the_legend_agrees_with_the_dots() -> None:
    """Labels are told in order, each with the colour that its dots have."""
    assert legend(IMAGES.labels) == (("0", COLOURS[0]), ("1", COLOURS[1]), ("2", COLOURS[2]))


def test_a_thousand_points_are_a_small_file() -> None:
    """A class of a thousand has room on a page: a map costs two kilobytes, and four where it is all noise."""
    generator = np.random.default_rng(0)
    points = tuple(map(tuple, generator.random((1000, 2)).tolist()))
    labels = tuple(str(number) for number in generator.integers(0, 10, 1000))
    assert len(Painter(labels, 88, dot=2).paint(drawn(points=points))) < 4096
    blobs = generator.random((10, 2))[[int(label) for label in labels]] + generator.normal(0, 0.03, (1000, 2))
    assert len(Painter(labels, 88, dot=2).paint(drawn(points=tuple(map(tuple, blobs.tolist()))))) < 2048
