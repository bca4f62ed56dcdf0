"""The messages of the hidden checks: the kind of mistake always, details if settings allow.

The details are the layer and the numbers.

No message says how to compute an answer; each says what was expected, what was
found, and what to look at.
"""

from __future__ import annotations

from autograder.checks.failure import CheckFailed
from autograder.checks.meanings import Diagnosis
from autograder.hidden.findings import Finding, MapFinding, PlotFinding
from autograder.hidden.reference import PIXELS

__all__ = ["about_activations", "about_map", "about_plot", "likeness"]

# diagnosis: (what it is, what to look at). {role} is the role's name, such as "deep".
_ACTIVATIONS = {
    Diagnosis.WRONG_LAYER: (
        "holds activations, but of another layer than a {role} one as the exercise describes it",
        "Look at which layer's output was taken, and count from which end",
    ),
    Diagnosis.CLASS_SCORES: (
        "holds the network's class scores, not the activations of a hidden layer",
        "Look at where in the network the scores for the classes are made, and what comes before",
    ),
    Diagnosis.INPUT_PIXELS: (
        "holds the images themselves, not what a layer makes of them",
        "Look at what was assigned, and whether the images went through the network",
    ),
    Diagnosis.DROPOUT_ACTIVE: (
        "holds activations that were computed in training mode: dropout has changed them",
        "Look at how the network was called: activations of inference mode are wanted, the same at each call",
    ),
    Diagnosis.UNSCALED_PIXELS: (
        "holds activations of images on another scale than the network was trained on, which is 0 to 1",
        "Look at the range of the images that went in",
    ),
    Diagnosis.TEST_IMAGES: (
        "holds the activations of test images",
        "The first training images are wanted: look at which images went in",
    ),
    Diagnosis.OTHER_IMAGES: (
        "holds the activations of other images than the first training images",
        "Look at which images went in, and whether one was repeated",
    ),
    Diagnosis.SHUFFLED_ROWS: (
        "holds the activations of the right images in another order",
        "Row by row it has to follow the training images: look for a shuffle or a sort",
    ),
    Diagnosis.TOO_FEW_ROWS: (
        "has rows that were never filled",
        "Look at the last batch, and at the loop's end",
    ),
    Diagnosis.RESCALED_VALUES: (
        "holds values that follow a layer's activations but aren't them: they were scaled, shifted or transformed",
        "The layer's own values are wanted: look at what was done to them afterwards",
    ),
    Diagnosis.POOLED: (
        "holds only a part or a summary of a layer's activations",
        "All of an image's values are wanted: look for a mean, a maximum or an index that reduces them",
    ),
    Diagnosis.TRANSPOSED: (
        "holds a layer's values, but not in the rows of their images",
        "Look at the order of the axes before the shape was changed",
    ),
    Diagnosis.UNKNOWN: (
        "holds values that fit no layer of the network on the first training images",
        "Look at whether it is the loaded network, with its weights, and which images went in",
    ),
}
_MAPS = {
    Diagnosis.EMBEDDING_OF_OTHER_LAYER: (
        "is a t-SNE map, but of another layer than it should be",
        "Look at what was given to t-SNE",
    ),
    Diagnosis.EMBEDDING_OF_PIXELS: (
        "is a t-SNE map of the images' pixels, not of the activations",
        "Look at what was given to t-SNE",
    ),
    Diagnosis.SHUFFLED_ROWS: (
        "is a map whose points don't belong to the images of their rows",
        "Row by row it has to follow the representations: look for a shuffle, a sort, or other images",
    ),
    Diagnosis.NOT_CONVERGED: (
        "is a t-SNE map that was stopped too early: its points are still on their way",
        "Look at the number of iterations and the learning rate",
    ),
    Diagnosis.NOT_TSNE: (
        "is not a t-SNE map of these representations",
        "Look at which method made it, and of what",
    ),
}
_PLOTS = {
    Diagnosis.WRONG_POINTS: (
        "shows other points than the embedding that was handed in",
        "Look at which embedding was given to the plot",
    ),
    Diagnosis.TOO_FEW_POINTS: ("shows too few points", "Look at how many rows were given to the plot"),
    Diagnosis.LABELS_MISALIGNED: (
        "shows the embedding, but with labels that don't belong to its points",
        "The labels have to be those of the same images in the same order: look at which labels were given to the plot",
    ),
}


def about_activations(finding: Finding, name: str, role: str, named: str | None, *, brief: bool) -> CheckFailed:
    """Return the failure for activations that are not what the exercise asks for."""
    kind = Diagnosis(finding.kind)
    what, look = _ACTIVATIONS[kind]
    facts = [f"They are like those of `{finding.layer}`"] if finding.layer and finding.layer != PIXELS else []
    facts += [f"you named `{named}`"] if named and finding.layer and named != finding.layer else []
    facts += [finding.note] if finding.note else []
    return _failure(
        kind, f"`{name}` {what.format(role=role)}", look, facts, None if brief else finding.layer, brief=brief
    )


def about_map(finding: MapFinding, name: str, right: str, *, brief: bool) -> CheckFailed:
    """Return the failure for an embedding; `right` says what it should be a map of."""
    of_what = Diagnosis.EMBEDDING_OF_PIXELS if finding.representation == PIXELS else Diagnosis.EMBEDDING_OF_OTHER_LAYER
    kind = of_what if finding.kind == "other" else Diagnosis(finding.kind)
    what, look = _MAPS[kind]
    facts = [f"It is a map of `{finding.representation}`"] if kind == Diagnosis.EMBEDDING_OF_OTHER_LAYER else []
    facts += [f"it should be one of {right}", *([finding.note] if finding.note else [])]
    detail = finding.representation if kind == Diagnosis.EMBEDDING_OF_OTHER_LAYER and not brief else None
    return _failure(kind, f"`{name}` {what}", look, facts, detail, brief=brief)


def about_plot(finding: PlotFinding, name: str, *, brief: bool) -> CheckFailed:
    """Return the failure for a plot."""
    kind = Diagnosis(finding.kind)
    what, look = _PLOTS[kind]
    return _failure(kind, f"`{name}` {what}", look, [finding.note], None, brief=brief)


def likeness(layer: str | None, named: str | None, *, brief: bool) -> tuple[str, ...]:
    """Return the note of a passing card where another accepted layer than the one named fits."""
    if brief or layer is None or named is None or layer == named:
        return ()
    return (f"The values are those of `{layer}`; you named `{named}`. Both count.",)


def _failure(
    kind: Diagnosis, what: str, look: str, facts: list[str], detail: str | None, *, brief: bool
) -> CheckFailed:
    """Put the sentences together; what was found, with layers and numbers, is left out when brief."""
    words = "; ".join(facts)
    middle = "" if brief or not words else f" {words[0].upper()}{words[1:]}."
    return CheckFailed(kind, f"{what}.{middle} {look}.", detail)
