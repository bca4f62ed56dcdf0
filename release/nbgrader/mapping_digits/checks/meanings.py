"""Define the kinds of mistake, how many neighbours count and what data are called, for every part of the grader."""

from __future__ import annotations

import re
from enum import StrEnum, auto

__all__ = ["NEIGHBOURS", "Diagnosis", "of_examples"]

NEIGHBOURS = 15
"""How many nearest neighbours of an image count; fewer where there are fewer images."""


class Diagnosis(StrEnum):
    """A kind of mistake. Each member is its id in results, on pages and in `docs/diagnoses.md`."""

    # Any answer.
    MISSING = auto()
    WRONG_TYPE = auto()
    NOT_FINITE = auto()
    # Activations.
    WRONG_LAYER = auto()
    CLASS_SCORES = auto()
    INPUT_PIXELS = auto()
    DROPOUT_ACTIVE = auto()
    UNSCALED_PIXELS = auto()
    TEST_IMAGES = auto()
    OTHER_IMAGES = auto()
    SHUFFLED_ROWS = auto()
    TOO_FEW_ROWS = auto()
    TOO_MANY_ROWS = auto()
    RESCALED_VALUES = auto()
    POOLED = auto()
    TRANSPOSED = auto()
    FLATTENED_BATCH = auto()
    NOT_FLATTENED = auto()
    # Flattening.
    MIXED_SAMPLES = auto()
    NOT_THESE_ACTIVATIONS = auto()
    # Embedding.
    WRONG_COMPONENTS = auto()
    EMBEDDING_OF_OTHER_LAYER = auto()
    EMBEDDING_OF_PIXELS = auto()
    NOT_TSNE = auto()
    NOT_CONVERGED = auto()
    DEGENERATE = auto()
    # Plot.
    NO_PLOT = auto()
    NO_LABELS = auto()
    LABELS_MISALIGNED = auto()
    WRONG_POINTS = auto()
    TOO_FEW_POINTS = auto()
    # Readings of a map.
    NOT_A_STRAY = auto()
    NOT_BORDERING = auto()
    DOES_NOT_SURVIVE = auto()
    SURVIVES = auto()
    NOT_MOVED = auto()
    TOO_FEW_READINGS = auto()
    # None of these.
    UNKNOWN = auto()


_WORDS = {
    ", which is 0 to 1": "",
    "with black and white exchanged": "with small and large values exchanged",
    "cut to black and white": "cut to 0 and 1",
    "images' pixels": "examples' values",
    "pixels": "values",
    "image": "example",
    "Image": "Example",
}


def of_examples(text: str) -> str:
    """Return a sentence about images as one about examples; what stands in backticks stays."""
    parts = text.split("`")
    words = re.compile("|".join(_WORDS))
    return "`".join(part if n % 2 else words.sub(lambda word: _WORDS[word[0]], part) for n, part in enumerate(parts))
