"""Identify the layer whose activations an array holds, and how they were changed."""

from __future__ import annotations

from collections.abc import Callable

from autograder.checks.meanings import Diagnosis
from autograder.checks.values import Array
from autograder.hidden.activations.from_other_images import lookalike, other_images, raw_scale, unscaled
from autograder.hidden.activations.from_right_images import (
    derived,
    dropout,
    exact,
    function_of,
    parts,
    pooled,
    rescaled,
    rows_moved,
    unfilled,
    values_moved,
)
from autograder.hidden.findings import Candidate, Finding, make_candidate
from autograder.hidden.reference import Reference

__all__ = ["identify"]

# From what is certain and cheap to what is likely and dear. The first that fits is the answer.
_HYPOTHESES: tuple[Callable[[Candidate], Finding | None], ...] = (
    exact,
    unfilled,
    raw_scale,
    rescaled,
    rows_moved,
    dropout,
    pooled,
    parts,
    values_moved,
    unscaled,
    other_images,
    function_of,
    derived,
    lookalike,
)


def identify(array: Array, reference: Reference, prefer: tuple[str, ...]) -> Finding:
    """Identify activations.

    Args:
        array: (n, ...) finite floats, n the number of images asked for.
        reference: the instructor's network and images.
        prefer: layer names in order of preference where several have the same values.

    Returns:
        The first hypothesis that fits; kind "unknown" where none does.
    """
    candidate = make_candidate(array, reference, prefer)
    findings = (hypothesis(candidate) for hypothesis in _HYPOTHESES)
    return next((finding for finding in findings if finding is not None), Finding(Diagnosis.UNKNOWN, None))
