"""Say whether a plot shows an embedding, each point with its image's label."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching
from scipy.spatial import cKDTree

from autograder.checks.meanings import Diagnosis
from autograder.checks.read_plot import PlotData
from autograder.checks.values import Array, dimensions
from autograder.hidden.findings import PlotFinding

__all__ = ["identify_plot", "in_numbers", "orders_of"]

# Distance of a drawn point from where its row lies, in units of the plot's spread: drawing rounds
# to float32, 1e-7, or to float16, 1e-3 at most; neighbouring points lie 0.005 apart.
_NEAR = 2e-3
_MATCHED = 0.95  # of the texts: the others are remarks that look like labels
_OUTERMOST = 12  # rows on each side: of a random half, the outermost is among them
_SAMPLE = 120  # points that are matched at first; all of them once most of these lie at rows
_ROUNDS = 25  # of matching points to rows and fitting again
_NEAREST = ("plot", Diagnosis.LABELS_MISALIGNED, Diagnosis.TOO_FEW_POINTS, Diagnosis.WRONG_POINTS)
_NEARER = 0.999  # of the distance before: a round that brings less is one of many, at a fit that is none


@dataclass(frozen=True)
class _Match:
    """Which row of the embedding each drawn point is.

    Attributes:
        points: (k,) indices of the drawn points that were matched.
        rows: k tuples: the rows that lie at the point; several where rows coincide.
    """

    points: Array
    rows: tuple[tuple[int, ...], ...]


def identify_plot(drawn: PlotData, embedding: Array, labels: Array, least: int) -> PlotFinding:
    """Compare what a plot shows with an embedding and its labels.

    The plot may show any rows, in any order, moved, scaled, mirrored or turned.

    Args:
        drawn: the plot's points and labels.
        embedding: (n, k) the embedding that was handed in; k is 2, or it was wrong already.
        labels: (n,) or longer: the images' labels.
        least: how many points are wanted.

    Returns:
        A finding of kind "plot", or `wrong_points`, `too_few_points` or `labels_misaligned`; of several
        Axes, about the one that comes nearest.
    """
    shown = [drawn, *(other for other in drawn.others if other.labelled >= least)]
    findings = [_identify_axes(each, embedding, labels, least) for each in shown]
    return min(findings, key=lambda finding: _NEAREST.index(finding.kind))


def in_numbers(drawn: PlotData, classes: tuple[str, ...]) -> Iterator[PlotData]:
    """Yield what the labels of a plot may mean: classes' numbers, or their names, which may be numbers too.

    Where some are names in other words, all stay as they are: then one name for each class will do.
    """
    names = {_plain(name): str(number) for number, name in enumerate(classes)}
    words = {name: number for name, number in names.items() if not name.isdigit()}
    yield _translated(drawn, words)
    if len(words) < len(names):
        yield _translated(drawn, names)


def _translated(drawn: PlotData, numbers: dict[str, str]) -> PlotData:
    """Return a plot with numbers where it has names, if no other text stands at several points."""
    labels = tuple(numbers.get(_plain(label), label) for label in drawn.labels)
    others = tuple(_translated(other, numbers) for other in drawn.others)
    unknown = any(times > 1 and label and not _plain(label).isdigit() for label, times in Counter(labels).items())
    return PlotData(drawn.points, drawn.labels if unknown else labels, others)


def _identify_axes(drawn: PlotData, embedding: Array, labels: Array, least: int) -> PlotFinding:
    """Compare what one Axes shows with an embedding and its labels."""
    texts = _likely_labels(drawn, labels)
    once = _without_repeats(texts)
    planes = [rows[: len(labels)] for rows in _planes(embedding)]  # of a row without an image nobody knows the label
    tries = ((shown, rows) for shown in (texts, once) for rows in planes)
    texts, match = next(
        ((shown, m) for shown, rows in tries if (m := _match(shown.points, rows, labels))), (texts, None)
    )
    if match is None:
        return PlotFinding(
            Diagnosis.WRONG_POINTS,
            f"{len(texts)} labelled points were found, but they don't lie where rows of the embedding do",
        )
    shown = _count_rows(match.rows)
    if shown < least:
        return PlotFinding(
            Diagnosis.TOO_FEW_POINTS, f"{shown} different rows of the embedding are shown; at least {least} are wanted"
        )
    own = _rows_of_label([texts.labels[point] for point in match.points], match.rows, labels)
    wrong = max(sum(not rows for rows in own), shown - _count_rows(own))
    if wrong:
        return PlotFinding(
            Diagnosis.LABELS_MISALIGNED, f"{wrong} of {len(match.points)} points have another image's label"
        )
    return PlotFinding("plot", f"{shown} points")


def _count_rows(rows: tuple[tuple[int, ...], ...]) -> int:
    """Return how many different rows are shown.

    Where several rows lie at a point, each drawn point may be another of them.
    """
    point = np.repeat(np.arange(len(rows)), [len(choices) for choices in rows])
    row = np.fromiter(itertools.chain.from_iterable(rows), int, len(point))
    if not len(row):
        return 0
    graph = csr_array((np.ones(len(row), bool), (point, row)), shape=(len(rows), row.max() + 1))
    return int(np.sum(maximum_bipartite_matching(graph) >= 0))


def _likely_labels(drawn: PlotData, labels: Array) -> PlotData:
    """Return the texts that may be labels, if most may: remarks are left out."""
    classes = {_plain(label) for label in np.unique(labels).tolist()}
    chosen = [i for i, text in enumerate(drawn.labels) if _plain(text) in classes or _plain(text).isdigit()]
    if len(chosen) < len(drawn) * 0.5:
        return drawn
    return PlotData(drawn.points[chosen], tuple(drawn.labels[i] for i in chosen))


def _without_repeats(drawn: PlotData) -> PlotData:
    """Return the points without those that are drawn again at the same place."""
    first = np.sort(np.unique(drawn.points, axis=0, return_index=True)[1])
    return PlotData(drawn.points[first], tuple(drawn.labels[i] for i in first))


def _planes(embedding: Array) -> Iterator[Array]:
    """Yield the pairs of columns that a plot may show: of a right embedding, the one there is."""
    if embedding.ndim != 2:
        return
    table = embedding.T if embedding.shape[0] < 6 <= embedding.shape[1] else embedding
    for pair in itertools.combinations(range(min(table.shape[1], 4)), 2):
        yield table[:, pair].astype(np.float64)


def _match(points: Array, rows: Array, labels: Array) -> _Match | None:
    """Find which rows (n, 2), with their labels (n,), the points (m, 2) are; None where they are none."""
    count, whole = len(points), len(rows)
    spread = float(np.sqrt(np.mean(np.var(points, axis=0))))
    taken = dimensions(rows)
    if dimensions(points) != taken:  # an affine map to a line would fit any plot of a line
        return None
    if taken == 0:  # a map of one point, and a plot of one: every point may be any row
        return _Match(np.arange(count), tuple((i % whole, *range(whole)) for i in range(count)))
    for order in _orders(count, whole, labels):
        fitted = _fit(rows[order], points[: len(order)])
        near = np.flatnonzero(_apart(fitted, points[: len(order)]) <= _NEAR * spread)
        if len(near) >= _MATCHED * count:
            return _Match(near, tuple((int(order[i]),) for i in near))
    if taken == 1:  # rows along a line are compared in these orders only: turned about, they fit too easily
        return None
    return next((m for start in _starts(points, rows) if (m := _search(points, rows, start, spread)) is not None), None)


def _orders(count: int, whole: int, labels: Array) -> Iterator[Array]:
    """Yield the orders in which most plots show rows.

    They show the first or the last rows, label by label or row by row.
    """
    for first in sorted({0, max(0, whole - count)}):
        order = np.arange(first, min(first + count, whole))
        if len(order) <= len(labels[first:]):
            yield order[np.argsort(labels[order], kind="stable")]
        yield order


def orders_of(drawn: PlotData, labels: Array, whole: int) -> Iterator[Array]:
    """Yield the orders of rows (k,) in which a plot of `whole` rows may have drawn just these labels."""
    shown = [_plain(text) for text in drawn.labels]
    for order in _orders(len(shown), whole, labels):
        if len(order) == len(shown) and order.max() < len(labels) and shown == [_plain(labels[row]) for row in order]:
            yield order


def _fit(source: Array, target: Array) -> Array:
    """Return `source` (n, 2) under the affine map that brings most of its rows to those of `target`."""
    kept = np.arange(len(source))
    moved = source
    for share in (1.0, 0.9, 0.9):
        design = np.column_stack([source, np.ones(len(source))])
        kept = (
            kept[np.argsort(_apart(moved[kept], target[kept]), kind="stable")[: max(3, int(share * len(kept)))]]
            if share < 1
            else kept
        )
        moved = design @ np.linalg.lstsq(design[kept], target[kept], rcond=None)[0]
    return moved


def _starts(points: Array, rows: Array) -> Iterator[Array]:
    """Yield guesses of where the rows lie in the plot.

    They lie as they are, or scaled to the plot's extent, mirrored or not.
    """
    first = rows[: len(points)]
    if np.all(np.ptp(first, axis=0) > 0):  # what most plots show, drawn label by label
        yield points.min(axis=0) + (rows - first.min(axis=0)) / np.ptp(first, axis=0) * np.ptp(points, axis=0)
    yield rows
    yield np.column_stack([_between_extremes(points[:, axis], rows[:, axis]) for axis in (0, 1)])
    low, high = points.min(axis=0), points.max(axis=0)
    unit = (rows - rows.min(axis=0)) / np.ptp(rows, axis=0)
    for swap, flip_x, flip_y in itertools.product((False, True), repeat=3):
        turned = unit[:, ::-1] if swap else unit
        turned = np.where([flip_x, flip_y], 1 - turned, turned)
        yield low + turned * (high - low)


def _between_extremes(points: Array, rows: Array) -> Array:
    """Return one coordinate of the rows (n,), placed between the outermost points.

    Two of the outermost rows come to lie there.

    A plot of some rows only is scaled to their extent, which is near the
    whole map's but isn't that.
    """
    order = np.sort(rows)
    lows, highs = order[:_OUTERMOST], order[-_OUTERMOST:]
    best, placed = np.inf, rows
    for low, high in itertools.product(lows, highs):
        if high <= low:
            continue
        moved = points.min() + (rows - low) / (high - low) * np.ptp(points)
        line = np.sort(moved)
        after = np.clip(np.searchsorted(line, points), 1, len(line) - 1)
        apart = float(np.mean(np.minimum(np.abs(points - line[after - 1]), np.abs(points - line[after]))))
        if apart < best:
            best, placed = apart, moved
    return placed


def _search(points: Array, rows: Array, start: Array, spread: float) -> _Match | None:
    """Match points to the nearest rows and fit again (Besl and McKay 1992).

    It ends when they coincide, or don't come nearer.
    """
    few = points[np.linspace(0, len(points) - 1, min(_SAMPLE, len(points))).astype(int)]
    placed = _approach(few, rows, start, spread)
    placed = _approach(points, rows, placed, spread) if placed is not None else None
    return None if placed is None else _coincident(points, placed, spread)


def _approach(points: Array, rows: Array, start: Array, spread: float) -> Array | None:
    """Return all rows, so placed that most points lie at one; None where they don't come to."""
    placed, before = start, np.inf
    for _ in range(_ROUNDS):
        apart, nearest = cKDTree(placed).query(points)
        good = apart <= _NEAR * spread
        if np.mean(good) >= _MATCHED:  # once more: where it is nearly right, neighbours are taken for each other
            return _placed(rows, nearest[good], points[good])
        good = apart <= np.quantile(apart, 0.7)
        left = float(np.mean(apart[good]))
        if left > _NEARER * before:
            return None
        before = left
        placed = _placed(rows, nearest[good], points[good])
    return None


def _placed(rows: Array, chosen: Array, points: Array) -> Array:
    """Return all rows under the affine map that brings the chosen ones (k,) to the points (k, 2)."""
    design = np.column_stack([rows, np.ones(len(rows))])
    return np.asarray(design @ np.linalg.lstsq(design[chosen], points, rcond=None)[0])


def _coincident(points: Array, placed: Array, spread: float) -> _Match:
    """Return the rows that lie at each point, the nearest first."""
    apart, nearest = cKDTree(placed).query(points, k=min(4, len(placed)))
    candidates = [
        tuple(int(row) for row in line[gap <= _NEAR * spread]) for line, gap in zip(nearest, apart, strict=True)
    ]
    some = [i for i, choices in enumerate(candidates) if choices]
    return _Match(np.array(some), tuple(candidates[i] for i in some))


def _apart(some: Array, others: Array) -> Array:
    """Return the distances between corresponding points."""
    return np.asarray(np.linalg.norm(some - others, axis=1))


def _rows_of_label(texts: list[str], rows: tuple[tuple[int, ...], ...], labels: Array) -> tuple[tuple[int, ...], ...]:
    """Return which of the rows at each point have the label that is drawn there.

    Names of the classes in place of their numbers will do: one name for
    each class, and no two alike.
    """
    different, places = np.unique(labels, return_inverse=True)
    plain = [_plain(label) for label in different.tolist()]
    expected = [plain[place] for place in places.reshape(-1).tolist()]
    shown = [_plain(text) for text in texts]
    numbers = set(plain)
    if not any(text in numbers for text in shown):
        pairs = {(text, expected[choices[0]]) for text, choices in zip(shown, rows, strict=True)}
        names, classes = {text for text, _ in pairs}, {number for _, number in pairs}
        return rows if len(pairs) == len(names) == len(classes) > 1 else ((),) * len(rows)
    return tuple(
        tuple(row for row in choices if row < len(expected) and expected[row] == text)
        for text, choices in zip(shown, rows, strict=True)
    )


def _plain(label: object) -> str:
    """Return a label as text, 7.0 and [7] as 7."""
    return _plain_text(str(label))


@functools.lru_cache(maxsize=4096)
def _plain_text(text: str) -> str:
    """Return a label's number or text, without brackets and spaces.

    The results are cached: a class has a few labels, thousands of times.
    """
    text = text.strip().strip("[]()").strip()
    try:
        return str(int(float(text))) if float(text).is_integer() else text
    except ValueError:
        return text
