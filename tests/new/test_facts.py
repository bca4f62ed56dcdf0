"""What a map shows, for those who mark: groups that stand apart, groups that border, rows that lie elsewhere."""

import numpy as np

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
