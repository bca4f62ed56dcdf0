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


def _portraits(images: np.ndarray) -> MapComparison:
    reference = SimpleNamespace(
        settings=SimpleNamespace(images=len(images)), first_images=images, labels=np.arange(len(images))
    )
    return MapComparison(reference)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "L"), (3, "RGB"), (4, "L")])
def test_images_with_any_number_of_channels_are_shown(channels: int, mode: str) -> None:
    """Three channels are colours; one, or what is no colour, is grey."""
    images = np.linspace(0, 1, 2 * 6 * 5 * channels, dtype=np.float32).reshape(2, 6, 5, channels)
    shown = _portraits(images).images()
    assert shown.labels == ("0", "1")
    picture = Image.open(io.BytesIO(base64.b64decode(shown.pictures[1].partition(",")[2])))
    assert (picture.mode, picture.size) == (mode, (5, 6))


def test_what_is_no_image_costs_pictures_alone() -> None:
    """Rows of measurements have maps too: the judging process goes on without pictures."""
    room = JudgingNamespace(JudgingPlan(".", (), (), 1.0, Limits()), lambda *_: CallResult(None))
    room._portraits = _portraits(np.ones((3, 13), np.float32))
    assert room.images is None
