"""Measure where right readings of maps end and wrong ones begin: docs/calibration-readings.md.

Usage, from the repository's root (`make calibrate` runs it behind the embedding's):

    python tools/calibrate_readings.py

Readers that know nothing of the checks read maps of the deep layers and of the pixels, each in its own way; the measures of
`autograder/hidden/map_reading.py` are taken of what they name, and of what none of them would.
"""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree
from scipy.spatial.distance import cdist

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from autograder.hidden import map_reading  # noqa: E402 (the path comes first)
from autograder.hidden.judge import Judge  # noqa: E402
from autograder.hidden.map_reading import MapReading  # noqa: E402
from autograder.hidden.reference import PIXELS  # noqa: E402
from autograder.reuse.map_process import compute_quickly  # noqa: E402

Array = NDArray[Any]
Pair = tuple[int, int]

SOURCE = ROOT / "source" / "mapping_representations"
LAYERS = ("dense", "dense_relu", "dense_dropout", PIXELS)
SETTINGS: tuple[dict[str, Any], ...] = (
    {"init": "pca", "random_state": 0},
    {"init": "random", "random_state": 1},
    {"init": "random", "random_state": 2},
    {"init": "random", "random_state": 3, "perplexity": 10},
    {"init": "pca", "random_state": 4, "perplexity": 60},
)
COUNTS = (6, 8, 12, 15)  # neighbours that readers look at: none of those that the checks look at
FAR = 30  # of 45 pairs: those behind it, by their middles and by their gaps, are nobody's neighbours


@dataclass(frozen=True)
class Drawn:
    """A map with its readers.

    Attributes:
        reading: as the checks see it.
        points: those that are plotted, (n, 2).
        labels: theirs, (n,).
    """

    reading: MapReading
    points: Array
    labels: Array

    def own(self, count: int) -> Array:
        """Return which part of each point's neighbours is of its class."""
        near = cKDTree(self.points).query(self.points, count + 1)[1][:, 1:]
        return np.asarray((self.labels[near] == self.labels[:, None]).mean(axis=1))

    @property
    def pairs(self) -> list[Pair]:
        """All pairs of classes."""
        return list(itertools.combinations(range(10), 2))

    def by_middles(self) -> list[Pair]:
        """Return the pairs, those whose groups' medians lie closest first."""
        middle = [np.median(self.points[self.labels == label], axis=0) for label in range(10)]
        return sorted(self.pairs, key=lambda pair: float(np.linalg.norm(middle[pair[0]] - middle[pair[1]])))

    def by_gaps(self) -> list[Pair]:
        """Return the pairs, those whose groups come closest first, a tenth of their points aside."""
        groups = [self.points[self.labels == label] for label in range(10)]
        gap = {(a, b): np.quantile(cdist(groups[a], groups[b]).min(axis=1), 0.1) for a, b in self.pairs}
        return sorted(self.pairs, key=lambda pair: float(gap[pair]))

    def by_neighbours(self) -> list[Pair]:
        """Return the pairs with any, those that have most of each other among their neighbours first."""
        near = self.labels[cKDTree(self.points).query(self.points, 16)[1][:, 1:]]
        count = {
            (a, b): int((near[self.labels == a] == b).sum() + (near[self.labels == b] == a).sum())
            for a, b in self.pairs
        }
        return sorted((pair for pair in self.pairs if count[pair]), key=lambda pair: -count[pair])

    def by_edges(self) -> list[Pair]:
        """Return the pairs with any, those that most short edges of a triangulation join first."""
        edges = {(min(e), max(e)) for one in Delaunay(self.points).simplices for e in itertools.combinations(one, 2)}
        length = {edge: float(np.linalg.norm(self.points[edge[0]] - self.points[edge[1]])) for edge in edges}
        short = sorted(edges, key=length.__getitem__)[: len(edges) * 2 // 3]
        joined = [tuple(sorted((int(self.labels[a]), int(self.labels[b])))) for a, b in short]
        return sorted({pair for pair in joined if pair[0] != pair[1]}, key=lambda pair: -joined.count(pair))  # type: ignore[misc]

    def far(self) -> list[Pair]:
        """Return the pairs that no reader would name."""
        near = {*self.by_middles()[:FAR], *self.by_gaps()[:FAR], *self.by_neighbours(), *self.by_edges()}
        return [pair for pair in self.pairs if pair not in near]


def draw(judge: Judge) -> dict[str, list[Drawn]]:
    """Return the maps of each layer."""
    from sklearn.manifold import TSNE

    compute_quickly()
    count, shown = judge.settings.images, judge.settings.points
    labels = judge.reference.labels[:count].astype(np.int64)
    drawn: dict[str, list[Drawn]] = {}
    for layer in LAYERS:
        images = judge.reference.first_images
        values = images if layer == PIXELS else judge.reference.values(images, [layer])[layer]
        rows, squared = values.reshape(count, -1), judge.reference.layers[layer].representation.squared
        for settings in SETTINGS:
            points = np.asarray(TSNE(max_iter=1000, **settings).fit_transform(rows), np.float64)
            reading = MapReading(points, labels, shown, squared)
            drawn.setdefault(layer, []).append(Drawn(reading, points[:shown], labels[:shown]))
    return drawn


def strays(maps: Sequence[Drawn]) -> list[str]:
    """Return the rows about strays."""
    named = [(one, i) for one in maps for count in COUNTS for i in np.flatnonzero(one.own(count) <= 0.4)]
    inner = [(one, i) for one in maps for i in np.flatnonzero(one.own(30) == 1)]
    right = [float(one.reading.lowest[i]) for one, i in named]
    wrong = [float(one.reading.lowest[i]) for one, i in inner]
    return [
        _row(
            "strays by 6, 8, 12 or 15 neighbours", [one.reading.could_be_stray(i) for one, i in named], True, max(right)
        ),
        _row(
            "images whose 30 neighbours are all their own",
            [one.reading.could_be_stray(i) for one, i in inner],
            False,
            min(wrong),
        ),
    ]


def borders(maps: Sequence[Drawn]) -> list[str]:
    """Return the rows about borders."""
    readers: dict[str, Callable[[Drawn], list[Pair]]] = {
        "the two pairs whose middles are closest": lambda one: one.by_middles()[:2],
        "the two pairs with the smallest gaps": lambda one: one.by_gaps()[:2],
        "the two pairs with the most common neighbours": lambda one: one.by_neighbours()[:2],
        "the two pairs that most short edges join": lambda one: one.by_edges()[:2],
    }
    rows = []
    for words, read in readers.items():
        named = [(one, pair) for one in maps for pair in read(one)]
        rows.append(_row(words, [one.reading.could_border(pair) for one, pair in named], True))
    far = [(one, pair) for one in maps for pair in one.far()]
    gaps = [one.reading.border(pair).gap for one, pair in far]
    return [
        *rows,
        _row(
            "pairs that none of these names, and far apart",
            [o.reading.could_border(p) for o, p in far],
            False,
            min(gaps),
        ),
    ]


def survivors(maps: Sequence[Drawn]) -> list[str]:
    """Return the rows about second maps."""
    listed, left = list[bool](), list[bool]()
    for one, other in itertools.permutations(maps, 2):
        for read in (Drawn.by_middles, Drawn.by_gaps, Drawn.by_neighbours):
            pairs, second = read(one)[:2], read(other)
            listed += [other.reading.could_border(pair) for pair in pairs if pair in second[:4]]
            left += [
                one.reading.surely_borders(p) and other.reading.surely_borders(p) for p in pairs if p not in second[:10]
            ]
    return [
        _row("pairs of one map that are among the first four in another", listed, True),
        _row("pairs of one map that are not among the first ten in another, and must not be asked for", left, False),
    ]


def _row(words: str, accepted: Sequence[bool], wanted: bool, nearest: float | None = None) -> str:
    """Return a row of the table."""
    right = sum(one == wanted for one in accepted)
    return f"| {words} | {'accepted' if wanted else 'refused'} | {right} of {len(accepted)} | {'' if nearest is None else f'{nearest:.2f}'} |"


def main() -> None:
    """Measure, print and write."""
    drawn = draw(Judge.load(folder=SOURCE))
    deep = [one for layer, maps in drawn.items() if layer != PIXELS for one in maps]
    lines = [
        "# Where the bounds of readings come from",
        "",
        "Written by `python tools/calibrate_readings.py`. `autograder/hidden/map_reading.py` explains the",
        f"measures. {len(deep)} maps of the deep layers and {len(drawn[PIXELS])} of the pixels are read by readers that",
        "know nothing of the checks, each in its own way.",
        "",
        "| constant | value |",
        "| --- | ---: |",
        *(
            f"| `{name}` | {value} |"
            for name, value in vars(map_reading).items()
            if name.startswith(("_COULD", "_SURELY"))
        ),
        "",
    ]
    for words, maps in (("Deep layers", deep), ("Pixels", drawn[PIXELS])):
        lines += [
            f"## {words}",
            "",
            "| reading | should be | is | nearest to its bound |",
            "| --- | --- | ---: | ---: |",
        ]
        lines += [*strays(maps), *borders(maps), *(survivors(maps) if words != "Pixels" else []), ""]
    lines += [
        "The nearest values are shares of own neighbours for strays, and gaps in lengths of the smaller",
        "group for pairs. In a map of the pixels nearly all pairs of digits mix: hardly any is far apart.",
        "Wrong readings that are accepted have the layer's own neighbours for them, which may have shown",
        "in the map that the student saw.",
    ]
    text = "\n".join(lines) + "\n"
    (ROOT / "docs" / "calibration-readings.md").write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
