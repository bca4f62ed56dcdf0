"""Measure, for people who ask, what checks decide by: how near a layer is, how well a map keeps neighbours.

Verdicts are made elsewhere; what is measured here is by the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autograder.checks.failure import CheckFailed
from autograder.checks.meanings import NEIGHBOURS
from autograder.checks.sketches import SAME, row_errors
from autograder.checks.values import Array, read_numbers
from autograder.hidden.embeddings.affinities import PERPLEXITY, affinities
from autograder.hidden.embeddings.balance import BALANCED, Balance
from autograder.hidden.embeddings.forces import Embedding, divergence, map_neighbours, with_forces
from autograder.hidden.embeddings.identify import KEPT, SCALE
from autograder.hidden.embeddings.representation import EVERY_PAIR, VARIANTS, Representation, share_of_nearest
from autograder.hidden.evidence import is_collected, note
from autograder.hidden.findings import Finding, MapFinding, make_candidate
from autograder.hidden.reference import Reference

__all__ = ["note_layers", "note_map", "note_shape"]

_NEAREST = 4  # layers that activations are compared with
_OTHERS = 2  # representations, beside those that should be embedded, that a map is compared with


def note_shape(value: object, name: str, right: Iterable[tuple[int, ...]]) -> None:
    """Note the shape of an answer, and those that are right.

    Args:
        value: what was assigned.
        name: the variable.
        right: the shapes that are right.
    """
    if not is_collected():
        return
    try:
        found = str(read_numbers(value, name).shape)
    except CheckFailed:
        found = f"no numbers, but {type(value).__name__}"
    note(f"shape of `{name}`", found, f"right: {' or '.join(map(str, dict.fromkeys(right)))}")


def note_layers(array: Array, reference: Reference, finding: Finding, accepted: Sequence[str]) -> None:
    """Note what activations are, which layers they are nearest to, and which are accepted.

    Args:
        array: (n, ...) finite floats.
        reference: the network and images.
        finding: what they were found to be.
        accepted: the layers that pass.
    """
    if not is_collected():
        return
    layer = "" if finding.layer is None else f" of `{finding.layer}`"
    kind = "the activations" if finding.kind == "layer" else finding.kind.replace("_", " ")
    note("what it is", f"{kind}{layer}" + (f": {finding.note}" if finding.note else ""))
    candidate = make_candidate(array, reference, tuple(accepted))
    errors = {
        layer.name: float(row_errors(candidate.flat, candidate.sketch, layer.sketch).max())
        for layer in candidate.rivals
    }
    for name in sorted(errors, key=lambda name: errors[name])[:_NEAREST]:
        note(f"largest difference of a row from `{name}`'s", f"{errors[name]:.2g} of the spread", f"at most {SAME:g}")
    if not errors:
        note("nearest layer", f"none has {candidate.flat.shape[1]} values for each image")
    for name in accepted:
        note("accepted", f"`{name}`", f"shape {(len(array), *reference.layers[name].shape)}")


def note_map(
    points: Array, right: Sequence[Representation], others: Iterable[Representation], finding: MapFinding
) -> None:
    """Note how true a map is to what it should be of, and to what else it may be of.

    Args:
        points: (n, 2) finite.
        right: what it should be a map of.
        others: what else it may be.
        finding: what it was found to be.
    """
    if not is_collected():
        return
    source = "" if finding.representation is None else f" of {_named(finding.representation)}"
    kind = {"map": "a t-SNE map", "other": "a t-SNE map"}.get(finding.kind, finding.kind.replace("_", " "))
    note("what it is", f"{kind}{source}" + (f": {finding.note}" if finding.note else ""))
    embedding = with_forces(points)
    low, high = SCALE
    note("standard deviation of its coordinates", f"{points.std():.3g}", f"t-SNE's maps: {low:g} to {high:g}")
    marks = map_neighbours(embedding, NEIGHBOURS)
    shares = {each.name: share_of_nearest(each, "euclidean", marks) or 0.0 for each in right}
    wanted, sources = set(shares), {each.name: each for each in right}
    for other in others:
        if other.name not in shares:
            shares[other.name], sources[other.name] = share_of_nearest(other, "euclidean", marks) or 0.0, other
    shown = sorted(shares, key=lambda name: (name not in wanted, -shares[name]))[: len(wanted) + _OTHERS]
    for name in shown:
        _note_source(embedding, sources[name], shares[name], wanted=name in wanted)


def _note_source(embedding: Embedding, source: Representation, share: float, *, wanted: bool) -> None:
    """Note how well a map shows one representation, and what one of it has to reach."""
    named = f"{_named(source.name)}, which should be embedded" if wanted else f"{_named(source.name)}, another layer"
    least, most = (f"at least {KEPT:.0%}", f"a finished map of it: at most {BALANCED:g}") if wanted else ("", "")
    note(f"nearest neighbours kept of {named}", f"{share:.0%} of {NEIGHBOURS}", least)
    left = Balance(embedding, source).least((VARIANTS[0], EVERY_PAIR))
    note(f"imbalance under {named}", f"{left:.3g}", most)
    own = affinities(source, perplexity=min(PERPLEXITY, (len(source.squared) - 1) / 3))
    if own is not None:
        points = embedding.points
        note(f"Kullback-Leibler divergence from {named}", f"{divergence(with_forces(points / points.std()), own):.3g}")


def _named(name: str) -> str:
    """Return a representation's name as texts have it."""
    return name if name.startswith("the ") else f"`{name}`"
