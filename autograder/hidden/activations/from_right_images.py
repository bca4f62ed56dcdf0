"""Ways in which an array can come from a layer's activations on the right images.

Each function looks at one way and returns a finding, or None where it isn't that.
"""

from __future__ import annotations

import numpy as np

from autograder.checks.meanings import Diagnosis
from autograder.checks.sketches import SAME, match_columns, order_of_columns, row_errors
from autograder.checks.values import Array
from autograder.hidden.embeddings.representation import make_representation, products_of
from autograder.hidden.findings import Candidate, Finding, some_columns
from autograder.hidden.reference import Layer

__all__ = [
    "derived",
    "dropout",
    "exact",
    "function_of",
    "match_rows",
    "parts",
    "pooled",
    "proportional",
    "rescaled",
    "rows_moved",
    "unfilled",
    "values_moved",
]

# Correlation of a row, over its features, with the layer's row, both less the columns' means.
# Measured for training mode: 0.55 (two dropouts, rates 0.25 and 0.5) to 0.99; another image's row
# has 0.0 to 0.2 on average.
_NOISY = 0.4
# Rank correlation over single values: a function of the values has 1, training mode at most 0.99.
_MONOTONE = 0.996
# Correlation of the inner products between rows, for few columns and for as many as the layer has.
# Measured: PCA to 50, log, clipping 0.8 and more; t-SNE's own map 0.6; an untrained network's layer
# at most 0.6; chance 0.0.
_ALIGNED = (0.5, 0.65)
_REDUCED = 60  # columns
# Part of the difference that is the same for all images. Measured for training mode: at most 0.25;
# for images on another scale, or squared, 0.5 and more.
_DRIFT = 0.4
# Shift of the features' means, as a part of the rows' spread. Measured: rounding to three decimals at
# most 1.4e-3, to two 2.4e-3; a dense layer without its bias 6.8e-3, its ReLU 5.3e-3.
_SHIFT = 4e-3
_PROPORTIONAL = 1e-3  # part of the rows' spread: rounding of float32 has 1e-5, features that were each scaled have 0.1
# Length of a row's secret projections, all eight, in units of the rows' spread. Where sketches agree
# it is sqrt(8) times `SAME` at most, but for chance; twice that leaves chance no room.
_CONFIRMED = 2 * SAME * 8**0.5
_BLOCK = 2**21  # numbers that are worked on at a time
_COLUMNS = 1000  # that are looked at first
_FITTING = 0.95  # of the columns, or rows: a few that hardly vary may not fit


def exact(candidate: Candidate) -> Finding | None:
    """Look for a layer with just these values, its features in any order that is the same for all rows.

    Values that are so near that only a shift of whole features shows are no layer's.
    """
    shifted = None
    for layer in candidate.rivals:
        order = order_of_columns(candidate.sketch, layer.sketch, layer.shape)
        if order is None:
            continue
        errors = row_errors(candidate.flat, candidate.sketch, layer.sketch, order)
        apart = candidate.secret_rows(order) - layer.witness
        if errors.max() > SAME or np.linalg.norm(apart, axis=1).max() > _CONFIRMED * layer.sketch.spread:
            continue
        shift = float(np.linalg.norm(candidate.sketch.means - layer.sketch.means[order])) / layer.sketch.spread
        if shift <= max(_SHIFT, _DRIFT * np.sqrt(np.mean(np.square(errors)))):
            return Finding("layer", layer.name)
        words = "each feature is shifted by the same amount for all images, as it is where a layer's bias is left out"
        shifted = shifted or Finding(Diagnosis.RESCALED_VALUES, layer.name, words)
    return shifted


def proportional(candidate: Candidate) -> Layer | None:
    """Return a layer whose rows are as far apart as the candidate's, up to one factor.

    t-SNE's maps of the two are the same.
    """
    for layer in candidate.rivals:
        if _proportional(candidate.sketch.rows, layer.sketch.rows) and _proportional(
            candidate.secret_rows(), layer.witness
        ):
            return layer
    return None


def _proportional(rows: Array, others: Array) -> bool:
    """Tell whether projected rows are others' up to one factor and one shift."""
    ours, theirs = rows - rows.mean(axis=0), others - others.mean(axis=0)
    factor = float(np.vdot(ours, theirs)) / (float(np.vdot(theirs, theirs)) + 1e-30)
    apart = np.linalg.norm(ours - np.float32(factor) * theirs)
    return factor > 0 and bool(apart <= _PROPORTIONAL * np.linalg.norm(ours))


def rescaled(candidate: Candidate) -> Finding | None:
    """Look for a layer whose columns, or rows, were each multiplied and shifted.

    Standardising, normalising and scaling do that.
    """
    for layer in candidate.rivals:
        if _columns_rescaled(candidate, layer):
            ratio = candidate.sketch.spread / layer.sketch.spread
            return Finding(
                Diagnosis.RESCALED_VALUES,
                layer.name,
                f"each feature was scaled or shifted; the spread is {ratio:.3g} times the layer's",
            )
        if _rows_rescaled(candidate, layer):
            return Finding(
                Diagnosis.RESCALED_VALUES, layer.name, "each row was scaled or shifted, as a normalisation does"
            )
    return None


def _columns_rescaled(candidate: Candidate, layer: Layer) -> bool:
    """Tell whether each column is the layer's up to a factor and a shift.

    Their standard scores are equal then.
    """
    some = some_columns(candidate.flat.shape[1])
    ours, theirs = candidate.deviations, layer.deviations[some]
    vary = (theirs > 1e-3 * layer.deviations.max()) & (ours > 0)
    if vary.sum() < 2:
        return False
    sums = candidate.sketch.weights
    scores = [
        (sketch.columns[:, some][:, vary] - np.outer(sums, sketch.means[some][vary])) / spread[vary]
        for sketch, spread in ((candidate.sketch, ours), (layer.sketch, theirs))
    ]
    unit = np.sqrt(np.mean(np.square(scores[1])))
    apart = np.minimum(_rms(scores[0] - scores[1]), _rms(scores[0] + scores[1]))
    return bool(np.mean(apart < 4 * SAME * unit) > _FITTING)


def _rows_rescaled(candidate: Candidate, layer: Layer) -> bool:
    """Tell whether each row is the layer's up to a factor and a shift."""
    width = candidate.flat.shape[1]
    if width < 3:
        return False
    scores = []
    for sketch, squares in ((candidate.sketch, candidate.row_squares), (layer.sketch, layer.row_squares)):
        means = sketch.row_sums.astype(np.float64) / width
        spread = np.sqrt(np.maximum(squares / width - means**2, 1e-12 * (squares / width) + 1e-300))
        scores.append((sketch.rows - np.outer(means, sketch.feature_sums)) / spread[:, np.newaxis])
    return bool(np.mean(_rms((scores[0] - scores[1]).T) < 4 * SAME * np.sqrt(np.mean(np.square(scores[1])))) > _FITTING)


def unfilled(candidate: Candidate) -> Finding | None:
    """Look for a layer's rows, some of them never filled."""
    empty = np.ptp(candidate.flat[:, :_COLUMNS], axis=1) == 0
    empty[empty] = np.ptp(candidate.flat[empty], axis=1) == 0
    if empty.any() and not empty.all():
        for layer in candidate.rivals:
            if (row_errors(candidate.flat, candidate.sketch, layer.sketch)[~empty] <= SAME).all():
                words = (
                    f"{int(empty.sum())} of {len(empty)} rows were never filled, the first is row {np.argmax(empty)}"
                )
                return Finding(Diagnosis.TOO_FEW_ROWS, layer.name, words)
    return None


def rows_moved(candidate: Candidate) -> Finding | None:
    """Look for a layer's rows in other places."""
    if (match := match_rows(candidate)) is None:
        return None
    layer, nearest = match
    if len(np.unique(nearest)) <= _FITTING * len(nearest):
        return None
    in_place = int((nearest == np.arange(len(nearest))).sum())
    words = f"{in_place} of {len(nearest)} rows are in their place; row 0 holds image {nearest[0]}"
    return Finding(Diagnosis.SHUFFLED_ROWS, layer.name, words)


def match_rows(candidate: Candidate) -> tuple[Layer, Array] | None:
    """Return a layer that has all the candidate's rows in any order, and (n,) that order."""
    for layer in candidate.rivals:
        nearest, apart = nearest_rows(candidate, layer.sketch.rows, layer.sketch.spread)
        if (apart <= SAME).all():
            secretly = np.linalg.norm(candidate.secret_rows() - layer.witness[nearest], axis=1)
            if secretly.max() <= _CONFIRMED * layer.sketch.spread:
                return layer, nearest
    return None


def nearest_rows(candidate: Candidate, rows: Array, spread: float) -> tuple[Array, Array]:
    """Return each row's nearest among sketched rows (m, 8), and how far it is in units of `spread`."""
    middle = rows.mean(axis=0)
    ours, theirs = (each - middle for each in (candidate.sketch.rows, rows))
    lengths, step = np.vecdot(theirs, theirs) / 2, max(1, _BLOCK // len(theirs))
    parts = (ours[start : start + step] @ theirs.T for start in range(0, len(ours), step))
    nearest = np.concatenate([np.argmin(lengths - part, axis=1) for part in parts])
    return nearest, np.sqrt(np.sum((ours - theirs[nearest]) ** 2, axis=1) / ours.shape[1]) / spread


def dropout(candidate: Candidate) -> Finding | None:
    """Look for training mode: values set to zero and others scaled up, here or further down."""
    agreements = [
        (agreement, layer)
        for layer in candidate.rivals
        if layer.after_dropout and (agreement := _follows(candidate, layer)) > _NOISY
    ]
    for agreement, layer in sorted(agreements, key=lambda pair: -pair[0]):
        few = candidate.flat[: len(layer.probe)]
        if _monotone(few, layer.probe) or _drift(candidate, layer) > _DRIFT:
            return None
        zeros = float(np.mean(few[layer.probe != 0] == 0)) if (layer.probe != 0).any() else 0.0
        words = f"rows agree with the layer's to {agreement:.2f} only"
        if zeros > 0.02:
            words = f"{zeros:.0%} of the values that should not be zero are"
        return Finding(Diagnosis.DROPOUT_ACTIVE, layer.name, words)
    return None


def _drift(candidate: Candidate, layer: Layer) -> float:
    """Return how much of the difference to the layer is the same for all images.

    Chance leaves none; other inputs do.
    """
    apart = row_errors(candidate.flat, candidate.sketch, layer.sketch) * layer.sketch.spread
    return float(np.linalg.norm(candidate.sketch.means - layer.sketch.means) / (np.sqrt(np.mean(apart**2)) + 1e-12))


def _follows(candidate: Candidate, layer: Layer) -> float:
    """Return how well the first rows follow the layer's.

    That is the mean correlation over features, less the columns' means.
    """
    ours = candidate.flat[: len(layer.probe)] - candidate.sketch.means
    theirs = layer.probe - layer.sketch.means
    norms = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1) + 1e-12
    return float(np.mean(np.sum(ours * theirs, axis=1) / norms))


def _monotone(few: Array, probe: Array) -> bool:
    """Tell whether single values are a rising function of the layer's, or were cut to few levels."""
    ours, theirs = few.reshape(-1), probe.reshape(-1)
    if len(np.unique(ours)) <= max(8, ours.size // 200) or np.array_equal(ours, np.round(ours)):
        return True
    some = np.flatnonzero((theirs != 0) & (ours != 0))
    if len(some) < 20 or np.mean((theirs != 0) & (ours == 0)) > 0.02:
        return False
    ranks = [np.argsort(np.argsort(a[some], kind="stable"), kind="stable") for a in (ours, theirs)]
    return abs(float(np.asarray(np.corrcoef(ranks))[0, 1])) > _MONOTONE


def pooled(candidate: Candidate) -> Finding | None:
    """Look for means, maxima, sums or minima over some axes of a layer."""
    for layer in sorted(candidate.reference.layers.values(), key=lambda layer: layer.name not in candidate.prefer):
        if candidate.flat.shape[1] >= layer.probe.shape[1]:
            continue
        for words, form in layer.pooled:
            few = candidate.flat[: len(form)]
            if few.shape == form.shape and _equal_sets(few, form):
                return Finding(
                    Diagnosis.POOLED,
                    layer.name,
                    f"these are {words}: {form.shape[1]} values an image instead of {layer.probe.shape[1]}",
                )
    return None


def parts(candidate: Candidate) -> Finding | None:
    """Look for a part of a layer's features, such as one channel."""
    for layer in sorted(candidate.reference.layers.values(), key=lambda layer: layer.name not in candidate.prefer):
        width = layer.probe.shape[1]
        if 1 < candidate.flat.shape[1] < width and match_columns(candidate.sketch, layer.sketch, _FITTING):
            return Finding(
                Diagnosis.POOLED,
                layer.name,
                f"these are {candidate.flat.shape[1]} of the layer's {width} values an image",
            )
    return None


def values_moved(candidate: Candidate) -> Finding | None:
    """Look for a layer's values, all there, but not in their rows.

    Exchanging axes and reshaping does that.
    """
    for layer in candidate.rivals:
        count = len(candidate.flat)
        ours = (
            candidate.sketch.means.sum(),
            candidate.sketch.spread**2 + float(candidate.sketch.means @ candidate.sketch.means),
        )
        theirs = (layer.sketch.means.sum(), layer.sketch.spread**2 + float(layer.sketch.means @ layer.sketch.means))
        if count > 1 and np.allclose(ours, theirs, rtol=2e-4):
            return Finding(
                Diagnosis.TRANSPOSED,
                layer.name,
                "the layer's values are all there, but not in the rows of their images",
            )
    return None


def function_of(candidate: Candidate) -> Finding | None:
    """Look for a rising or falling function of a layer's values, the same along a row or along a feature.

    A softmax over the units or over the images is one, and so are a sigmoid and a power.
    """
    for layer in candidate.rivals:
        probe = layer.probe
        few = candidate.flat[: len(probe)]
        for words, ours, theirs in (("row", few, probe), ("feature", few.T, probe.T)):
            if _in_order(ours, theirs) or _in_order(-ours, theirs):
                note = f"in each {words} the values are a function of the layer's, as a softmax or a sigmoid makes them"
                return Finding(Diagnosis.RESCALED_VALUES, layer.name, note)
    return None


def _in_order(ours: Array, theirs: Array) -> bool:
    """Tell whether the numbers of each line never fall where the other's rise, and most lines rise somewhere."""
    sorted_by_theirs = np.take_along_axis(ours, np.argsort(theirs, axis=1, kind="stable"), axis=1)
    span = sorted_by_theirs[:, -1] - sorted_by_theirs[:, 0]
    falls = np.maximum(-np.diff(sorted_by_theirs, axis=1), 0).sum(axis=1)
    return bool(np.mean(span > 0) > 0.5 and np.all(falls <= SAME * np.maximum(span, 0)))


def derived(candidate: Candidate) -> Finding | None:
    """Look for a layer with similar distances between images: PCA, a logarithm, noise.

    Only layers of the same width are candidates, and all of them for what was reduced to a few
    columns: an untrained network keeps much of what the pixels have, and is not a form of them.
    """
    width = candidate.flat.shape[1]
    reduced = width <= _REDUCED
    layers = candidate.reference.layers.values() if reduced else candidate.rivals
    if not layers:
        return None
    gram = products_of(make_representation("the values handed in", candidate.flat))
    aligned = {layer.name: _alignment(gram, products_of(layer.representation)) for layer in layers}
    best = max(aligned, key=lambda name: (round(aligned[name], 2), name in candidate.prefer), default=None)
    if best is None or aligned[best] < (_ALIGNED[0] if reduced else _ALIGNED[1]):
        return None
    words = f"the values follow the layer's (correlation of inner products {aligned[best]:.2f}) without being them"
    return Finding(Diagnosis.RESCALED_VALUES, best, words, certain=False)


def _alignment(ours: Array, theirs: Array) -> float:
    """Return the correlation of two centred Gram matrices (Kornblith et al. 2019, linear CKA)."""
    return float(np.sum(ours * theirs) / (np.linalg.norm(ours) * np.linalg.norm(theirs) + 1e-30))


def _rms(columns: Array) -> Array:
    """Return the root mean square of each column."""
    return np.asarray(np.sqrt(np.mean(np.square(columns), axis=0)))


def _equal_sets(few: Array, form: Array) -> bool:
    """Tell whether rows hold the same values, in any order."""
    apart = np.abs(np.sort(few, axis=1) - np.sort(form, axis=1))
    return bool(apart.max() <= SAME * (min(form.std(), few.std()) + 1e-12))  # of values near 0, all are near
