"""Checks of rows speak of examples, those of images of images, and none prints a warning."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.checks import CheckFailed
from autograder.checks.cards import Card
from autograder.hidden.in_words import in_words_of_the_data


class _Judge:
    def __init__(self, shape):
        self.reference = SimpleNamespace(first_images=np.zeros(shape))

    @in_words_of_the_data
    def look(self, *, holds: bool) -> Card:
        warnings.warn("nobody should read this", stacklevel=1)
        if not holds:
            raise CheckFailed("unknown", "Each image is another one.")
        return Card("passed", "Each image is right.")


@pytest.mark.parametrize(("shape", "word"), [((3, 4, 4, 1), "image"), ((3, 16), "example")])
def test_the_words_are_those_of_the_data(shape, word):
    """In cards and in failures, without a warning."""
    with warnings.catch_warnings(record=True) as told:
        assert _Judge(shape).look(holds=True).text == f"Each {word} is right."
        with pytest.raises(CheckFailed, match=f"Each {word} is another one"):
            _Judge(shape).look(holds=False)
    assert told == []
