"""Readings of maps, right and wrong, made by a reader that knows nothing of the checks."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from autograder.assess.specimen import Specimen
from autograder.checks.meanings import Diagnosis
from autograder.hidden.judge import Judge
from autograder.hidden.reference import PIXELS

if TYPE_CHECKING:
    from autograder.assess.specimens import Bench

__all__ = ["readings"]

Array = NDArray[Any]
Pair = tuple[int, int]

_NEIGHBOURS = 8
_FEW = 3


def readings(bench: Bench, role: str) -> Iterator[Specimen]:
    """Yield readings of a map of the role's last layer, and mistakes with each."""
    layer = bench.of_role(role)[-1]
    yield from _strays(bench, role, layer)
    yield from _borders(bench, role, layer)
    yield from _survivors(bench, role, layer)
    yield from _moved(bench, role, layer)


def _made(check: str, role: str, name: str, ask: Callable[[Judge], object], *said: Diagnosis, layer: str) -> Specimen:
    return Specimen(f"{role}: {name}", check, ask, frozenset(map(str, said)), f"{role} {layer}")


def _strays(bench: Bench, role: str, layer: str) -> Iterator[Specimen]:
    """Yield images that lie among others, and images that don't."""

    def ask(choose: Callable[[Array], Any]) -> Callable[[Judge], object]:
        return lambda judge: judge.strays(
            choose(_own(bench, layer)), "strays", of=bench.map(layer), reps=bench.flat(layer)
        )

    made = functools.partial(_made, "strays", role, layer=layer)
    yield made("strays by neighbours", ask(lambda own: np.flatnonzero(own <= 0.4)))
    yield made("strays by neighbours, as text of numbers", ask(lambda own: set(np.flatnonzero(own <= 0.4).tolist())))
    yield made("images amid their class", ask(lambda own: np.flatnonzero(own == 1)[:_FEW]), Diagnosis.NOT_A_STRAY)
    yield made("all images", ask(lambda own: np.arange(len(own))), Diagnosis.NOT_A_STRAY)
    yield made("strays: nothing", ask(lambda own: None), Diagnosis.MISSING)
    yield made("strays: a sentence", ask(lambda own: "some of them"), Diagnosis.WRONG_TYPE)


def _borders(bench: Bench, role: str, layer: str) -> Iterator[Specimen]:
    """Yield pairs that lie side by side, and pairs that lie far apart."""

    def ask(choose: Callable[[list[Pair]], Any]) -> Callable[[Judge], object]:
        return lambda judge: judge.borders(
            choose(_pairs(bench, bench.map(layer))), "borders", of=bench.map(layer), reps=bench.flat(layer)
        )

    made = functools.partial(_made, "borders", role, layer=layer)
    yield made("the closest pairs", ask(lambda pairs: pairs[:2]))
    yield made("the closest pairs, the larger label first", ask(lambda pairs: [(b, a) for a, b in pairs[:2]]))
    yield made("one pair", ask(lambda pairs: pairs[:1]), Diagnosis.TOO_FEW_READINGS)
    yield made("borders: labels, and no pairs", ask(lambda pairs: [1]), Diagnosis.WRONG_TYPE)
    if _apart(bench, layer):
        yield made(
            "a pair that lies far apart",
            ask(lambda pairs: [*pairs[:2], _apart(bench, layer)[-1]]),
            Diagnosis.NOT_BORDERING,
        )


def _survivors(bench: Bench, role: str, layer: str) -> Iterator[Specimen]:
    """Yield what holds in a second map, and what doesn't."""

    def ask(choose: Callable[[list[Pair]], Any], second: int = 1) -> Callable[[Judge], object]:
        def hand_in(judge: Judge) -> object:
            maps = bench.map(layer), bench.map(layer, second)
            before, after = (_pairs(bench, each) for each in maps)
            among = before[:2]
            value = choose([pair for pair in among if pair in after[:4]])
            return judge.survives(value, "again", among=among, maps=maps, of=bench.flat(layer))

        return hand_in

    made = functools.partial(_made, "survives", role, layer=layer)
    yield made("what lies close in both maps", ask(lambda pairs: pairs))
    yield made("the same map twice", ask(lambda pairs: pairs, 0), Diagnosis.MISSING)
    yield made("a second map: nothing said of it", ask(lambda pairs: None), Diagnosis.MISSING)
    if _apart(bench, layer, 1):
        yield made(
            "a pair far apart in the second map",
            ask(lambda pairs: [_apart(bench, layer, 1)[-1]]),
            Diagnosis.DOES_NOT_SURVIVE,
        )


def _moved(bench: Bench, role: str, layer: str) -> Iterator[Specimen]:
    """Yield images that came to their own class, and images that were there already."""

    def ask(choose: Callable[[Array, Array], Any]) -> Callable[[Judge], object]:
        def hand_in(judge: Judge) -> object:
            value = choose(_own(bench, PIXELS), _own(bench, layer))
            return judge.moved(value, "moved", before=bench.map(PIXELS), after=bench.map(layer), reps=bench.flat(layer))

        return hand_in

    made = functools.partial(_made, "moved", role, layer=layer)
    yield made("what moved", ask(lambda then, now: np.flatnonzero((then <= 0.4) & (now >= 0.75))))
    yield made(
        "what lay amid its class before",
        ask(lambda then, now: np.flatnonzero((then == 1) & (now == 1))[:_FEW]),
        Diagnosis.NOT_MOVED,
    )
    yield made("all that were looked at", ask(lambda then, now: np.arange(len(then))), Diagnosis.NOT_MOVED)


def _own(bench: Bench, layer: str) -> Array:
    """Return which part of each plotted point's neighbours is of its class."""
    points, labels = bench.map(layer)[: bench.settings.points], bench.labels[: bench.settings.points]
    near = cKDTree(points).query(points, _NEIGHBOURS + 1)[1][:, 1:]
    return np.asarray((labels[near] == labels[:, None]).mean(axis=1))


def _pairs(bench: Bench, points: Array) -> list[Pair]:
    """Return the pairs of classes, those whose middles lie closest first."""
    labels = bench.labels[: bench.settings.points]
    middle = {label: np.median(points[: len(labels)][labels == label], axis=0) for label in np.unique(labels).tolist()}
    pairs = [(one, other) for one in middle for other in middle if one < other]
    return sorted(pairs, key=lambda pair: float(np.linalg.norm(middle[pair[0]] - middle[pair[1]])))


def _apart(bench: Bench, layer: str, number: int = 0) -> list[Pair]:
    """Return pairs that no reader would call neighbours: no point of either comes near one of the other.

    Those that lie farthest apart come last.
    """
    points, labels = bench.map(layer, number), bench.labels
    groups = {label: points[labels == label] for label in np.unique(labels).tolist()}
    length = {label: float(np.linalg.norm(group.std(axis=0))) for label, group in groups.items()}
    return [
        (one, other)
        for one, other in _pairs(bench, points)
        if cdist(groups[one], groups[other]).min() > 3 * max(length[one], length[other])
    ]
