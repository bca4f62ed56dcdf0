"""What may be read off a map: which points lie among others, and which groups border.

A reading is accepted where a reasonable reader could say so, by any of several ways to look: few
neighbours or many, the plotted points alone or all of them. The map that a student looked at was
drawn on another machine, where the last bits of t-SNE differ: what the neighbours in the
representation say may show in any map of it, and is accepted too.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from autograder.checks.map_geometry import Border, borders, own_share
from autograder.checks.values import Array

__all__ = ["MapReading"]

_NEIGHBOURS = (5, 10, 20)
_USUAL = 10
# docs/calibration-readings.md has the measurements behind these.
_COULD_BE_STRAY = 0.5  # or less of the neighbours are of its own class, by the kindest look
_SURELY_STRAY = 0.2  # or less, by every look
_SURELY_OWN = 0.8  # or more, by every look
_COULD_MIX = 0.05  # or more of the smaller class's points, and as many of the other one's, have the other class near
_SURELY_MIX = 0.1
_COULD_TOUCH = 1.0  # lengths of the smaller group, or less, are between them
_SURELY_NEAR = 1.0
_SURELY_AMONG = 0.3  # the same as _SURELY_MIX, wherever the rest of the groups lies


@dataclass(frozen=True, eq=False)
class MapReading:
    """A map, as a reader sees it.

    Attributes:
        points: the map, (n, 2).
        labels: of its points, (n,).
        plotted: how many of the first points are drawn.
        squared: squared distances between the rows that it is a map of, (n, n); None where they aren't known.
    """

    points: Array
    labels: Array
    plotted: int
    squared: Array | None = None

    @functools.cached_property
    def _shares(self) -> list[Array]:
        """For each way to look, which part of a point's neighbours has its own label, (n,).

        It is NaN where a point isn't drawn, or where its class has fewer points than are looked at.
        """
        looks = []
        for shown in sorted({min(self.plotted, len(self.points)), len(self.points)}):
            for count in _NEIGHBOURS:
                share = np.full(len(self.points), np.nan)
                labels = self.labels[:shown]
                share[:shown] = _of_large_classes(own_share(self.points[:shown], labels, count), labels, count)
                looks.append(share)
        return looks

    @functools.cached_property
    def lowest(self) -> Array:
        """The lowest share of each point, (n,), by any look at the map or the representation."""
        return np.asarray(np.nanmin([*self._shares, *self._in_representation], axis=0))

    @functools.cached_property
    def _highest(self) -> Array:
        """The highest share of each point, (n,), by any look at the map."""
        return np.asarray(np.nanmax(self._shares, axis=0))

    @functools.cached_property
    def _in_representation(self) -> list[Array]:
        """The shares among the neighbours in the representation; nothing where it isn't known."""
        if self.squared is None:
            return []
        near = self.labels[_nearest(self.squared, max(_NEIGHBOURS))] == self.labels[:, None]
        return [_of_large_classes(near[:, :count].mean(axis=1), self.labels, count) for count in _NEIGHBOURS]

    def could_be_stray(self, index: int) -> bool:
        """Tell whether a reader could say that a point lies among another class's."""
        return bool(self.lowest[index] <= _COULD_BE_STRAY)

    def could_be_own(self, index: int) -> bool:
        """Tell whether a reader could say that a point lies among its own class's."""
        looks = [*self._shares, *self._in_representation]
        return bool(np.nanmax([share[index] for share in looks]) >= _COULD_BE_STRAY)

    @property
    def sure_strays(self) -> Array:
        """The plotted points that lie among another class's by every look, ascending."""
        return np.flatnonzero(self._highest[: self.plotted] <= _SURELY_STRAY)

    @property
    def surely_own(self) -> Array:
        """Whether each point lies among its own class's by every look, (n,)."""
        return np.asarray(np.nanmin(self._shares, axis=0) >= _SURELY_OWN)

    def neighbours_of(self, index: int) -> tuple[int, int]:
        """Return how many neighbours are usually looked at, and how many of a point's have its own label."""
        shown = self.plotted if index < self.plotted else len(self.points)
        count = min(_USUAL, shown - 1)
        return count, round(float(own_share(self.points[:shown], self.labels[:shown], count)[index]) * count)

    @functools.cached_property
    def _borders(self) -> list[dict[tuple[int, int], Border]]:
        """How each two classes lie to each other, among the plotted points and among all."""
        sizes = sorted({min(self.plotted, len(self.points)), len(self.points)})
        return [borders(self.points[:size], self.labels[:size], _USUAL) for size in sizes]

    @functools.cached_property
    def _closest(self) -> frozenset[tuple[int, int]]:
        """The pairs that a reader of any map would name first: by their gaps, by their middles, by what lies in between."""
        found = set[tuple[int, int]]()
        for each in self._borders:
            first = len({label for pair in each for label in pair}) // 2
            found |= set(sorted(each, key=lambda pair: each[pair].distance)[:first])
            found |= set(sorted(each, key=lambda pair: each[pair].middles)[:first])
            found |= {
                pair for pair in sorted(each, key=lambda pair: -each[pair].contacts)[:first] if each[pair].contacts
            }
        return frozenset(found)

    @functools.cached_property
    def _mixed(self) -> dict[tuple[int, int], float]:
        """How much two classes mix in the representation, as `Border.mixing` has it; nothing where it isn't known."""
        if self.squared is None:
            return {}
        near, mixed = self.labels[_nearest(self.squared, _USUAL)], {}
        for a, b in self._borders[-1]:
            of_a, of_b = near[self.labels == a], near[self.labels == b]
            touching = min((of_a == b).any(axis=1).sum(), (of_b == a).any(axis=1).sum())
            mixed[a, b] = float(touching) / min(len(of_a), len(of_b))
        return mixed

    def border(self, pair: tuple[int, int]) -> Border:
        """Return how two classes lie to each other among the plotted points."""
        return self._borders[0].get(pair, Border(0, 0.0, *[float("inf")] * 3))

    def could_border(self, pair: tuple[int, int]) -> bool:
        """Tell whether a reader could say that two groups touch or mix."""
        seen = [each[pair] for each in self._borders if pair in each]
        if any(one.mixing >= _COULD_MIX or one.gap <= _COULD_TOUCH for one in seen) or pair in self._closest:
            return True
        strongest = sorted(self._mixed, key=lambda one: -self._mixed[one])[: len(np.unique(self.labels)) // 2]
        return pair in strongest and self._mixed[pair] >= _COULD_MIX

    def surely_borders(self, pair: tuple[int, int]) -> bool:
        """Tell whether everybody would say that two groups touch or mix, here and in other maps of the representation."""
        mixes = not self._mixed or self._mixed.get(pair, 0) >= _COULD_MIX
        return mixes and all(pair in _most_mixed(each) and _is_plain(each[pair]) for each in self._borders)


def _most_mixed(seen: Mapping[tuple[int, int], Border]) -> list[tuple[int, int]]:
    """Return the pairs that mix most: where all do, as with labels of other images, nobody has to name them all."""
    first = len({label for pair in seen for label in pair}) // 2
    return sorted(seen, key=lambda pair: -seen[pair].mixing)[:first]


def _is_plain(border: Border) -> bool:
    """Tell whether two groups plainly touch or mix."""
    return border.mixing >= _SURELY_AMONG or (border.mixing >= _SURELY_MIX and border.gap <= _SURELY_NEAR)


def _of_large_classes(shares: Array, labels: Array, count: int) -> Array:
    """Return shares among so many neighbours; NaN in classes that have fewer others, but for the fewest neighbours."""
    others = np.bincount(labels)[labels] - 1
    return np.asarray(np.where((others >= count) | (count == _NEIGHBOURS[0]), shares, np.nan))


def _nearest(squared: Array, count: int) -> Array:
    """Return the nearest other rows of each row, (n, count), the nearest first."""
    alone = np.array(squared, np.float32)
    np.fill_diagonal(alone, np.inf)
    count = min(count, len(alone) - 1)
    found = np.argpartition(alone, count - 1, axis=1)[:, :count]
    order = np.argsort(np.take_along_axis(alone, found, axis=1), axis=1)
    return np.asarray(np.take_along_axis(found, order, axis=1))
