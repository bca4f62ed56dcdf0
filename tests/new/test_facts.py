"""What a map shows, for those who mark: groups that stand apart, groups that border, rows that lie elsewhere."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from autograder.new.facts import facts_of, tell

RANDOM = np.random.default_rng(0)
CLASSES = ("apart", "left", "right")


def _map() -> tuple[np.ndarray, np.ndarray]:
    """Return a map: one group far away, two that touch, and a row of the first among the third."""
    centres = np.array([[50.0, 0.0], [0.0, 0.0], [3.2, 0.0]])
    labels = np.repeat([0, 1, 2], 60)
    points = centres[labels] + RANDOM.normal(0, 1, (180, 2))
    points[7] = [4.2, 0.1]
    return points, labels


def test_groups_and_strays() -> None:
    """Each is named."""
    facts = facts_of(*_map(), CLASSES)
    assert facts.apart == ("apart",)
    assert facts.bordering == (("left", "right"),)
    assert (7, "apart", "right") in facts.strays
    assert 0.8 < facts.purity < 1


def test_the_facts_in_words() -> None:
    """Against another map: which pairs came apart."""
    before = facts_of(*_map(), CLASSES)
    points, labels = _map()
    after = facts_of(points + labels[:, np.newaxis] * 30, labels, CLASSES)
    text = tell(after, "`deep`", before)
    assert text.startswith("The reference map of `deep` shows:\n\n* ")
    assert "came apart since the map of the input: left and right" in text
    assert "groups that stand apart: apart, left, right" in text
    assert "groups that border or mix, most first: none" in text


@pytest.mark.parametrize(("shape", "mode"), [((6, 4), "L"), ((6, 4, 1), "L"), ((6, 4, 3), "RGB"), ((6, 4, 2), "L")])
def test_strays_are_shown(shape: tuple[int, ...], mode: str) -> None:
    """As images side by side, in the order of the list, in the text itself; rows of numbers have none."""
    images = np.zeros((180, *shape), "u1")
    images[7] = 200
    facts = facts_of(*_map(), CLASSES)
    (address,) = re.findall(r"!\[[^\]]*\]\(data:image/png;base64,([^)]+)\)", tell(facts, "`deep`", None, images))
    picture = Image.open(io.BytesIO(base64.b64decode(address)))
    assert (picture.mode, picture.size) == (mode, (32 * len(facts.strays), 48))
    place = [row for row, *_ in facts.strays].index(7)
    assert np.asarray(picture)[24, 32 * place + 16].max() == 255
    assert "![" not in tell(facts, "`deep`")
