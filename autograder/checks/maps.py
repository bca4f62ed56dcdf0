"""Say whether an embedding is a t-SNE map, and of what.

The evidence comes in two kinds. A finished map is in balance under the affinities that it was made from: where one source
holds it so, the question is settled. Maps made in ways that aren't foreseen here (another metric, few components, few
iterations) are compared by their neighbourhoods, and what can't be told apart passes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from .affinities import (
    NEIGHBOURS,
    PERPLEXITY,
    VARIANTS,
    Affinities,
    Source,
    affinities,
    components_of,
    nearest_marks,
    neighbours,
)
from .findings import MapFinding
from .layouts import Layout, clumping, divergence, exaggeration, imbalance, lay_out, linear_part, rescale
from .values import Array

__all__ = ["BALANCED", "identify_map", "least_imbalance"]

# The constants come from docs/calibration.md, which says how far on either side the nearest maps lie.

# Imbalance of a finished map: under its own affinities at most 0.035, under a neighbouring layer's 0.10 and more.
BALANCED = 0.06
# The same under affinities that are only like its own: at most 0.49; after 250 iterations 0.55 and more.
FINISHED = 0.50
# The same once the scale had to be guessed: at most 0.42; after 250 iterations 0.50 and more.
FINISHED_RESCALED = 0.46
# Imbalance at the first three perplexities, 30, 50 and 10: no other brings balance (from 10 to 5 it is 0.3).
HOPELESS = 0.55
# Part of the 15 nearest neighbours: another source has to keep so much more to be preferred.
BETTER = 0.02
# Times the neighbours that chance keeps, 15 of n - 1: rows that don't correspond keep 1 to 2 times as many.
CHANCE = 4.0
# Part of the neighbours kept: 250 iterations keep up to 0.50, other methods (Isomap, LLE, spectral) up to 0.36.
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
# Imbalance with exaggerated attraction, at most, and the factor, at least, of a map that was stopped while it was on.
STOPPED = (0.6, 3.0)

_COMMON = (30, 50, 10, 20, 40, 5, 100, 15, 25, 70)  # perplexities, the likeliest first
_FEW = (30, 10, 50, 100, 5)


@dataclasses.dataclass(frozen=True)
class _Fit:
    """How well one source holds a map: imbalance, neighbours kept, divergence."""

    source: Source
    imbalance: float
    kept: float
    divergence: float


def identify_map(points: Array, right: Sequence[Source], others: Sequence[Source]) -> MapFinding:
    """Say what an embedding is a map of.

    Args:
        points: (n, 2) finite.
        right: what it should be a map of, any of them; the likeliest first.
        others: what else it may be a map of, as far as their rows correspond.

    Returns:
        A finding of kind "map" with the source among `right`, or of a diagnosis about embeddings.
    """
    layout = lay_out(points)
    found = next((source for source in right if least_imbalance(layout, source, VARIANTS[:1]) <= BALANCED), None)
    if found is not None:
        return MapFinding("map", found.name)
    if not _plausible(layout):
        found = next((s for s in right if any(left <= BALANCED for left in _scaled_imbalances(layout, s))), None)
        if found is not None:
            return MapFinding("map", found.name)
    names = {source.name for source in right}
    return _compare(layout, right, [other for other in others if other.name not in names])


def least_imbalance(
    layout: Layout, source: Source, variants: Iterable[str] = VARIANTS, perplexities: Sequence[float] = _COMMON
) -> float:
    """Return a map's imbalance under a source's affinities, the least over ways to see it and over perplexities."""
    least = np.inf
    for variant in variants:
        tried: dict[float, float] = {}
        for perplexity in perplexities:
            found = affinities(source, variant, _possible(perplexity, source))
            if found is None:
                break
            tried[perplexity] = imbalance(layout, found)
            if tried[perplexity] <= BALANCED / 2:
                return tried[perplexity]
            if len(tried) == 3 and min(tried.values()) > HOPELESS:
                break
        least = min([least, *tried.values(), _refined(layout, source, variant, tried)])
        if least <= BALANCED:
            break
    return least


def _possible(perplexity: float, source: Source) -> float:
    """Return the perplexity, or the largest that so many points allow."""
    return min(perplexity, (len(source.gram) - 1) / 3)


def _refined(layout: Layout, source: Source, variant: str, tried: dict[float, float]) -> float:
    """Look between the perplexities tried, where the best of them is near balance."""
    if not tried or not BALANCED / 2 < min(tried.values()) < 0.3:
        return np.inf
    best = min(tried, key=lambda perplexity: tried[perplexity])
    least, step = tried[best], 1.16
    for _ in range(3):
        for perplexity in (best * step, best / step):
            found = affinities(source, variant, round(_possible(perplexity, source), 2))
            value = np.inf if found is None else imbalance(layout, found)
            if value < least:
                least, best = value, perplexity
                break
        step **= 0.5
    return least


def _compare(layout: Layout, right: Sequence[Source], others: Sequence[Source]) -> MapFinding:
    """Decide on all the evidence, once the likeliest doesn't hold."""
    marks = nearest_marks(layout.squared)
    kept = {source.name: _kept(marks, source) for source in (*right, *others)}
    own = max(right, key=lambda source: kept[source.name])
    ranked = sorted(others, key=lambda source: -kept[source.name])
    doubtful = (own, *ranked[:3]) if max(kept.values()) < NEARLY else ()
    linear = next((s for s in doubtful if linear_part(layout, components_of(s)[1]) > LINEAR), None)
    if linear is not None:
        return _projected(layout, linear)
    if max(kept.values()) < CHANCE * NEIGHBOURS / (len(layout.points) - 1):
        return _unrelated(layout)
    rivals = [rival for rival in ranked[:4] if kept[rival.name] > kept[own.name] - 3 * BETTER]
    ahead = kept[ranked[0].name] - kept[own.name] if ranked else 0.0
    if ahead < 3 * BETTER and (
        _held(layout, own, VARIANTS) or any(left <= BALANCED for left in _scaled_imbalances(layout, own))
    ):
        return MapFinding("map", own.name)
    held = next((rival for rival in rivals if _held(layout, rival, VARIANTS[:3])), None)
    if held is not None:
        return MapFinding("other", held.name, _words(kept, own, held))
    best = rivals[0] if rivals and kept[rivals[0].name] > kept[own.name] + BETTER else own
    if kept[best.name] >= KEPT and _finished(layout, best):
        return MapFinding("map" if best is own else "other", best.name, _words(kept, own, best))
    return _unfinished(layout, best, kept[best.name])


def _known(source: Source, variant: str = "euclidean", perplexity: float = PERPLEXITY) -> Affinities:
    """Return affinities that are always known."""
    found = affinities(source, variant, _possible(perplexity, source))
    if found is None:
        raise ValueError(f"{source.name} was not kept as {variant}")
    return found


def _kept(marks: Array, source: Source) -> float:
    """Return which part of the 15 nearest neighbours are so in the map too; the best over ways to see the source."""
    found = [neighbours(source, variant) for variant in ("euclidean", "unit rows")]
    return max(float((marks & near).sum() / marks.sum()) for near in found if near is not None)


def _held(layout: Layout, source: Source, variants: Sequence[str]) -> bool:
    """Tell whether a source holds the map in balance, as it is or once scaled."""
    if _plausible(layout):
        return least_imbalance(layout, source, variants) <= BALANCED
    return any(left <= BALANCED for left in _scaled_imbalances(layout, source))


def _scaled_imbalances(layout: Layout, source: Source) -> Iterator[float]:
    """Yield the imbalance at the scale that fits best, for one perplexity after another."""
    for perplexity in _FEW:
        found = _known(source, perplexity=perplexity)
        yield imbalance(rescale(layout, found), found)


def _plausible(layout: Layout) -> bool:
    """Tell whether a map has the scale that t-SNE gives it."""
    return SCALE[0] < float(layout.points.std()) < SCALE[1]


def _finished(layout: Layout, source: Source) -> bool:
    """Tell whether a map is near balance under affinities like its own."""
    if _plausible(layout):
        left = least_imbalance(layout, source, VARIANTS, _FEW)
        return left <= FINISHED and not _stopped(layout, source, left)
    return min(_scaled_imbalances(layout, source)) <= FINISHED_RESCALED and not _stopped(layout, source, STOPPED[0])


def _projected(layout: Layout, source: Source) -> MapFinding:
    """Say what a map is that is linear in a representation: a projection, or t-SNE's start where nothing has moved."""
    kind = "not_converged" if float(layout.points.std()) < UNMOVED else "not_tsne"
    return MapFinding(kind, source.name, "its coordinates are a linear function of the values, as those of PCA are")


def _unrelated(layout: Layout) -> MapFinding:
    """Say what a map is whose rows correspond to nothing."""
    if float(layout.points.std()) < UNMOVED / 10:
        return MapFinding("not_converged", None, "its points have hardly moved from where they started")
    if clumping(layout) < NOISE:
        return MapFinding("shuffled_rows", None, "points that are near each other belong to images that aren't")
    return MapFinding("not_tsne", None, "its points are scattered as noise is")


def _unfinished(layout: Layout, source: Source, kept: float) -> MapFinding:
    """Say what a map is whose rows correspond, but that isn't in balance."""
    cost = divergence(layout, _known(source))[0]
    words = f"it keeps {kept:.0%} of the nearest neighbours, and its Kullback-Leibler divergence is {cost:.2f}"
    stopped = kept >= NEARLY or _stopped(layout, source, STOPPED[0])
    return MapFinding("not_converged" if stopped else "not_tsne", source.name, words)


def _stopped(layout: Layout, source: Source, limit: float) -> bool:
    """Tell whether a map is nearer to balance, and below the limit, for attraction that is still exaggerated.

    That is only so while the map is small; one that was enlarged would look like it.
    """
    if float(layout.points.std()) > SCALE[1]:
        return False
    found = [exaggeration(layout, _known(source, perplexity=perplexity)) for perplexity in _FEW]
    return any(left < limit and factor >= STOPPED[1] for left, factor in found)


def _words(kept: dict[str, float], own: Source, best: Source) -> str:
    """Return the neighbourhoods' evidence in words."""
    if own is best:
        return f"it keeps {kept[own.name]:.0%} of the nearest neighbours"
    return f"it keeps {kept[best.name]:.0%} of the nearest neighbours there, and {kept[own.name]:.0%} of those it should keep"
