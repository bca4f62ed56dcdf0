"""The images beside a map: grey or in colour, and never a reason to end the judging process."""

import base64
import io
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from autograder.judging.map_comparison import MapComparison
from autograder.judging.messages import JudgingPlan
from autograder.judging.process import JudgingNamespace
from autograder.sandbox.calls import CallResult
from autograder.sandbox.limits import Limits


def _comparison(images: np.ndarray, classes: tuple[str, ...] = ()) -> MapComparison:
    labels = np.arange(len(images))
    settings = SimpleNamespace(images=len(images), classes=classes)
    return MapComparison(
        SimpleNamespace(settings=settings, first_images=images, labels=labels, every_label=np.append(labels, 10))
    )


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "L"), (3, "RGB"), (4, "L")])
def test_images_with_any_number_of_channels_are_shown(channels: int, mode: str) -> None:
    """Three channels are colours; one, or what is no colour, is grey."""
    images = np.linspace(0, 1, 2 * 6 * 5 * channels, dtype=np.float32).reshape(2, 6, 5, channels)
    shown = _comparison(images).images()
    assert shown.labels == ("0", "1")
    assert shown.classes == ("0", "1", "10")
    picture = Image.open(io.BytesIO(base64.b64decode(shown.pictures[1].partition(",")[2])))
    assert (picture.mode, picture.size) == (mode, (5, 6))


def test_classes_have_their_names() -> None:
    """In the order of their numbers, those without a name behind."""
    shown = _comparison(np.ones((2, 4, 4, 1), np.float32), ("cat", "ant")).images()
    assert (shown.labels, shown.classes) == (("cat", "ant"), ("cat", "ant", "10"))


@pytest.mark.parametrize("shape", [(3, 13), (3, 4, 4, 3)])
def test_rows_of_numbers_and_colour_images_go_through_the_judging_process(shape: tuple[int, ...]) -> None:
    """Rows of measurements have maps too, without pictures."""
    namespace = JudgingNamespace(JudgingPlan(".", (), (), 1.0, Limits()), lambda *_: CallResult(None))
    namespace._comparison = _comparison(np.ones(shape, np.float32))
    assert namespace.images is not None
    assert len(namespace.images.pictures) == (3 if len(shape) == 4 else 0)
    assert namespace.images.thing == ("image" if len(shape) == 4 else "example")


def test_what_cant_be_shown_costs_pictures_alone() -> None:
    """The judging process goes on."""
    namespace = JudgingNamespace(JudgingPlan(".", (), (), 1.0, Limits()), lambda *_: CallResult(None))
    namespace._comparison = _comparison(np.ones((3, 0, 4, 1), np.float32))
    assert namespace.images is None
