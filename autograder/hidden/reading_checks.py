"""The hidden checks of readings: what a student says of a map, against the map that was handed in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from autograder.checks.cards import Card
from autograder.checks.failure import CheckFailed
from autograder.checks.meanings import Diagnosis
from autograder.checks.public import skipped
from autograder.checks.readings import read_indices, read_pairs
from autograder.hidden.embeddings.identify import identify_map
from autograder.hidden.evidence import note
from autograder.hidden.foundations import usable
from autograder.hidden.in_words import in_words_of_the_data
from autograder.hidden.map_reading import MapReading
from autograder.hidden.reference import PIXELS, Reference

if TYPE_CHECKING:
    from autograder.assignment.policy import Policy
    from autograder.hidden.embeddings.representation import Representation

__all__ = ["ReadingChecks"]

_LEAST_IMAGES = 3
_LEAST_PAIRS = 2
_LEAST_CLASSES = 3  # with two, there is one pair
_AXES = 2

Pair = tuple[int, int]


class ReadingChecks:
    """The part of `Judge` that is about readings.

    A map that is wrong has its own check: it is read here as it is.
    """

    reference: Reference
    settings: Policy

    @in_words_of_the_data
    def strays(self, value: object, name: str, *, of: object, reps: object = None) -> Card:
        """Require plotted images that lie among another class's in a map, at least three where the map has them.

        Args:
            value: their indices.
            name: their variable.
            of: the map, (n, 2).
            reps: what it is a map of.

        Raises:
            CheckFailed: `missing`, `wrong_type`, `not_a_stray` or `too_few_readings`.
            CheckSkipped: there is no map to read.
        """
        named = read_indices(value, name, self.settings.images)
        reading = self._reading(of, reps, name)
        for index in named:
            count, own = reading.neighbours_of(index) if index < len(reading.points) else (0, 0)
            if index >= reading.plotted:
                raise CheckFailed(
                    Diagnosis.NOT_A_STRAY,
                    f"`{name}` names image {index}, which is not in the plot: it shows the first {reading.plotted}. "
                    "Look at how the index was found.",
                )
            note(
                f"image {index}",
                f"{own} of its {count} nearest points are {self._class(reading, index)}",
                "at most half",
            )
            if not reading.could_be_stray(index):
                raise self._failed(
                    Diagnosis.NOT_A_STRAY,
                    f"`{name}` names an image that lies among its own class in your map",
                    f"Image {index} is a {self._class(reading, index)}, and so are {own} of its {count} nearest points",
                    "Look at whose points lie around it, and at its index",
                    str(index),
                )
        self._enough(len(named), min(_LEAST_IMAGES, len(reading.sure_strays)), name, "image")
        return Card("passed", f"Each image in `{name}` lies among another class's in the map.")

    @in_words_of_the_data
    def borders(self, value: object, name: str, *, of: object, reps: object = None) -> Card:
        """Require pairs of classes whose groups touch or mix in a map, at least two.

        Args:
            value: pairs of labels.
            name: their variable.
            of: the map, (n, 2).
            reps: what it is a map of.

        Raises:
            CheckFailed: `missing`, `wrong_type`, `not_bordering` or `too_few_readings`.
            CheckSkipped: there is no map to read.
        """
        named = self._pairs(value, name)
        reading = self._reading(of, reps, name)
        for pair in named:
            self._note_border(reading, pair)
            if not reading.could_border(pair):
                raise self._failed(
                    Diagnosis.NOT_BORDERING,
                    f"`{name}` names a pair whose groups neither touch nor mix in your map",
                    self._apart(reading, pair),
                    "Look at which groups lie side by side, with nothing or next to nothing between them",
                    self._words(pair),
                )
        self._enough(len(named), min(_LEAST_PAIRS, self._most_pairs(reading)), name, "pair")
        return Card("passed", f"The groups of each pair in `{name}` touch or mix in the map.")

    @in_words_of_the_data
    def survives(
        self, value: object, name: str, *, among: object, maps: tuple[object, object], of: object = None
    ) -> Card:
        """Require those of the pairs that border in one map whose groups touch or mix in another one too.

        That the second is a map of the same representations is `embedding`'s to say.

        Args:
            value: pairs of labels.
            name: their variable.
            among: the pairs that were read off the first map.
            maps: both maps, (n, 2) each.
            of: what both are maps of.

        Raises:
            CheckFailed: `missing`, `wrong_type`, `does_not_survive` or `survives`.
            CheckSkipped: a map is missing, or nothing was read off the first one.
        """
        before, after = (self._reading(each, of, name) for each in maps)
        if before.points.shape == after.points.shape and np.allclose(before.points, after.points):
            raise CheckFailed(
                Diagnosis.MISSING,
                "There is no second map: it is the same as the first one. Expected another one of the same activations: "
                'start t-SNE elsewhere, by `init="random"` and another `random_state`.',
            )
        named = self._pairs(value, name)
        asked = self._asked(among, before, name)
        for pair in named:
            self._note_border(after, pair)
            if not (after.could_border(pair) and (pair in asked or before.could_border(pair))):
                where = "the second map" if not after.could_border(pair) else "the first map"
                raise self._failed(
                    Diagnosis.DOES_NOT_SURVIVE,
                    f"`{name}` names a pair whose groups neither touch nor mix in {where}",
                    self._apart(after if where == "the second map" else before, pair),
                    "Look at both maps: what one of them shows need not hold in the other",
                    self._words(pair),
                )
        for pair in asked:
            if pair not in named and before.surely_borders(pair) and after.surely_borders(pair):
                raise self._failed(
                    Diagnosis.SURVIVES,
                    f"`{name}` leaves out a pair whose groups border in the second map too",
                    self._together(after, pair),
                    "Look at each pair of the first map once more",
                    self._words(pair),
                )
        return Card("passed", f"`{name}` says which pairs border in both maps.")

    @in_words_of_the_data
    def moved(self, value: object, name: str, *, before: object, after: object, reps: object = None) -> Card:
        """Require images that lie among others in the pixels' map, and among their own class in a layer's.

        At least three are wanted where the maps have them.

        Args:
            value: their indices.
            name: their variable.
            before: the map of the pixels, (n, 2).
            after: the layer's map, (n, 2).
            reps: what that one is a map of.

        Raises:
            CheckFailed: `missing`, `wrong_type`, `not_moved` or `too_few_readings`.
            CheckSkipped: there is no map to read.
        """
        named = read_indices(value, name, self.settings.images)
        then, now = self._reading(before, None, name, PIXELS), self._reading(after, reps, name)
        if identify_map(then.points, iter([self._representation(PIXELS)]), iter([])).kind != "map":
            raise CheckFailed(
                Diagnosis.MISSING,
                "The map of the pixels isn't there any more: its name was given to something else. "
                "Look at where it is assigned again.",
            )
        for index in named:
            self._refuse_unmoved(index, name, then, now)
        surely = [index for index in then.sure_strays if index < len(now.points) and now.surely_own[index]]
        self._enough(len(named), min(_LEAST_IMAGES, len(surely)), name, "image")
        return Card(
            "passed", f"Each image in `{name}` lies among others by its pixels, and among its own in the layer."
        )

    def _refuse_unmoved(self, index: int, name: str, then: MapReading, now: MapReading) -> None:
        """Raise where an image lies among its own class already, or not yet."""
        for reading, where, wrong in (
            (then, "among its own class in the map of the pixels already", not then.could_be_stray(index)),
            (now, "among others in the layer's map", index >= len(now.points) or not now.could_be_own(index)),
        ):
            count, own = reading.neighbours_of(index) if index < len(reading.points) else (0, 0)
            note(f"image {index}", f"{own} of its {count} nearest points are of its class", where)
            if wrong:
                raise self._failed(
                    Diagnosis.NOT_MOVED,
                    f"`{name}` names an image that lies {where}",
                    f"Image {index} is a {self._class(reading, index)}: {own} of its {count} nearest points there are too",
                    "Look at its place in both maps",
                    str(index),
                )

    def _reading(self, of: object, reps: object, name: str, layer: str | None = None) -> MapReading:
        """Return a map to read.

        Raises:
            CheckSkipped: there is none.
        """
        points = usable(of)
        labels = self.reference.labels
        if points is None or points.ndim != _AXES or points.shape[1] != _AXES or not 10 < len(points) <= len(labels):
            raise skipped(name, "the map")
        source = self._embedded(reps, len(points)) if layer is None else layer
        squared = None if source is None else self._representation(source).squared
        if squared is not None and len(squared) != len(points):
            squared = None
        shown = min(self.settings.points, len(points))
        return MapReading(points.astype(np.float64), labels[: len(points)].astype(np.int64), shown, squared)

    def _pairs(self, value: object, name: str) -> tuple[Pair, ...]:
        """Return the pairs that are named."""
        labels: list[int] = np.unique(self.reference.every_label).tolist()
        return read_pairs(value, name, labels, self.settings.classes)

    def _asked(self, among: object, before: MapReading, name: str) -> tuple[Pair, ...]:
        """Return the pairs that were read off the first map.

        Raises:
            CheckSkipped: there are none, or none that borders there.
        """
        try:
            asked = self._pairs(among, "the pairs of the first map")
        except CheckFailed:
            asked = ()
        if not any(map(before.could_border, asked)):
            raise skipped(name, "pairs that border in the first map")
        return asked

    def _most_pairs(self, reading: MapReading) -> int:
        """Return how many pairs of classes there are at least."""
        classes = len(np.unique(reading.labels[: reading.plotted]))
        return _LEAST_PAIRS if classes >= _LEAST_CLASSES else classes - 1

    def _enough(self, count: int, least: int, name: str, what: str) -> None:
        """Raise where fewer are named than the map has for every reader."""
        note("named", count, f"at least {least}")
        if count < least:
            raise CheckFailed(
                Diagnosis.TOO_FEW_READINGS,
                f"`{name}` names {count} {what}{'s' * (count != 1)}. Expected at least {least}: your map shows as many. "
                "Look at it again, group by group.",
            )

    def _note_border(self, reading: MapReading, pair: Pair) -> None:
        """Note how two groups lie to each other."""
        seen = reading.border(pair)
        found = f"{seen.contacts} points with the other among their neighbours, a gap of {seen.gap:.2f} group lengths"
        note(self._words(pair), found, "a point, or a gap of 1")

    def _apart(self, reading: MapReading, pair: Pair) -> str:
        """Say how far two groups are apart."""
        seen = reading.border(pair)
        if not np.isfinite(seen.gap):
            return f"{self._words(pair)}: none of their points lie near each other"
        return f"{self._words(pair)}: the gap between them is {seen.gap:.1f} times as wide as the smaller one is long"

    def _together(self, reading: MapReading, pair: Pair) -> str:
        """Say how two groups mix."""
        return (
            f"{self._words(pair)}: {reading.border(pair).contacts} points have points of the other among their nearest"
        )

    def _words(self, pair: Pair) -> str:
        """Return a pair in words."""
        return " and ".join(map(self._name, pair))

    def _class(self, reading: MapReading, index: int) -> str:
        """Return an image's class in words."""
        return self._name(int(reading.labels[index])) if index < len(reading.labels) else "?"

    def _name(self, label: int) -> str:
        """Return a class in words."""
        return self.settings.classes[label] if label < len(self.settings.classes) else str(label)

    def _failed(self, kind: Diagnosis, what: str, fact: str, look: str, detail: str) -> CheckFailed:
        """Put the sentences together; what was found is left out when brief."""
        brief = self.settings.brief
        return CheckFailed(kind, f"{what}.{'' if brief else f' {fact}.'} {look}.", None if brief else detail)

    # What `Judge` has.

    def _embedded(self, of: object, rows: int) -> str | Representation | None:
        raise NotImplementedError

    def _representation(self, of: str | Representation) -> Representation:
        raise NotImplementedError
