"""Measure where the embedding checks' constants may lie: `python tools/calibrate_embedding.py [--quick] [--maps FOLDER]`.

Many maps of several layers are made, by t-SNE with every setting that a reasonable person would use and by everything
else, and each is measured as the checks measure it. The distributions go to docs/calibration.json and docs/calibration.png,
the margins on both sides of each constant to docs/calibration.md. Half an hour on one core; maps are kept in FOLDER.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import MDS, TSNE, Isomap, LocallyLinearEmbedding, SpectralEmbedding, trustworthiness
from sklearn.preprocessing import StandardScaler, normalize

from autograder.checks.meanings import NEIGHBOURS
from autograder.hidden.embeddings import identify
from autograder.hidden.embeddings.affinities import affinities
from autograder.hidden.embeddings.balance import Balance
from autograder.hidden.embeddings.forces import clumping, divergence, exaggeration, linear_part, with_forces
from autograder.hidden.embeddings.representation import Representation, components_of, nearest_marks, neighbours
from autograder.hidden.judge import Judge
from autograder.hidden.reference import PIXELS, Reference

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "source" / "mapping_representations"
DOCS = ROOT / "docs"
LAYERS = (PIXELS, "pool", "dense_relu")


def tsne(values: np.ndarray, **settings) -> np.ndarray:
    """Return scikit-learn's map with the assignment's settings, or others."""
    return TSNE(**{"n_components": 2, "init": "pca", "random_state": 0, **settings}).fit_transform(values)


def with_settings(**settings) -> Callable[[np.ndarray], np.ndarray]:
    """Return a way to make a map."""
    return lambda values: tsne(values, **settings)


RIGHT: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "perplexity 30": with_settings(),
    "random start": with_settings(random_state=7, init="random"),
    **{f"random start, seed {seed}": with_settings(random_state=seed, init="random") for seed in range(1, 4)},
    "perplexity 5": with_settings(perplexity=5),
    "perplexity 12": with_settings(perplexity=12),
    "perplexity 37": with_settings(perplexity=37, random_state=3),
    "perplexity 50": with_settings(perplexity=50),
    "perplexity 100": with_settings(perplexity=100),
    "cosine": with_settings(metric="cosine"),
    "manhattan": with_settings(metric="manhattan"),
    "learning rate 1000": with_settings(learning_rate=1000.0),
    "exaggeration 4": with_settings(early_exaggeration=4.0),
    "500 iterations": with_settings(max_iter=500),
    "300 iterations": with_settings(max_iter=300),
    "PCA to 50 first": lambda values: tsne(PCA(50, random_state=0).fit_transform(values)),
    "PCA to 30 first": lambda values: tsne(PCA(30, random_state=0).fit_transform(values)),
    "PCA to 12 first": lambda values: tsne(PCA(12, random_state=0).fit_transform(values)),
    "standardised first": lambda values: tsne(StandardScaler().fit_transform(values)),
    "unit rows first": lambda values: tsne(normalize(values)),
}
EXACT = {"exact": with_settings(method="exact", max_iter=500)}  # slow: for the smallest layer only
WRONG: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "250 iterations": with_settings(max_iter=250),
    "250 iterations, perplexity 5": with_settings(max_iter=250, perplexity=5),
    "PCA": lambda values: PCA(2, random_state=0).fit_transform(values),
    "Isomap": lambda values: Isomap(n_neighbors=10).fit_transform(values),
    "spectral": lambda values: SpectralEmbedding(random_state=0).fit_transform(values),
    "locally linear": lambda values: LocallyLinearEmbedding(n_neighbors=12, random_state=0).fit_transform(values),
    "multidimensional scaling": lambda values: MDS(n_init=1, max_iter=30, random_state=0).fit_transform(values),
    "rows shuffled": lambda values: tsne(np.random.default_rng(0).permutation(values)),
    "noise": lambda values: np.random.default_rng(values.shape[1]).normal(size=(len(values), 2)) * 15,
    "uniform noise": lambda values: np.random.default_rng(values.shape[1]).random((len(values), 2)) * 60,
}


def main() -> None:
    """Make the maps, measure them, write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one layer, three settings: to see that it runs")
    parser.add_argument("--layers", nargs="+", default=LAYERS, help="whose maps to make")
    parser.add_argument("--maps", type=Path, default=Path(tempfile.gettempdir()) / "autograder-calibration")
    parser.add_argument("--docs", type=Path, default=DOCS)
    options = parser.parse_args()

    judge = Judge.load(folder=SOURCE)
    options.maps.mkdir(parents=True, exist_ok=True)
    options.docs.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        measured = list(measure_all(judge.reference, options.maps, options.layers, quick=options.quick))
    write_results(measured, options.docs)


def measure_all(reference: Reference, folder: Path, layers: Sequence[str], *, quick: bool) -> Iterator[dict]:
    """Yield one record for each map."""
    sources = {layer.representation.name: layer.representation for layer in reference.layers.values()}
    for name in layers[-1:] if quick else layers:
        values = layer_values(reference, name)
        ways = {**RIGHT, **(EXACT if name == LAYERS[-1] else {}), **WRONG}
        for way in list(ways)[:3] if quick else ways:
            points = load_or_make(folder / f"{name}-{way}.npy", lambda way=ways[way], values=values: way(values))
            record = {"layer": name, "way": way, "right": way not in WRONG, **measure(points, name, sources)}
            print(f"{name:12s} {way:30s} {record['own']:.3f} {record['other']:.3f} {record['verdict']}", flush=True)
            yield record


def layer_values(reference: Reference, name: str) -> np.ndarray:
    """Return a layer's activations for the assignment's images, one row each."""
    images = reference.first_images
    values = images if name == PIXELS else reference.values(images, [name])[name]
    return values.reshape(len(values), -1)


def load_or_make(file: Path, make: Callable[[], np.ndarray]) -> np.ndarray:
    """Return the map in the file, made if it isn't there."""
    if not file.exists():
        np.save(file, make())
    return np.load(file)


def measure(points: np.ndarray, name: str, sources: dict[str, Representation]) -> dict:
    """Return what the checks would see of a map of one layer."""
    embedding, own = with_forces(points), sources[name]
    marks = nearest_marks(embedding.squared)
    others = [representation for representation in sources.values() if representation.name != name]
    known = affinities(own)
    values = own.values()
    kept = {
        representation.name: float((marks & neighbours(representation)).sum() / marks.sum())
        for representation in sources.values()
    }
    finding = identify.identify_map(points, [own], others)
    return {
        "own": Balance(embedding, own).least(),
        "other": min(Balance(embedding, other).least(("euclidean",)) for other in others),
        "kept": kept[name],
        "kept_by_best_other": max(kept[representation.name] for representation in others),
        "divergence": divergence(embedding, known),
        "exaggeration": list(exaggeration(embedding, known)),
        "linear": linear_part(embedding, components_of(own)[1]),
        "clumping": clumping(embedding),
        "trustworthiness": trustworthiness(values, points, n_neighbors=NEIGHBOURS),
        "continuity": trustworthiness(points, values, n_neighbors=NEIGHBOURS),
        "spread": float(embedding.points.std()),
        "verdict": finding.kind if finding.kind != "other" else f"map of {finding.representation}",
    }


def margins(measured: list[dict]) -> list[tuple[str, float, str, float, str, float]]:
    """Return (constant, its value, what lies on the good side, nearest, what lies on the other, nearest)."""
    right = [record for record in measured if record["right"]]
    ordinary = [r for r in right if r["way"] not in {"manhattan", "300 iterations", "PCA to 12 first"}]
    stopped = [r for r in measured if r["way"].startswith("250")]
    noise = [r for r in measured if "noise" in r["way"]]
    other = [
        r for r in measured if r["way"] in {"Isomap", "spectral", "locally linear", "multidimensional scaling", "PCA"}
    ]
    projected = [r for r in measured if r["way"] == "PCA"]
    shuffled = [r for r in measured if r["way"] == "rows shuffled"]
    return [
        (
            "BALANCED",
            identify.BALANCED,
            "finished maps, own affinities, at most",
            _most(ordinary, "own"),
            "the same maps, another layer's, at least",
            _least(ordinary, "other"),
        ),
        (
            "FINISHED",
            identify.FINISHED,
            "all right maps, own affinities, at most",
            _most(right, "own"),
            "stopped, or not t-SNE, at least",
            _least([*stopped, *other], "own"),
        ),
        (
            "CHANCE",
            identify.CHANCE,
            "neighbours kept by right maps, at least",
            _least(right, "kept"),
            "by shuffled rows and noise, at most",
            _most([*shuffled, *noise], "kept"),
        ),
        (
            "NEARLY",
            identify.NEARLY,
            "neighbours kept by right maps, at least",
            _least(right, "kept"),
            "by other methods, at most",
            _most(other, "kept"),
        ),
        (
            "NOISE",
            identify.NOISE,
            "clumping of maps, at most",
            _most([*right, *shuffled], "clumping"),
            "of noise, at least",
            _least(noise, "clumping"),
        ),
        (
            "LINEAR",
            identify.LINEAR,
            "linear part of right maps, at most",
            _most(right, "linear"),
            "of PCA, at least",
            _least(projected, "linear"),
        ),
    ]


def _most(records: list[dict], key: str) -> float:
    return max((record[key] for record in records), default=float("nan"))


def _least(records: list[dict], key: str) -> float:
    return min((record[key] for record in records), default=float("nan"))


def write_results(measured: list[dict], docs: Path) -> None:
    """Write calibration.json, calibration.md and calibration.png."""
    rounded = [
        {k: np.round(v, 4).tolist() if isinstance(v, (float, list)) else v for k, v in r.items()} for r in measured
    ]
    (docs / "calibration.json").write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")
    (docs / "calibration.md").write_text("\n".join(report(measured)) + "\n", encoding="utf-8")
    draw(measured, docs / "calibration.png")


def report(measured: list[dict]) -> list[str]:
    """Return the page about the constants."""
    accepted = sum(r["verdict"] == "map" for r in measured if r["right"])
    refused = sum(r["verdict"] != "map" for r in measured if not r["right"])
    rights = sum(r["right"] for r in measured)
    page = [
        "# Where the embedding checks' constants come from",
        "",
        "Written by `python tools/calibrate_embedding.py`. `autograder/hidden/embeddings/forces.py` and",
        "`identify.py` explain the measures. Every map's figures are in `calibration.json`, their",
        "distributions in `calibration.png`.",
        "",
        f"{len(measured)} maps of {len({r['layer'] for r in measured})} layers: {accepted} of {rights} right ones accepted, ",
        f"{refused} of {len(measured) - rights} wrong ones refused.",
        "",
        "| constant | value | on one side | nearest | on the other | nearest |",
        "| --- | ---: | --- | ---: | --- | ---: |",
        *(f"| `{c}` | {v:g} | {a} | {x:.3f} | {b} | {y:.3f} |" for c, v, a, x, b, y in margins(measured)),
        "",
        "A finished map is in balance under its own affinities and under no others, the neighbouring",
        "layer's and the pixels' included. Only maps that were made in a way not foreseen are judged by",
        "neighbourhoods: with an unusual metric, few components, or few iterations. There, maps of the",
        "pixels and of the first layers can't be told apart, and the doubt goes to the student. Another",
        "layer has to keep 2 % more of the neighbours before it is preferred.",
        "",
        "The constants are universal: none is calibrated for an assignment, and `autograder new` writes",
        "none down. The evidence is [README's table](../README.md#before-anybody-is-graded): the same ones",
        "judge right and wrong values of a network on MNIST, of one with other layers on Fashion-MNIST, and",
        "of a network of dense layers on rows of numbers. Where they don't fit, the build's gate refuses the",
        "assignment. One of them was moved for all: `STOPPED` was 0.60, and a map of the second network that",
        "was stopped early has 0.62.",
        "",
        "| map of | made by | own imbalance | least of others | neighbours kept | divergence | trustworthiness | continuity | verdict |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    row = "| {layer} | {way} | {own:.3f} | {other:.3f} | {kept:.2f} | {divergence:.2f} | {trustworthiness:.3f} | {continuity:.3f} | {verdict} |"
    return [*page, *(row.format(**record) for record in measured)]


def draw(measured: list[dict], file: Path) -> None:
    """Draw the distributions of the three measures that decide."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    groups = {
        "right, own": [r["own"] for r in measured if r["right"]],
        "right, nearest other": [r["other"] for r in measured if r["right"]],
        "stopped early": [r["own"] for r in measured if r["way"].startswith("250")],
        "not t-SNE": [r["own"] for r in measured if not r["right"] and not r["way"].startswith("250")],
    }
    figure, axes = plt.subplots(1, 2, figsize=(12, 4), layout="constrained")
    for height, values in enumerate(groups.values()):
        axes[0].plot(values, np.full(len(values), height) + np.linspace(-0.2, 0.2, len(values)), "o", alpha=0.6, ms=5)
    axes[0].set(yticks=range(len(groups)), yticklabels=groups, xscale="log", xlabel="imbalance of forces")
    for limit in (identify.BALANCED, identify.FINISHED):
        axes[0].axvline(limit, color="black", lw=1, ls="--")
    for right, words in ((True, "right"), (False, "wrong")):
        chosen = [r for r in measured if r["right"] is right]
        axes[1].plot([r["divergence"] for r in chosen], [r["kept"] for r in chosen], "o", alpha=0.6, ms=5, label=words)
    axes[1].set(xlabel="Kullback-Leibler divergence at the best scale", ylabel="nearest neighbours kept")
    axes[1].legend()
    figure.savefig(file, dpi=110, metadata={"Software": None})
    plt.close(figure)


if __name__ == "__main__":
    main()
