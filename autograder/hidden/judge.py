"""The hidden checks: compare a student's values with the instructor's own network.

Each check stands alone. It repeats the public check of the same name, and one wrong answer does
not cost the next: an embedding is compared with what was embedded, and a plot with the
embedding that was handed in.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from autograder.assignment.policy import Policy, read_policy
from autograder.checks.cards import Card
from autograder.checks.failure import CheckFailed
from autograder.checks.flatten import check_flat_shape
from autograder.checks.meanings import Diagnosis
from autograder.checks.public import flattening, read_embedding, read_plotted, skipped
from autograder.checks.shapes import check_activations_shape, check_representations_shape
from autograder.checks.values import Array, read_numbers, refuse_unfilled, settle
from autograder.hidden.activations.from_right_images import exact, match_rows, proportional
from autograder.hidden.activations.identify import identify
from autograder.hidden.embeddings.identify import identify_map
from autograder.hidden.embeddings.misplaced_rows import find_misplaced
from autograder.hidden.embeddings.representation import Representation, make_representation, rows_of
from autograder.hidden.evidence import note
from autograder.hidden.excused_plot import right_otherwise
from autograder.hidden.findings import Finding, make_candidate
from autograder.hidden.foundations import as_rows, is_flat, usable
from autograder.hidden.identify_plot import identify_plot, in_numbers
from autograder.hidden.in_words import in_words_of_the_data
from autograder.hidden.measurements import note_layers, note_map, note_shape
from autograder.hidden.messages import about_activations, about_map, about_plot, likeness
from autograder.hidden.network import load_network
from autograder.hidden.noise import follows_images, is_noise
from autograder.hidden.reading_checks import ReadingChecks
from autograder.hidden.reference import PIXELS, Reference

__all__ = ["Judge"]

_HANDED_IN = "the values handed in"
_judges: dict[str, Judge] = {}


class Judge(ReadingChecks):
    """Judge the answers of one assignment.

    Args:
        reference: the instructor's network and images.
    """

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.settings = reference.settings

    @classmethod
    def load(cls, framework: object = None, folder: str | Path = ".") -> Judge:
        """Return the judge for the folder's `assignment.toml`.

        It is the same one as long as the files' contents are.

        Args:
            framework: the keras module, which tests once had to name.
            folder: where `assignment.toml` and the files that it names lie.
        """
        settings = read_policy(Path(folder))
        key = _key(settings)
        if key not in _judges:
            _judges[key] = cls(Reference(load_network(settings), settings))
        return _judges[key]

    def keep(self) -> None:
        """Let `load` return this judge, wherever the files have the same contents as its own."""
        _judges[_key(self.settings)] = self

    @in_words_of_the_data
    def activations(self, value: object, name: str, *, role: str, named: object = None, below: object = None) -> Card:
        """Require a layer's activations that the role accepts, on the first images, in inference mode.

        Args:
            value: the activations.
            name: their variable.
            role: which layers are accepted, and whether the rows have
                to be flat.
            named: the layer that the student says it is: a name, an index or a
                layer. Any accepted one passes.
            below: the layer that another exercise's answer names: hidden
                layers that lie lower are accepted too.

        Raises:
            CheckFailed: any diagnosis about activations.
        """
        array = read_numbers(value, name)
        check = check_representations_shape if role in self.settings.flat else check_activations_shape
        note_shape(array, name, self._shapes(role, below, flat=role in self.settings.flat))
        check(array.shape, name, self.settings.images)
        said = self._layer_name(named)
        accepted = self._accepted(role, below)
        refuse_unfilled(settled := settle(array, name), name)
        finding = identify(settled, self.reference, (*([said] if said else []), *accepted))
        note_layers(settled, self.reference, finding, accepted)
        return self._verdict(finding, name, role, said, accepted)

    @in_words_of_the_data
    def flattening(self, value: object, name: str, *, of: object, role: str, below: object = None) -> Card:
        """Require the handed-in activations as flat rows; an accepted layer's where none were handed in.

        Args:
            value: the flat array.
            name: its variable.
            of: the activations that were to be flattened.
            role: which layers are accepted where `of` can't be used.
            below: as in `activations`.

        Raises:
            CheckFailed: any diagnosis about flattening.
        """
        if (source := usable(of)) is None:
            note_shape(value, name, self._shapes(role, below, flat=True))
            return self._flattening_alone(value, name, role, self._accepted(role, below))
        note_shape(value, name, [(len(source), source.size // len(source))])
        card = flattening(value, name, source, "the activations")
        if self._is_noise(of):
            raise CheckFailed(
                Diagnosis.NOT_THESE_ACTIVATIONS,
                f"`{name}` has the values of the activations that were handed in, but these have nothing to do with the "
                "images: no layer's activations were flattened. Look at what was assigned to both.",
            )
        return card

    @in_words_of_the_data
    def embedding(self, value: object, name: str, *, of: object, role: str, below: object = None) -> Card:
        """Require a t-SNE map of what was embedded, row for row.

        Where that can't be used, or isn't what the role asks for (a mistake that has its own
        check), a map of an accepted layer will do too.

        Args:
            value: the embedding.
            name: its variable.
            of: the representations that were embedded.
            role: which layers are accepted where `of` is none of them.
            below: as in `activations`.

        Raises:
            CheckFailed: any diagnosis about embeddings.
            CheckSkipped: there is nothing to compare with.
        """
        note_shape(value, name, [(self.settings.images, 2)])
        points = read_embedding(value, name, self.settings.images, of)
        accepted = self._firsts(self._accepted(role, below)) if len(points) == self.settings.images else []
        others = self._firsts(tuple(self.reference.layers)) if accepted else []
        own = self._embedded(of, len(points))
        layers = [] if own in accepted and is_flat(of, len(points)) else [name for name in accepted if name != own]
        right = [*([] if own is None else [own]), *layers]
        if not right:
            raise skipped(name, "the representations")
        # Neighbourhoods are made of those alone that are asked for: where the first
        # holds the map, of no other.
        compared: dict[str, Representation] = {}

        def sources() -> Iterator[Representation]:
            """Yield what it may be a map of, and note it."""
            for source in map(self._representation, right):
                compared[source.name] = source
                yield source

        finding = identify_map(points, sources(), map(self._representation, others))
        note_map(points, list(map(self._representation, right)), map(self._representation, others), finding)
        if finding.kind == "map":
            source = compared[finding.representation or ""]
            # Of rows that are no layer's, nobody knows which image each is of, nor how well a map can show them.
            known = source.name in self.reference.layers
            misplaced = find_misplaced(points, source, self.reference.labels[: self.settings.images]) if known else None
            if misplaced is None:
                return Card(
                    "passed",
                    f"`{name}` is a t-SNE map of {'the representations' if own is not None else 'an accepted layer'}, row for row.",
                )
            finding = misplaced
        names = [one if isinstance(one, str) else one.name for one in right]
        raise about_map(finding, name, _words(names), brief=self.settings.brief)

    @in_words_of_the_data
    def plot(self, value: object, name: str, *, of: object, reps: object = None) -> Card:
        """Require a plot of the embedding that was handed in, each point with its image's label.

        Where rows are of other images than they should be, or the embedding's were moved after the
        plot, the mistake has its own check: the labels of the images that are shown will do.

        Args:
            value: the Axes, or a record of what it shows.
            name: its variable.
            of: the embedding.
            reps: the representations that were embedded: they tell which image each row is of.

        Raises:
            CheckFailed: any diagnosis about plots.
            CheckSkipped: there is no embedding to compare with.
        """
        plotted = read_plotted(value, name, self.settings.points)
        if (shown := usable(of)) is None:
            raise skipped(name, "the embedding")
        for drawn in in_numbers(plotted, self.settings.classes):
            finding = identify_plot(drawn, shown, self.reference.labels, self.settings.points)
            if finding.kind != Diagnosis.LABELS_MISALIGNED:
                break
        else:
            finding = right_otherwise(drawn, shown, self._rows(reps), self.reference) or finding
        note(
            "what it shows",
            f"{finding.kind.replace('_', ' ')}: {finding.note}",
            f"at least {self.settings.points} points",
        )
        if not follows_images(shown, self.reference) and self._is_noise(reps):
            raise CheckFailed(
                Diagnosis.WRONG_POINTS,
                f"`{name}` shows points that have nothing to do with the images, and neither has what was embedded. "
                "Look at where the values come from.",
            )
        if finding.kind == "plot":
            return Card("passed", f"`{name}` shows the embedding with its labels: {finding.note}.")
        raise about_plot(finding, name, brief=self.settings.brief)

    def _rows(self, of: object) -> Array | None:
        """Return representations as (images, d), however they were handed in; None if impossible."""
        array = usable(of)
        return None if array is None else as_rows(array, self.settings.images)

    def _is_noise(self, of: object) -> bool:
        """Return whether representations were handed in that have nothing to do with the images."""
        flat = self._rows(of)
        return flat is not None and is_noise(flat, self.reference)

    def _accepted(self, role: str, below: object = None) -> tuple[str, ...]:
        """Return the names of the layers that the role accepts, and of hidden layers below another one.

        Their order decides among layers that have the same values.
        """
        accepted, order = tuple(self.settings.roles[role]), list(self.reference.layers)
        limit = self._layer_name(below)
        hidden = [name for names in self.settings.roles.values() for name in names]
        lower = order[: order.index(limit)] if limit else []
        return (*accepted, *(name for name in lower if name in hidden and name not in accepted))

    def _shapes(self, role: str, below: object, *, flat: bool) -> Iterator[tuple[int, ...]]:
        """Yield the shapes of the accepted layers' activations, flat or as they come."""
        for layer in self._accepted(role, below):
            shape = self.reference.layers[layer].shape
            yield (self.settings.images, *([int(np.prod(shape))] if flat else shape))

    def _firsts(self, names: tuple[str, ...]) -> list[str]:
        """Return the layers' names, of those with the same values the first."""
        return list(dict.fromkeys(self.reference.layers[name].first for name in names))

    def _representation(self, of: str | Representation) -> Representation:
        """Return the neighbourhoods of a layer; what are some already, as they are."""
        return self.reference.layers[of].representation if isinstance(of, str) else of

    def _embedded(self, of: object, rows: int) -> str | Representation | None:
        """Return what was embedded, as far as it can be read: wrong shapes are other checks' business.

        A layer's name is returned where its map would be the same: its
        neighbourhoods are there already.
        """
        array = usable(of)
        flat = None if array is None else as_rows(array, rows)
        if flat is None or rows < 10:
            return None
        if rows == self.settings.images:
            candidate = make_candidate(flat, self.reference, ())
            finding = exact(candidate)
            if finding is not None and finding.layer is not None:
                return self.reference.layers[finding.layer].first
            if (alike := proportional(candidate)) is not None:
                return alike.first
            if (found := match_rows(candidate)) is not None:
                return rows_of(found[0].representation, _HANDED_IN, found[1], lambda: flat)
        return make_representation(_HANDED_IN, flat, lambda: flat) if np.ptp(flat[:2]) > 0 or np.ptp(flat) > 0 else None

    def _flattening_alone(self, value: object, name: str, role: str, accepted: tuple[str, ...]) -> Card:
        """Judge flat rows against the accepted layers."""
        array = read_numbers(value, name)
        widths = {int(np.prod(self.reference.layers[layer].shape)) for layer in accepted}
        fits = [width for width in widths if width * self.settings.images == array.size]
        check_flat_shape(array.shape, name, self.settings.images, fits[0] if fits else None)
        settled = settle(array, name)
        kind = Diagnosis.NOT_THESE_ACTIVATIONS
        if len(array) == self.settings.images:
            finding = identify(settled, self.reference, accepted)
            if finding.kind == "layer" and finding.layer in accepted:
                return Card("passed", f"`{name}` are all of a layer's activations, one flat row for each image.")
            kind = _AS_FLATTENING.get(finding.kind, kind)
        raise CheckFailed(
            kind,
            f"`{name}` has shape {array.shape}; there are no activations to compare it with, and it isn't a {role} layer's, "
            "one flat row for each image. Look at what was flattened, and how.",
        )

    def _layer_name(self, named: object) -> str | None:
        """Return the name of the layer that the student means; None where it can't be told."""
        names = [name for name in self.reference.layers if name != PIXELS]
        if isinstance(named, (int, np.integer)) and -len(names) <= named < len(names):
            return names[int(named)]
        try:
            text = named if isinstance(named, str) else getattr(named, "name", None)
        except Exception:  # a student's object may raise anything
            return None
        return text if isinstance(text, str) and text in names else None

    def _verdict(self, finding: Finding, name: str, role: str, named: str | None, accepted: tuple[str, ...]) -> Card:
        """Turn a finding into a passing card or a failure.

        A wrong layer is reported before what was done to its values.
        """
        scores = self.settings.class_scores
        kind, layer = finding.kind, finding.layer
        if kind == "layer" and layer in accepted:
            text = f"`{name}` holds the activations of a {role} layer, as the exercise asks for."
            return Card("passed", text, likeness(layer, named, brief=self.settings.brief))
        if finding.certain and kind not in _WHATEVER_LAYER:
            if layer == PIXELS:
                kind = Diagnosis.INPUT_PIXELS
            elif layer in scores:
                kind = Diagnosis.CLASS_SCORES
            elif kind == "layer" or layer not in accepted:
                kind = Diagnosis.WRONG_LAYER
        found = Finding(kind, layer, finding.note)
        raise about_activations(found, name, role, named, brief=self.settings.brief)


def _key(settings: Policy) -> str:
    """Return a digest of the settings, and of the files that they name."""
    digest = hashlib.sha256(repr(settings).encode())
    for file in settings.files:
        state = file.stat()
        digest.update(_digest_of(file.resolve(), state.st_mtime_ns, state.st_size))
    return digest.hexdigest()


@functools.lru_cache(maxsize=64)
def _digest_of(file: Path, changed: int, size: int) -> bytes:
    """Return a digest of a file's content, read again only where its time or its size is another."""
    return hashlib.sha256(file.read_bytes()).digest()


# What is wrong with flat rows, by what they turned out to be as activations.
_AS_FLATTENING: dict[str, Diagnosis] = {
    Diagnosis.POOLED: Diagnosis.POOLED,
    Diagnosis.TRANSPOSED: Diagnosis.MIXED_SAMPLES,
}
# Mistakes that come before the choice of the layer.
_WHATEVER_LAYER = (Diagnosis.POOLED, Diagnosis.TRANSPOSED, Diagnosis.UNKNOWN)


def _words(right: list[str]) -> str:
    """Return what a map should be of."""
    names = [name if name.startswith("the ") else f"`{name}`" for name in right]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
