"""The accuracy of the grader about colour images: a small network, and a residual one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.assess import assess
from autograder.new import NewAssignment, create
from tests.new.networks import residual, save, small_cnn, tinted

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # Keras's own, when it saves and trains
]


@pytest.mark.parametrize("network", [small_cnn, residual])
def test_colour_images_are_judged_as_grey_ones_are(tmp_path: Path, network: Callable[[], Any]) -> None:
    """All right values pass; wrong ones lose their points, and most are named."""
    files = save(tmp_path / "files", network(), tinted())
    source = create(tmp_path, NewAssignment("kit_colour", *files, images=300), lambda line: None)
    accuracy = assess(source, lambda line: None)
    assert accuracy.accepted.of >= 35
    assert accuracy.caught.of >= 80
    assert accuracy.accepted.got == accuracy.accepted.of, accuracy.disagreements
    assert accuracy.caught.got >= 0.98 * accuracy.caught.of, accuracy.disagreements
    assert accuracy.named.got >= 0.95 * accuracy.named.of, accuracy.disagreements
