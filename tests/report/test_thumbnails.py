"""Maps as small pictures."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from autograder.model import MapImages
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
    pixels = _pixels(Painter(IMAGES, 21).paint(drawn()))
    assert pixels.shape == (21, 21, 4)
    assert pixels[19, 1].tolist() == _colour(0)  # (0, 0), a "0"
    assert pixels[19, 19].tolist() == _colour(1)  # (1, 0), a "1"
    assert pixels[1, 1].tolist() == _colour(2)  # (0, 1), a "2"
    assert int((pixels[..., 3] > 0).sum()) == 4


def test_dots_may_be_wider() -> None:
    """A dot of three pixels has nine of them, and none falls off."""
    assert int((_pixels(Painter(IMAGES, 40, dot=3).paint(drawn()))[..., 3] > 0).sum()) == 36


@pytest.mark.parametrize("points", [(), ((float("nan"), 9.0), (-3.0, float("inf"))), ((0.5, 0.5),) * 9])
def test_odd_maps_are_drawn(points: tuple) -> None:
    """No points, points outside or that are no numbers, and more points than labels cost nothing."""
    assert _pixels(Painter(IMAGES, 20).paint(drawn(points=points))).shape == (20, 20, 4)


def test_what_has_no_label_is_grey() -> None:
    """A class whose images nobody knows has maps in one colour, that is none of the labels'."""
    shown = _pixels(Painter(None, 21).paint(drawn()))[19, 1].tolist()
    assert shown[3] == 255
    assert shown not in [_colour(number) for number in range(len(COLOURS))]


def test_a_hundred_classes_can_be_told_apart() -> None:
    """Ten colours in ten forms, in the legend as on the maps, which are larger then."""
    names = tuple(map(str, range(100)))
    entries = legend(MapImages((), (), names))
    assert len({(entry.colour, entry.form) for entry in entries}) == 100
    looks = set()
    for name in names:
        painter = Painter(MapImages((name,), (), names), 20, dot=2)
        pixels = _pixels(painter.paint(drawn(points=((0.5, 0.5),))))
        assert pixels.shape == (40, 40, 4)
        rows, columns = np.nonzero(pixels[..., 3])
        form = "".join(f"M{column} {row}h1v1h-1z" for row, column in zip(rows - 18, columns - 17, strict=True))
        looks.add((form, tuple(pixels[rows[0], columns[0]])))
        assert form == entries[int(name)].form
    assert len(looks) == 100


def test_the_legend_agrees_with_the_dots() -> None:
    """Classes are told in order, each with the colour that its dots have."""
    assert [(entry.name, entry.colour) for entry in legend(IMAGES)] == list(zip("012", COLOURS, strict=False))


def test_names_that_are_too_long_to_stand_at_points_have_numbers_there() -> None:
    """Numbers and short names are their own signs."""
    assert [entry.sign for entry in legend(MapImages((), (), ("a", "10")))] == ["a", "10"]
    assert [entry.sign for entry in legend(MapImages((), (), ("boot", "bag")))] == ["0", "1"]


def test_a_thousand_points_are_a_small_file() -> None:
    """A class of a thousand has room on a page: a map costs two kilobytes, and four where it is all noise."""
    generator = np.random.default_rng(0)
    points = tuple(map(tuple, generator.random((1000, 2)).tolist()))
    labels = tuple(str(number) for number in generator.integers(0, 10, 1000))
    images = MapImages(labels, (), tuple("0123456789"))
    assert len(Painter(images, 88, dot=2).paint(drawn(points=points))) < 4096
    blobs = generator.random((10, 2))[[int(label) for label in labels]] + generator.normal(0, 0.03, (1000, 2))
    assert len(Painter(images, 88, dot=2).paint(drawn(points=tuple(map(tuple, blobs.tolist()))))) < 2048
