"""The checks for rows of numbers: they speak of examples where the others speak of images.

A notebook about such data says `import checks.examples as checks`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec

from . import public, readings
from .calls import call
from .cards import Card
from .explore import explore
from .failure import CheckFailed, CheckSkipped
from .meanings import of_examples

__all__ = [
    "CheckFailed",
    "CheckSkipped",
    "about_examples",
    "activations",
    "call",
    "embedding",
    "explore",
    "flattening",
    "indices",
    "pairs",
    "plot",
    "representations",
]

Arguments = ParamSpec("Arguments")


def about_examples(check: Callable[Arguments, Card]) -> Callable[Arguments, Card]:
    """Return a check that says of examples what another says of images."""

    @functools.wraps(check)
    def speak(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Card:
        try:
            card = check(*args, **kwargs)
        except CheckFailed as failure:
            failure.message = of_examples(failure.message)
            raise
        return Card(card.status, of_examples(card.text), tuple(map(of_examples, card.notes)))

    return speak


activations = about_examples(public.activations)
embedding = about_examples(public.embedding)
flattening = about_examples(public.flattening)
indices = about_examples(readings.indices)
pairs = about_examples(readings.pairs)
plot = about_examples(public.plot)
representations = about_examples(public.representations)
