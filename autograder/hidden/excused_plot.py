"""Recognise a plot that is right but for a mistake of other answers, which have checks of their own."""

from __future__ import annotations

import numpy as np

from autograder.checks.meanings import NEIGHBOURS
from autograder.checks.read_plot import PlotData
from autograder.checks.values import Array
from autograder.hidden.activations.from_other_images import images_of
from autograder.hidden.activations.from_right_images import exact
from autograder.hidden.embeddings.identify import CHANCE, KEPT
from autograder.hidden.embeddings.representation import nearest_marks, squared_distances
from autograder.hidden.findings import PlotFinding, make_candidate
from autograder.hidden.identify_plot import identify_plot, orders_of
from autograder.hidden.reference import Reference

__all__ = ["right_otherwise", "was_right_before"]


def right_otherwise(drawn: PlotData, embedding: Array, flat: Array | None, reference: Reference) -> PlotFinding | None:
    """Return the finding about a plot whose rows are other images' or were moved later; else None.

    Args:
        drawn: the plot's points and labels.
        embedding: (n, 2) what was handed in.
        flat: (n, d) the representations that were embedded; None where they can't be read.
        reference: the instructor's network and images.
    """
    settings = reference.settings
    if flat is None or not len(flat) == len(embedding) == settings.images:
        return None
    candidate = make_candidate(flat, reference, ())
    if exact(candidate) is None and (images := images_of(candidate)) is not None:
        finding = identify_plot(drawn, embedding, reference.every_label[images], settings.points)
        return finding if finding.kind == "plot" else None
    squared = squared_distances(flat)
    if was_right_before(drawn, embedding, reference.labels, squared):
        return PlotFinding("plot", f"{len(drawn)} points, in the order before the embedding's rows were moved")
    return None


def was_right_before(drawn: PlotData, embedding: Array, labels: Array, squared: Array) -> bool:
    """Return whether points, in the order in which they were drawn, are a map of their images.

    The embedding isn't any more: that is the other check's business, and no mistake of the plot.

    Args:
        drawn: the plot's points and labels.
        embedding: (n, 2) what was handed in, with these points as some of its rows.
        labels: (n,) or longer: the images' labels.
        squared: (n, n) squared distances between the representations.
    """
    chance = CHANCE * NEIGHBOURS / (len(embedding) - 1)
    if embedding.shape != (len(squared), 2) or _kept(embedding, squared) > chance:
        return False
    orders = orders_of(drawn, labels, len(embedding))
    return any(_kept(drawn.points, squared[np.ix_(order, order)]) >= KEPT for order in orders)


def _kept(points: Array, squared: Array) -> float:
    """Return which part of the nearest neighbours points (k, 2) keep of those that distances (k, k) say."""
    marks = nearest_marks(squared)
    return float(np.mean(nearest_marks(squared_distances(points)) & marks)) / float(np.mean(marks))
