"""Identify an embedding: whether it is a t-SNE map, and of which representation.

The evidence comes in two kinds. A finished map is in balance under the affinities that it was made
from: where one source holds it so, the question is settled. Maps made in ways that aren't foreseen
here (another metric, few components, few iterations) are compared by their neighbourhoods, and what
can't be told apart passes.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence

import numpy as np

from autograder.checks.meanings import NEIGHBOURS, Diagnosis
from autograder.checks.values import Array
from autograder.hidden.embeddings.affinities import PERPLEXITY, affinities
from autograder.hidden.embeddings.balance import BALANCED, FEW, Balance
from autograder.hidden.embeddings.forces import (
    Embedding,
    clumping,
    divergence,
    linear_part,
    map_neighbours,
    with_forces,
)
from autograder.hidden.embeddings.representation import (
    EVERY_PAIR,
    VARIANTS,
    Representation,
    components_of,
    neighbours,
    share_of_nearest,
)
from autograder.hidden.findings import MapFinding

__all__ = ["BALANCED", "CHANCE", "KEPT", "identify_map"]

# The constants come from docs/calibration.md, which says how far on either
# side the nearest maps lie.

# Imbalance under affinities that are only like a map's own: at most 0.49; after 250
# iterations 0.55 and more.
FINISHED = 0.50
# The same once the scale had to be guessed: at most 0.42; after 250 iterations 0.50 and more.
FINISHED_RESCALED = 0.46
# Part of the 15 nearest neighbours: another representation has to keep so
# much more to be preferred.
BETTER = 0.02
# Times the neighbours that chance keeps, 15 of n - 1: rows that don't correspond
# keep 1 to 2 times as many.
CHANCE = 4.0
# Part of the neighbours kept: 250 iterations keep up to 0.50, other methods (Isomap,
# LLE, spectral) up to 0.36.
NEARLY = 0.4
# The same: right maps keep 0.48 and more; points strewn about a place for each class keep 0.15.
KEPT = 0.3
# Standard deviation of a map as t-SNE leaves it: 5 (300 iterations) to 40 (perplexity 5).
SCALE = (3.0, 90.0)
# Clumping: noise has -0.085 and more, maps of anything -0.12 and less.
NOISE = -0.105
# Part of a map's variance that is linear in the values: a projection has 1, t-SNE at most 0.98.
LINEAR = 0.999
# Spread of t-SNE's starting positions is 1e-4: this is what learning has hardly moved.
UNMOVED = 1e-2
# Part of the points that one coordinate has different values for: a map that was rounded to whole
# numbers has 0.1, labels in place of a coordinate 0.01.
FEW_VALUES = 0.03
# Rows: parts of the images that were mapped apart are mostly halves, or every second image.
FAR, NEAR = 0.5, 0.1
FAR_PAIRS = 100  # neighbours that such a part has outside itself, to be judged by
# Imbalance with exaggerated attraction, at most, and the factor, at least, of a map that was
# stopped while it was on: 0.62 of clothes at perplexity 12, which none of `FEW` is near.
STOPPED = (0.65, 3.0)


def identify_map(points: Array, right: Iterable[Representation], others: Iterable[Representation]) -> MapFinding:
    """Identify the representation that an embedding is a map of.

    Args:
        points: (n, 2) finite.
        right: what it should be a map of, any of them; the likeliest first. Those behind the one
            that fits are not asked for.
        others: what else it may be a map of, as far as their rows correspond; asked for
            where none of `right` holds it.

    Returns:
        A finding of kind "map" with the source among `right`, or of a diagnosis about embeddings.
    """
    evidence = _Evidence(with_forces(points))
    compared = []
    for representation in right:
        compared.append(representation)
        if representation.width <= points.shape[1] and evidence.is_linear(representation):  # in balance with itself
            return _describe_projection(evidence.embedding, representation)
        if evidence.balance(representation).least((VARIANTS[0], EVERY_PAIR)) <= BALANCED:
            return MapFinding("map", representation.name)
    if not evidence.plausible:
        source = next((representation for representation in compared if evidence.holds(representation, ())), None)
        if source is not None:
            return MapFinding("map", source.name)
    names = {representation.name for representation in compared}
    return _compare(evidence, compared, [other for other in others if other.name not in names])


class _Evidence:
    """The evidence about one map, computed on demand.

    Args:
        embedding: the map.
    """

    def __init__(self, embedding: Embedding) -> None:
        self.embedding = embedding
        # Whether the map has the scale that t-SNE gives it.
        self.plausible = SCALE[0] < float(embedding.points.std()) < SCALE[1]
        self._balances: dict[Representation, Balance] = {}
        self._shares: dict[Representation, float] = {}

    @functools.cached_property
    def marks(self) -> Array:
        """(n, n) bool: the 15 nearest of each point."""
        return map_neighbours(self.embedding, NEIGHBOURS)

    def balance(self, representation: Representation) -> Balance:
        """Return the map's balance under a representation."""
        return self._balances.setdefault(representation, Balance(self.embedding, representation))

    def share_kept(self, representation: Representation) -> float:
        """Return the share of the 15 nearest neighbours that the map keeps.

        The best over ways to see the source counts.
        """
        if representation not in self._shares:
            shares = [share_of_nearest(representation, variant, self.marks) for variant in ("euclidean", "unit rows")]
            self._shares[representation] = max(part for part in shares if part is not None)
        return self._shares[representation]

    def is_linear(self, representation: Representation) -> bool:
        """Return whether the map is a linear function of a representation."""
        return linear_part(self.embedding, components_of(representation)[1]) > LINEAR

    def is_joined(self, representation: Representation) -> bool:
        """Return whether the map keeps neighbours within parts of the rows alone, each with its own map.

        Which rows are neighbours has nothing to do with where they stand, but for sorted ones: of
        their neighbours in other parts a right map keeps more than chance does.
        """
        own, rows = neighbours(representation), np.arange(len(self.embedding.points))
        if own is None:
            return False
        kept = own & self.marks
        apart = np.abs(rows[:, np.newaxis] - rows)
        parts = ((apart <= NEAR * len(rows), apart >= FAR * len(rows)), (apart % 2 == 0, apart % 2 == 1))
        return any(
            own[far].sum() >= FAR_PAIRS
            and kept[far].sum() < _by_chance(len(rows)) * own[far].sum()
            and kept[near].sum() >= KEPT * own[near].sum()
            for near, far in parts
        )

    def holds(self, representation: Representation, variants: Sequence[str]) -> bool:
        """Tell whether a representation holds the map in balance, as it is or once scaled.

        A map that keeps few of a source's neighbours is none of it, whatever it was made with.
        """
        if self.share_kept(representation) < KEPT:
            return False
        if self.plausible:
            return self.balance(representation).least(variants) <= BALANCED
        return self.balance(representation).least_scaled(BALANCED) <= BALANCED

    def is_finished(self, representation: Representation) -> bool:
        """Tell whether the map is near balance under affinities like its own."""
        if self.plausible:
            lefts = (
                look()
                for look in (
                    self.balance(representation).first,
                    lambda: self.balance(representation).least(VARIANTS, FEW),
                )
            )
            return any(left <= FINISHED and not self.is_stopped(representation, left) for left in lefts)
        return self.balance(representation).least_scaled(
            FINISHED_RESCALED
        ) <= FINISHED_RESCALED and not self.is_stopped(representation, STOPPED[0])

    def is_stopped(self, representation: Representation, limit: float) -> bool:
        """Tell whether exaggerated attraction balances the map better, and below the limit.

        That is only so while the map is small; one that was enlarged would look like it.
        """
        small = float(self.embedding.points.std()) <= SCALE[1]
        return small and self.balance(representation).is_stopped(limit, STOPPED[1])


def _compare(evidence: _Evidence, right: Sequence[Representation], others: Sequence[Representation]) -> MapFinding:
    """Decide on all the evidence, once the likeliest doesn't hold."""
    shares = {representation.name: evidence.share_kept(representation) for representation in (*right, *others)}
    own = max(right, key=lambda representation: shares[representation.name])
    ranked = sorted(others, key=lambda representation: -shares[representation.name])
    doubtful = (own, *ranked[:3]) if max(shares.values()) < NEARLY else ()
    if (finding := _find_no_map(evidence, own, doubtful, max(shares.values()))) is not None:
        return finding
    rivals = [rival for rival in ranked[:4] if shares[rival.name] > shares[own.name] - 3 * BETTER]
    ahead = shares[ranked[0].name] - shares[own.name] if ranked else 0.0
    best = rivals[0] if rivals and shares[rivals[0].name] > shares[own.name] + BETTER else own
    if not rivals and shares[own.name] >= KEPT and evidence.is_finished(own):
        return MapFinding("map", own.name)
    if ahead < 3 * BETTER and evidence.holds(own, (*VARIANTS, EVERY_PAIR)):
        return MapFinding("map", own.name)
    holding = next((rival for rival in rivals if evidence.holds(rival, (*VARIANTS[:3], EVERY_PAIR))), None)
    if holding is not None:
        return MapFinding("other", holding.name, _words(shares, own, holding))
    if shares[best.name] >= KEPT and evidence.is_finished(best):
        return MapFinding("map" if best is own else "other", best.name, _words(shares, own, best))
    return _describe_unfinished(evidence, best, shares[best.name])


def _find_no_map(
    evidence: _Evidence, own: Representation, doubtful: Sequence[Representation], most: float
) -> MapFinding | None:
    """Return the finding about points that no t-SNE of all rows has made; None where one may have.

    Args:
        evidence: the map.
        own: what it should be a map of.
        doubtful: representations that it may be a linear function of.
        most: the largest share of the neighbours that it keeps of any representation.
    """
    points = evidence.embedding.points
    values = min(len(np.unique(axis)) for axis in points.T)
    if values < FEW_VALUES * len(points):
        return MapFinding(Diagnosis.NOT_TSNE, None, f"one of its coordinates has {values} different values")
    if (linear := next(filter(evidence.is_linear, doubtful), None)) is not None:
        return _describe_projection(evidence.embedding, linear)
    if most < _by_chance(len(points)):
        return _describe_unrelated(evidence.embedding)
    if evidence.is_joined(own):
        words = "it keeps neighbours among parts of the rows alone, as if these had been mapped apart and joined"
        return MapFinding(Diagnosis.NOT_TSNE, own.name, words)
    return None


def _by_chance(count: int) -> float:
    """Return the largest part of the nearest neighbours that an unrelated map of so many rows keeps."""
    return CHANCE * NEIGHBOURS / (count - 1)


def _describe_projection(embedding: Embedding, representation: Representation) -> MapFinding:
    """Describe a map that is linear in a representation.

    It is a projection, or t-SNE's start where nothing has moved.
    """
    kind = Diagnosis.NOT_CONVERGED if float(embedding.points.std()) < UNMOVED else Diagnosis.NOT_TSNE
    return MapFinding(
        kind, representation.name, "its coordinates are a linear function of the values, as those of PCA are"
    )


def _describe_unrelated(embedding: Embedding) -> MapFinding:
    """Describe a map whose rows correspond to nothing."""
    if float(embedding.points.std()) < UNMOVED / 10:
        return MapFinding(Diagnosis.NOT_CONVERGED, None, "its points have hardly moved from where they started")
    if clumping(embedding) < NOISE:
        return MapFinding(Diagnosis.SHUFFLED_ROWS, None, "points that are near each other belong to images that aren't")
    return MapFinding(Diagnosis.NOT_TSNE, None, "its points are scattered as noise is")


def _describe_unfinished(evidence: _Evidence, representation: Representation, share_kept: float) -> MapFinding:
    """Describe a map whose rows correspond, but that isn't in balance."""
    own = affinities(representation, perplexity=min(PERPLEXITY, (len(representation.squared) - 1) / 3))
    points = evidence.embedding.points
    cost = divergence(with_forces(points / points.std()), own) if own is not None else 0.0
    words = f"it keeps {share_kept:.0%} of the nearest neighbours, and its Kullback-Leibler divergence is {cost:.2f}"
    stopped = share_kept >= NEARLY or evidence.is_stopped(representation, STOPPED[0])
    return MapFinding(Diagnosis.NOT_CONVERGED if stopped else Diagnosis.NOT_TSNE, representation.name, words)


def _words(shares: dict[str, float], own: Representation, best: Representation) -> str:
    """Return the neighbourhoods' evidence in words."""
    if own is best:
        return f"it keeps {shares[own.name]:.0%} of the nearest neighbours"
    return f"it keeps {shares[best.name]:.0%} of the nearest neighbours there, and {shares[own.name]:.0%} of those it should keep"
