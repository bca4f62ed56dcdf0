"""The kinds of mistake, by their ids."""

import json

from autograder.checks import CheckFailed
from autograder.checks.meanings import NEIGHBOURS, Diagnosis


def test_a_kind_of_mistake_is_its_id() -> None:
    """In results, in messages and as text: the word that stood there before it was an enum."""
    assert json.dumps([Diagnosis.WRONG_LAYER]) == '["wrong_layer"]'
    assert f"{Diagnosis.NOT_TSNE}" == "not_tsne"
    assert str(CheckFailed("wrong_layer", "no", "conv1")) == str(CheckFailed(Diagnosis.WRONG_LAYER, "no", "conv1"))


def test_the_neighbourhood_is_the_one_that_the_pages_name() -> None:
    """Feedback speaks of 15 neighbours."""
    assert NEIGHBOURS == 15
