"""Run specimens and judge what they assign, in one warm process."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from autograder import checks
from autograder.checks import read_plot
from autograder.checks.failure import parse_failure
from autograder.hidden.judge import Judge
from autograder.judging.claims import parse_claims
from autograder.judging.process import embody
from autograder.sandbox.inside.claims import Bounds, write_claims
from autograder.sandbox.limits import Limits
from autograder.sandbox.sealed_files import SealedFile
from autograder.tsne.descent import FEWEST

from .spec import Spec

__all__ = ["Outcome", "Zoo"]

SOURCE = Path(__file__).parents[2] / "source" / "mapping_representations"
# t-SNE's results by (values, settings), kept between runs: a map takes seconds, and the same ones are asked for again.
CACHE = Path(os.environ.get("AUTOGRADER_ZOO_CACHE", Path(tempfile.gettempdir()) / "autograder-zoo-tsne"))


@dataclass(frozen=True)
class Outcome:
    """What one check said to one specimen: "passed", "failed" or "skipped", and why."""

    status: str
    diagnosis: str | None = None
    detail: str | None = None
    message: str = ""


class Zoo:
    """Hold what the notebook's locked cells define, and a judge.

    Args:
        keras: the keras module.
        again: judge each specimen a second time, by values that were taken out as they are of a kernel, and take that one's
            seconds: what is computed once for a class is known then. Where it says something else, that is what counts.
    """

    def __init__(self, keras: Any, *, again: bool = False) -> None:
        self.keras = keras
        self._again = again
        self.judge = Judge.load(keras, SOURCE)
        self.seconds: list[float] = []
        self._locked = self._notebook()

    def visit(self, spec: Spec, only: Sequence[str] | None = None) -> dict[str, Outcome]:
        """Return what the specimen's checks say to it.

        Args:
            spec: the specimen.
            only: the checks to ask; where none of them looks at a map, no map is computed.
        """
        asked = spec.checks if only is None else [check for check in spec.checks if check in only]
        names = self._run(spec, fake=not any(check.endswith(("embedding", "plot")) for check in asked))
        outcomes = {check: _outcome(CELLS[check], self.judge, names) for check in asked}
        if self._again:
            names = _taken_out(names)
            start = time.perf_counter()
            again = {check: _outcome(CELLS[check], self.judge, names) for check in asked}
            self.seconds.append(time.perf_counter() - start)
            outcomes |= {check: again[check] for check in asked if _said(again[check]) != _said(outcomes[check])}
        return outcomes

    def _run(self, spec: Spec, *, fake: bool) -> dict[str, Any]:
        """Return the names that the specimen's code leaves behind; with `fake`, its maps and plots are empty talk."""
        import matplotlib.pyplot as plt

        names = dict(self._locked)
        if fake:
            names["plot_embedding"] = lambda *args, **kwargs: None
        self.keras.utils.set_random_seed(0)
        plt.close("all")
        with remembered_maps(fake=fake), warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            exec(spec.code, names)  # noqa: S102 (the specimens are ours)
        return names

    def _notebook(self) -> dict[str, Any]:
        """Return the names that the notebook's locked cells define before exercise 2."""
        import matplotlib as mpl

        mpl.use("Agg")
        import matplotlib.pyplot as plt
        from sklearn.manifold import TSNE

        with np.load(SOURCE / "mnist_sample.npz") as sample:
            names = {f"X_{part}": sample[f"x_{part}"][..., None].astype("float32") / 255 for part in ("train", "test")}
            names |= {f"y_{part}": sample[f"y_{part}"] for part in ("train", "test")}
        model = self.keras.models.model_from_json((SOURCE / "mnist_cnn.json").read_text(encoding="utf-8"))
        model.load_weights(SOURCE / "mnist_cnn.weights.h5")
        names |= {
            "keras": self.keras,
            "np": np,
            "plt": plt,
            "TSNE": TSNE,
            "model": model,
            "num_emb": 1000,
            "num_plot": 500,
        }
        pixels = names["X_train"][:1000].reshape(1000, -1)
        with remembered_maps():
            emb = TSNE(n_components=2, perplexity=30, init="pca", max_iter=1000, random_state=0).fit_transform(pixels)
        first = self.keras.Model(model.inputs, model.layers[0].output).predict(names["X_train"][:1000], verbose=0)
        return names | {"plot_embedding": plot_embedding, "emb": emb, "reps": first}


def plot_embedding(imgs: Any, X: Any, y: Any, title: str | None = None) -> Any:
    """Draw labels at points as the notebook's function does, without colours and thumbnails, which no check looks at."""
    import matplotlib.pyplot as plt

    X = np.asarray(X, dtype=float)
    extent = X.max(axis=0) - X.min(axis=0)
    points = (X - X.min(axis=0)) / np.where(extent > 0, extent, 1)
    labels = np.asarray(y)[: len(points)]
    _, ax = plt.subplots()
    for label in np.unique(labels):
        here = points[: len(labels)][labels == label]
        ax.scatter(*here.T, s=40, marker=f"${label}$", label=str(label))
    if title is not None:
        ax.set_title(title)
    return ax


def _said(outcome: Outcome) -> tuple[str, str | None]:
    """Return what is compared of an outcome."""
    return outcome.status, outcome.diagnosis


def _taken_out(names: dict[str, Any]) -> dict[str, Any]:
    """Return the answers as a kernel writes them and a judging process reads them."""
    sys.modules.setdefault("released_checks.read_plot", read_plot)
    limits, answers = Limits(), tuple(name for name in names if name.startswith(("deep_", "middle_")))
    bounds = Bounds(limits.answer, limits.answers, limits.entries, limits.text)
    with tempfile.TemporaryDirectory() as folder:
        write_claims(names, answers, f"{folder}/claims", bounds)
        content = (Path(folder) / "claims").read_bytes()
    claims = parse_claims(SealedFile.from_bytes(content), answers, limits)
    return {name: embody(claim) for name, claim in claims.items()}


def _embedding(judge: Judge, names: dict[str, Any], part: str) -> None:
    of = names.get(f"{part}_reps")
    checks.embedding(names.get(f"{part}_emb"), f"{part}_emb", images=1000, of=of)
    judge.embedding(names.get(f"{part}_emb"), f"{part}_emb", of=of, role=part)


def _plot(judge: Judge, names: dict[str, Any], part: str) -> None:
    if f"{part}_plot" not in names:  # the graders' own word for a name that a test cell doesn't find
        raise checks.CheckFailed("missing", f"`{part}_plot` is not defined.")
    checks.plot(names.get(f"{part}_plot"), f"{part}_plot", points=500)
    judge.plot(names.get(f"{part}_plot"), f"{part}_plot", of=names.get(f"{part}_emb"))


def _deep(judge: Judge, names: dict[str, Any]) -> None:
    checks.representations(names.get("deep_reps"), "deep_reps", images=1000)
    judge.activations(names.get("deep_reps"), "deep_reps", role="deep", named=names.get("deep_layer"))


def _middle(judge: Judge, names: dict[str, Any]) -> None:
    checks.activations(names.get("middle_activations"), "middle_activations", images=1000)
    named = names.get("middle_layer")
    judge.activations(names.get("middle_activations"), "middle_activations", role="middle", named=named)


def _flatten(judge: Judge, names: dict[str, Any]) -> None:
    of = names.get("middle_activations")
    checks.flattening(names.get("middle_reps"), "middle_reps", of, "middle_activations")
    judge.flattening(names.get("middle_reps"), "middle_reps", of=of, role="middle")


# What the notebook's test cells call, public and hidden, by grade_id.
CELLS: dict[str, Callable[[Judge, dict[str, Any]], None]] = {
    "ex2_activations": _deep,
    "ex2_embedding": lambda judge, names: _embedding(judge, names, "deep"),
    "ex2_plot": lambda judge, names: _plot(judge, names, "deep"),
    "ex3_activations": _middle,
    "ex3_flatten": _flatten,
    "ex3_embedding": lambda judge, names: _embedding(judge, names, "middle"),
    "ex3_plot": lambda judge, names: _plot(judge, names, "middle"),
}


def _outcome(cell: Callable[[Judge, dict[str, Any]], None], judge: Judge, names: dict[str, Any]) -> Outcome:
    """Return what a test cell says, read back from its text as graders do."""
    try:
        cell(judge, names)
    except checks.CheckFailed as failure:
        diagnosis, detail, message = parse_failure(type(failure).__name__, str(failure))
        return Outcome(failure.status, diagnosis, detail, message)
    return Outcome("passed")


@contextlib.contextmanager
def remembered_maps(*, fake: bool = False) -> Iterator[None]:
    """Let scikit-learn's t-SNE remember its results on disk, by values and settings; or return noise at once."""
    from sklearn.manifold import TSNE

    compute = TSNE.fit_transform

    def fit_transform(self: Any, X: Any, y: Any = None) -> Any:
        self.embedding_ = find(self, X, y)
        return self.embedding_

    def find(self: Any, X: Any, y: Any) -> Any:
        if fake:
            return np.random.default_rng(0).normal(size=(len(X), self.n_components))
        values = np.ascontiguousarray(X)
        told = repr((values.shape, values.dtype.str, sorted(self.get_params().items())))
        compiled = hasattr(TSNE._tsne, "__wrapped__") and self.max_iter >= FEWEST
        key = hashlib.sha256(values.tobytes() + told.encode() + (b"compiled" if compiled else b""))
        file = CACHE / f"{key.hexdigest()}.npy"
        if not file.exists():
            CACHE.mkdir(parents=True, exist_ok=True)
            result = compute(self, X, y)
            part = file.with_suffix(f".{os.getpid()}.npy")
            np.save(part, result)
            part.replace(file)
        return np.load(file)

    with mock.patch.object(TSNE, "fit_transform", fit_transform):
        yield
