"""Find the affinities that hold a map in balance, over variants and perplexities.

There are a hundred of them for each representation. What 200 points feel is looked at first,
which takes a millisecond; all points are asked only where those leave a doubt, so that a verdict
never rests on the sample.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from autograder.checks.values import Array
from autograder.hidden.embeddings.affinities import PERPLEXITY, Affinities, affinities, some_affinities
from autograder.hidden.embeddings.forces import (
    Embedding,
    exaggeration,
    fit_scale,
    imbalance,
    rescale,
    some_exaggeration,
    some_imbalance,
)
from autograder.hidden.embeddings.representation import VARIANTS, Representation, some_distances

__all__ = ["BALANCED", "COMMON", "FEW", "Balance"]

# Imbalance of a finished map: under its own affinities at most 0.035, under a neighbouring layer's
# 0.10 and more (docs/calibration.md).
BALANCED = 0.06
# Imbalance at the first three perplexities, 30, 50 and 10: no other brings balance
# (from 10 to 5 it is 0.3).
HOPELESS = 0.55
# By how much the sample's imbalance may miss that of all points.
SLACK = 0.1
COMMON = (30, 50, 10, 20, 40, 5, 100, 15, 25, 70)  # perplexities, the likeliest first
FEW = (30, 10, 50, 100, 5)
_MAX_CANDIDATES = 3  # variants that meet every perplexity, and affinities that meet all points


class Balance:
    """How far one map is from balance under one representation's affinities.

    Args:
        embedding: the map.
        representation: the representation.
    """

    def __init__(self, embedding: Embedding, representation: Representation) -> None:
        self.embedding = embedding
        self.representation = representation
        self._some: tuple[str, Array | None] = ("", None)
        self._estimates: dict[tuple[str, float], float | None] = {}
        self._values: dict[tuple[str, float], float] = {}
        self._scaled_values: dict[float, float] = {}
        self._scales: dict[float, tuple[float, Array]] = {}

    def least(self, variants: Sequence[str] = VARIANTS, perplexities: Sequence[float] = COMMON) -> float:
        """Return the least imbalance: exact where it is below `HOPELESS`, an estimate elsewhere."""
        if (first := self._exact(variants[0], perplexities[0])) <= BALANCED / 2:
            return first
        estimates = self._screen(variants, perplexities)
        hopeful = sorted((left, key) for key, left in estimates.items() if left <= HOPELESS + SLACK)[:_MAX_CANDIDATES]
        values: list[float] = []
        for _, key in hopeful:
            values.append(self._exact(*key))
            if values[-1] <= BALANCED / 2:
                return values[-1]
        if not values:
            return min([first, *estimates.values()])
        best = hopeful[int(np.argmin(values))][1]
        return min(first, *values, self._refine(best, min(values)))

    def first(self) -> float:
        """Return the imbalance under the likeliest affinities of all."""
        return self._exact("euclidean", PERPLEXITY)

    def least_scaled(self, enough: float) -> float:
        """Return the least imbalance once the map is scaled; exact where it may be as little as `enough`."""
        scales = {perplexity: self._scale(perplexity) for perplexity in FEW}
        left = np.inf
        for perplexity, (estimate, factors) in sorted(scales.items(), key=lambda item: item[1][0])[:_MAX_CANDIDATES]:
            if estimate > enough + SLACK:
                return min(left, max(estimate, enough + SLACK))
            if perplexity not in self._scaled_values:
                own = self._plain_affinities(perplexity)
                self._scaled_values[perplexity] = imbalance(rescale(self.embedding, own, factors), own)
            left = min(left, self._scaled_values[perplexity])
            if left <= enough:
                break
        return left

    def is_stopped(self, limit: float, least_factor: float) -> bool:
        """Tell whether exaggerated attraction brings the map nearer to balance than `limit`.

        Only factors of `least_factor` and more count.
        """
        for perplexity in FEW:
            some = self._rows("euclidean", perplexity)
            left, factor = (0.0, np.inf) if some is None else some_exaggeration(self.embedding, some)
            if left < limit + SLACK and factor > least_factor * (1 - SLACK):
                left, factor = exaggeration(self.embedding, self._plain_affinities(perplexity))
                if left < limit and factor >= least_factor:
                    return True
        return False

    def _screen(self, variants: Sequence[str], perplexities: Sequence[float]) -> dict[tuple[str, float], float]:
        """Return estimates of the imbalance, by variant and perplexity.

        Each variant is tried with one perplexity, the best with more, until one is next to balance.
        """
        estimates: dict[tuple[str, float], float] = {}
        hopeful = list(variants)
        for start, stop in itertools.pairwise((0, 1, 3, len(perplexities))):
            best: dict[str, float] = {}
            for variant in hopeful:
                for perplexity in perplexities[start:stop]:
                    if (left := self._estimate(variant, perplexity)) is not None:
                        estimates[variant, perplexity] = left
                best[variant] = min((left for (of, _), left in estimates.items() if of == variant), default=np.inf)
                if best[variant] <= BALANCED / 2:
                    return estimates
            hopeful = sorted(best, key=lambda variant: best[variant])[:_MAX_CANDIDATES]
            if stop > 1:
                hopeful = [variant for variant in hopeful if best[variant] <= HOPELESS + SLACK]
        return estimates

    def _refine(self, key: tuple[str, float], value: float) -> float:
        """Look between the perplexities tried, where the best of them is near balance."""
        if not BALANCED / 2 < value < 5 * BALANCED:
            return np.inf
        variant, best = key
        least, step = self._estimate(variant, best) or np.inf, 1.16
        for _ in range(3):
            for perplexity in (best * step, best / step):
                estimate = self._estimate(variant, round(perplexity, 2))
                if estimate is not None and estimate < least:
                    least, best = estimate, round(perplexity, 2)
                    break
            step **= 0.5
        return np.inf if best == key[1] else self._exact(variant, best)

    def _at_most(self, perplexity: float) -> float:
        """Return the perplexity, or the largest that so many points allow."""
        return min(perplexity, (len(self.representation.squared) - 1) / 3)

    def _plain_affinities(self, perplexity: float = PERPLEXITY) -> Affinities:
        """Return the affinities of the plain distances."""
        result = affinities(self.representation, "euclidean", self._at_most(perplexity))
        if result is None:
            raise ValueError(f"{self.representation.name} has no distances")
        return result

    def _exact(self, variant: str, perplexity: float) -> float:
        """Return the imbalance of all points; infinity where the variant isn't known."""
        key = variant, self._at_most(perplexity)
        if key not in self._values:
            result = affinities(self.representation, *key)
            self._values[key] = np.inf if result is None else imbalance(self.embedding, result)
        return self._values[key]

    def _estimate(self, variant: str, perplexity: float) -> float | None:
        """Return the sample's imbalance; None where the variant isn't known."""
        key = variant, self._at_most(perplexity)
        if key not in self._estimates:
            some = self._rows(*key)
            self._estimates[key] = None if some is None else some_imbalance(self.embedding, some)
        return self._estimates[key]

    def _rows(self, variant: str, perplexity: float) -> Array | None:
        """Return the sample's affinities (k, n)."""
        if self._some[0] != variant:
            self._some = variant, some_distances(self.representation, variant, self.embedding.sample)
        apart = self._some[1]
        if apart is None:
            return None
        return some_affinities(self.representation, variant, self._at_most(perplexity), self.embedding.sample, apart)

    def _scale(self, perplexity: float) -> tuple[float, Array]:
        """Return the sample's imbalance at the scale that fits best, and that scale of each axis."""
        if perplexity not in self._scales:
            some = self._rows("euclidean", perplexity)
            near = next((factors for _, factors in self._scales.values()), None)  # another perplexity's are not far
            self._scales[perplexity] = (np.inf, np.ones(2)) if some is None else fit_scale(self.embedding, some, near)
        return self._scales[perplexity]
