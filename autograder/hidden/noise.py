"""Recognise values that have nothing to do with the images, and are no layer's."""

from __future__ import annotations

import numpy as np

from autograder.checks.meanings import NEIGHBOURS, Diagnosis
from autograder.checks.values import Array
from autograder.hidden.activations.from_right_images import exact
from autograder.hidden.activations.identify import identify
from autograder.hidden.embeddings.representation import nearest_marks, squared_distances
from autograder.hidden.findings import make_candidate
from autograder.hidden.reference import Reference

__all__ = ["follows_images", "is_noise"]

_ROWS = 300  # that are looked at
# Times the nearest neighbours in common with the pixels' that chance has. Measured: an untrained network's
# layers 6 to 19, a trained one's 7.6 and more, maps of a layer 8.8 and more; noise of any width 1.1.
_RELATED = 1.5


def is_noise(flat: Array, reference: Reference) -> bool:
    """Return whether representations (n, d) are no layer's in any form, nor anything else of the images."""
    if len(flat) != reference.settings.images or exact(make_candidate(flat, reference, ())) is not None:
        return False
    return not follows_images(flat, reference) and identify(flat, reference, ()).kind == Diagnosis.UNKNOWN


def follows_images(flat: Array, reference: Reference) -> bool:
    """Return whether rows (n, d) are near each other where their images' pixels are, beyond chance."""
    count = min(_ROWS, len(flat), reference.settings.images)
    images, some = reference.first_images[:count], flat[:count].reshape(count, -1)
    if count <= NEIGHBOURS or not np.ptp(some) > 0:
        return False
    marks = [nearest_marks(squared_distances(each)) for each in (some, images.reshape(count, -1))]
    common = float(np.mean(marks[0] & marks[1])) / float(np.mean(marks[1]))
    return common > _RELATED * NEIGHBOURS / (count - 1)
