"""Right and wrong values of many kinds, made for one network and its data."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.assess.readings import readings
from autograder.assess.specimen import Specimen
from autograder.checks.meanings import Diagnosis
from autograder.checks.read_plot import PlotData
from autograder.hidden.judge import Judge
from autograder.hidden.reference import PIXELS

__all__ = ["Bench", "Specimen", "one_of_each", "specimens"]

Array = NDArray[Any]

_FEW = 2  # layers of a role that each mistake is made with
_SETTINGS: tuple[dict[str, Any], ...] = (
    {"perplexity": 30, "init": "pca"},
    {"perplexity": 12, "init": "random"},
    {"perplexity": 50, "init": "pca", "method": "exact"},
)
_STEPS = 750
_OF_ALL_IMAGES = frozenset(
    {"test_images", "other_images"}
)  # the network sees all of the data: the longest of all questions


class Bench:
    """Makes the values that specimens consist of; each map is made once.

    Args:
        judge: the assignment's.
    """

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.reference = judge.reference
        self.settings = judge.settings
        self.count = judge.settings.images

    def values(self, layer: str, images: Array | None = None) -> Array:
        """Return a layer's activations on the first images, or on others."""
        images = self.reference.first_images if images is None else images
        return images if layer == PIXELS else self.reference.values(images, [layer])[layer]

    def shape(self, layer: str) -> tuple[int, ...]:
        """Return the shape of a layer's activations for one image."""
        return self.reference.layers[layer].shape

    def flat(self, layer: str) -> Array:
        """Return a layer's activations, one flat row an image."""
        return self.values(layer).reshape(self.count, -1)

    @functools.cache  # noqa: B019 (a bench lives as long as an assessment)
    def map(self, layer: str, number: int = 0, steps: int = _STEPS) -> Array:
        """Return a t-SNE map of a layer, with one of a few settings."""
        from sklearn.manifold import TSNE

        settings = dict(_SETTINGS[number])
        settings["perplexity"] = min(settings["perplexity"], (self.count - 1) / 3)
        return np.asarray(TSNE(max_iter=steps, random_state=number, **settings).fit_transform(self.flat(layer)))

    @property
    def labels(self) -> Array:
        """The first images' labels."""
        return np.asarray(self.reference.labels[: self.count])

    def plot(self, points: Array, labels: Array) -> PlotData:
        """Return a plot of as many points as are wanted."""
        shown = slice(self.settings.points)
        return PlotData(np.asarray(points[shown], np.float64), tuple(map(str, labels[shown].tolist())))

    def of_role(self, role: str) -> list[str]:
        """Return a role's layers, of those with the same values the first."""
        layers = self.reference.layers
        return [name for name in dict.fromkeys(layers[one].first for one in self.settings.roles[role])]  # noqa: C416

    def other_layers(self, role: str) -> list[str]:
        """Return layers that the role doesn't accept, nor any layer with values like theirs."""
        accepted = set(self.of_role(role))
        layers = self.reference.layers.items()
        names = [name for name, layer in layers if layer.first == name and name not in accepted]
        return [name for name in names if name not in (PIXELS, *self.settings.class_scores)]

    @property
    def has_dropout(self) -> bool:
        """Whether training mode changes anything."""
        return any(layer.after_dropout for layer in self.reference.layers.values())

    def in_training(self, layer: str) -> Array:
        """Return a layer's activations in training mode."""
        batches = np.array_split(self.reference.first_images, max(1, self.count // 100))
        return np.concatenate([self.reference.network.in_training(batch, layer) for batch in batches])


def specimens(bench: Bench) -> Iterator[Specimen]:
    """Yield what is tried: right values and wrong ones, check by check and role by role."""
    for role in bench.settings.roles:
        for specimen in (
            _right_activations,
            _wrong_activations,
            _flattening,
            _right_maps,
            _wrong_maps,
            _plots,
            readings,
        ):
            yield from specimen(bench, role)


def one_of_each(every: Iterator[Specimen]) -> Iterator[Specimen]:
    """Yield few of the specimens: right ones of each layer, wrong ones of each diagnosis, check by check.

    Of maps and plots one of each role is right: a map costs as much as thirty specimens of activations.
    """
    seen: set[str] = set()
    for specimen in every:
        right = {f"{specimen.check} {specimen.of if specimen.check == 'activations' else specimen.of.split()[0]}"}
        kinds = {f"{specimen.check} {diagnosis}" for diagnosis in specimen.said - _OF_ALL_IMAGES}
        if not (kinds if specimen.said else right) <= seen:
            seen |= kinds or right
            yield specimen


def _activations(role: str, name: str, make: Callable[[], Array], *said: Diagnosis, of: str = "") -> Specimen:
    """Return a specimen of activations."""
    return Specimen(
        f"{role}: {name}",
        "activations",
        lambda judge: judge.activations(make(), "reps", role=role),
        frozenset(map(str, said)),
        f"{role} {of}",
    )


def _right_activations(bench: Bench, role: str) -> Iterator[Specimen]:
    """Yield each accepted layer's activations, as several ways of taking them leave them."""
    for layer in bench.settings.roles[role]:
        right = functools.partial(_activations, role, of=layer)
        yield right(layer, functools.partial(_taken, bench, role, layer))
        yield right(f"{layer}, in double precision", lambda b=layer: _taken(bench, role, b).astype("f8"))  # type: ignore[misc]
        yield right(f"{layer}, in half precision", lambda b=layer: _taken(bench, role, b).astype("f2"))  # type: ignore[misc]
        if len(bench.shape(layer)) == 3:
            yield right(f"{layer}, channels first", lambda b=layer: bench.values(b).transpose(0, 3, 1, 2))  # type: ignore[misc]
            yield right(f"{layer}, flat", lambda b=layer: bench.flat(b))  # type: ignore[misc]


def _taken(bench: Bench, role: str, layer: str) -> Array:
    """Return activations as the role wants them."""
    return bench.flat(layer) if role in bench.settings.flat else bench.values(layer)


def _wrong_activations(bench: Bench, role: str) -> Iterator[Specimen]:
    """Yield mistakes with the choice of the layer, of the images, and with the values."""
    d = Diagnosis
    for layer in bench.other_layers(role)[:4]:
        yield _activations(role, f"{layer}, which is no {role} layer", lambda b=layer: bench.flat(b), d.WRONG_LAYER)  # type: ignore[misc]
    for layer in bench.settings.class_scores:
        yield _activations(role, f"class scores: {layer}", lambda b=layer: bench.flat(b), d.CLASS_SCORES)  # type: ignore[misc]
    yield _activations(role, "the input itself", lambda: bench.flat(PIXELS), d.INPUT_PIXELS)
    for layer in [name for name in bench.settings.roles[role] if bench.reference.layers[name].after_dropout][-_FEW:]:
        yield _activations(
            role, f"{layer}, in training mode", functools.partial(bench.in_training, layer), d.DROPOUT_ACTIVE
        )
    few = bench.of_role(role)[-_FEW:]
    for layer in few:
        take = functools.partial(_taken, bench, role, layer)
        yield from _changed(bench, role, layer, take)
        yield from _of_other_images(bench, role, layer)


def _changed(bench: Bench, role: str, layer: str, take: Callable[[], Array]) -> Iterator[Specimen]:
    """Yield what is done to right activations."""
    d, count = Diagnosis, bench.count
    order = np.random.default_rng(1).permutation(count)
    yield _activations(role, f"{layer}, shuffled", lambda: take()[order], d.SHUFFLED_ROWS)
    yield _activations(role, f"{layer}, half of the rows", lambda: take()[: count // 2], d.TOO_FEW_ROWS)
    yield _activations(role, f"{layer}, rows twice", lambda: np.concatenate([take(), take()]), d.TOO_MANY_ROWS)
    yield _activations(role, f"{layer}, standardised", lambda: _standardised(take()), d.RESCALED_VALUES)
    yield _activations(role, f"{layer}, tenfold", lambda: take() * 10, d.RESCALED_VALUES)
    yield _activations(role, f"{layer}, softmax of each row", lambda: _softmax(take()), d.RESCALED_VALUES)
    yield _activations(role, f"{layer}, one long row", lambda: take().reshape(-1), d.FLATTENED_BATCH)
    yield _activations(role, f"{layer}, a value is missing", lambda: _with_nan(take()), d.NOT_FINITE)
    yield _activations(role, f"{layer}, nothing", lambda: None, d.MISSING)  # type: ignore[arg-type,return-value]
    if len(shape := bench.shape(layer)) == 3 and role not in bench.settings.flat:
        yield _activations(
            role, f"{layer}, mean over places", lambda: take().mean(axis=(1, 2)), d.POOLED, d.WRONG_LAYER
        )
        yield _activations(role, f"{layer}, one channel", lambda: take()[..., 0], d.POOLED)
    elif np.prod(shape) >= 16:
        yield _activations(role, f"{layer}, half of its units", lambda: bench.flat(layer)[:, ::2], d.POOLED)


def _of_other_images(bench: Bench, role: str, layer: str) -> Iterator[Specimen]:
    """Yield a layer's activations on other images, or on images in another scale."""
    d, reference, count = Diagnosis, bench.reference, bench.count
    flat = role in bench.settings.flat

    def of(images: Array) -> Array:
        values = bench.values(layer, images)
        return values.reshape(len(values), -1) if flat else values

    train, test = reference.images(reference._train), reference.images(reference._test)  # noqa: SLF001
    if len(test) >= count:
        yield _activations(role, f"{layer}, of test rows", lambda: of(test[:count]), d.TEST_IMAGES)
    if len(train) >= 2 * count:
        yield _activations(role, f"{layer}, of later rows", lambda: of(train[count : 2 * count]), d.OTHER_IMAGES)
    if bench.settings.scale != 1:
        raw = reference.first_images * np.float32(bench.settings.scale)
        yield _activations(role, f"{layer}, of unscaled rows", lambda: of(raw), d.UNSCALED_PIXELS)


def _flattening(bench: Bench, role: str) -> Iterator[Specimen]:
    """Yield flat rows of layers that have places."""
    if role in bench.settings.flat:
        return
    d, count = Diagnosis, bench.count
    for layer in [name for name in bench.of_role(role) if bench.shape(name)[1:]][-_FEW:]:

        def ask(change: Callable[[Array], Array], layer: str = layer) -> Callable[[Judge], object]:
            def hand_in(judge: Judge) -> object:
                values = bench.values(layer)
                return judge.flattening(change(values), "reps", of=values, role=role)

            return hand_in

        def made(name: str, change: Callable[[Array], Array], *said: Diagnosis, layer: str = layer) -> Specimen:
            said_ids = frozenset(map(str, said))
            return Specimen(f"{role}: {layer}, {name}", "flattening", ask(change, layer), said_ids, f"{role} {layer}")

        yield made("flat", lambda v: v.reshape(count, -1))
        yield made("flat, channels first", lambda v: np.moveaxis(v, -1, 1).reshape(count, -1))
        yield made("not flat", lambda v: v, d.NOT_FLATTENED)
        yield made("rows mixed", lambda v: np.moveaxis(v, 0, -1).reshape(count, -1), d.MIXED_SAMPLES)
        yield made("one long row", lambda v: v.reshape(-1), d.FLATTENED_BATCH)
        yield made("mean over places", lambda v: v.reshape(count, -1, v.shape[-1]).mean(axis=1), d.POOLED)
        yield made(
            "others'", lambda v: np.random.default_rng(0).random(v.reshape(count, -1).shape), d.NOT_THESE_ACTIVATIONS
        )


def _map(
    role: str, name: str, reps: Callable[[], Array], emb: Callable[[], Array], *said: Diagnosis, of: str = ""
) -> Specimen:
    """Return a specimen of a map."""
    return Specimen(
        f"{role}: {name}",
        "embedding",
        lambda judge: judge.embedding(emb(), "emb", of=reps(), role=role),
        frozenset(map(str, said)),
        f"{role} {of}",
    )


def _right_maps(bench: Bench, role: str) -> Iterator[Specimen]:
    """Yield maps of accepted layers, with several settings."""
    for layer in bench.of_role(role)[-_FEW:]:
        reps = functools.partial(bench.flat, layer)
        for number, settings in enumerate(_SETTINGS):
            words = ", ".join(f"{key}={value}" for key, value in settings.items())
            made = functools.partial(bench.map, layer, number)
            yield _map(role, f"map of {layer}, {words}", reps, made, of=layer)
        turned = lambda b=layer: bench.map(b)[:, ::-1] * -3 + 7  # noqa: E731
        yield _map(role, f"map of {layer}, turned and moved", reps, turned, of=layer)


def _wrong_maps(bench: Bench, role: str) -> Iterator[Specimen]:
    """Yield maps of something else, spoilt maps, and what is no map."""
    d, layer = Diagnosis, bench.of_role(role)[-1]
    reps, right = functools.partial(bench.flat, layer), functools.partial(bench.map, layer)
    order = np.random.default_rng(2).permutation(bench.count)
    yield _map(
        role, "map of the input", reps, lambda: bench.map(PIXELS), d.EMBEDDING_OF_PIXELS, d.EMBEDDING_OF_OTHER_LAYER
    )
    for other in bench.other_layers(role)[-_FEW:]:
        yield _map(
            role,
            f"map of {other}",
            reps,
            functools.partial(bench.map, other),
            d.EMBEDDING_OF_OTHER_LAYER,
            d.EMBEDDING_OF_PIXELS,
        )
    yield _map(role, f"PCA of {layer}", reps, lambda: _principal(reps()), d.NOT_TSNE)
    yield _map(
        role,
        "random points",
        reps,
        lambda: np.random.default_rng(3).normal(size=(bench.count, 2)),
        d.NOT_TSNE,
        d.SHUFFLED_ROWS,
    )
    yield _map(role, f"map of {layer}, shuffled", reps, lambda: right()[order], d.SHUFFLED_ROWS)
    yield _map(
        role, f"map of {layer}, stopped early", reps, lambda: bench.map(layer, 1, 250), d.NOT_CONVERGED, d.NOT_TSNE
    )
    yield _map(role, f"map of {layer}, half of its points", reps, lambda: right()[: bench.count // 2], d.TOO_FEW_ROWS)
    yield _map(role, "three components", reps, lambda: np.column_stack([right(), right()[:, 0]]), d.WRONG_COMPONENTS)
    yield _map(role, "one point", reps, lambda: np.ones((bench.count, 2)), d.DEGENERATE)


def _plots(bench: Bench, role: str) -> Iterator[Specimen]:
    """Yield plots of a right map: right ones, and each mistake."""
    d, layer = Diagnosis, bench.of_role(role)[-1]
    labels = bench.labels
    shuffled = np.random.default_rng(4).permutation(labels)

    def made(name: str, plot: Callable[[Array], PlotData], *said: Diagnosis) -> Specimen:
        def ask(judge: Judge) -> object:
            emb = bench.map(layer)
            return judge.plot(plot(emb), "plot", of=emb, reps=bench.flat(layer))

        return Specimen(f"{role}: {name}", "plot", ask, frozenset(map(str, said)), role)

    few = bench.settings.points // 4
    yield made("plot", lambda emb: bench.plot(emb, labels))
    yield made("plot, scaled to 1", lambda emb: bench.plot((emb - emb.min(0)) / np.ptp(emb, axis=0), labels))
    yield made("plot with shuffled labels", lambda emb: bench.plot(emb, shuffled), d.LABELS_MISALIGNED)
    yield made("plot of another map", lambda emb: bench.plot(bench.map(PIXELS), labels), d.WRONG_POINTS)
    yield made(
        "plot of few points",
        lambda emb: PlotData(emb[:few].astype("f8"), tuple(map(str, labels[:few]))),
        d.TOO_FEW_POINTS,
    )
    yield made("plot without labels", lambda emb: bench.plot(emb, np.full(len(labels), "")), d.NO_LABELS)


def _standardised(values: Array) -> Array:
    return np.asarray((values - values.mean(axis=0)) / (values.std(axis=0) + 1e-6))


def _softmax(values: Array) -> Array:
    flat = values.reshape(len(values), -1).astype(np.float64)
    powers = np.exp(flat - flat.max(axis=1, keepdims=True))
    return np.asarray((powers / powers.sum(axis=1, keepdims=True)).reshape(values.shape))


def _with_nan(values: Array) -> Array:
    changed = values.copy()
    changed.reshape(-1)[len(changed) // 2] = np.nan
    return changed


def _principal(flat: Array) -> Array:
    centred = flat - flat.mean(axis=0)
    return np.asarray(centred @ np.linalg.svd(centred, full_matrices=False)[2][:2].T)
