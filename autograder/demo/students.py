"""A class of eight, none of them real: what each wrote into the cells that ask for code or for words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["STUDENTS", "Student"]


@dataclass(frozen=True)
class Student:
    """One sample submission.

    Attributes:
        name: the student's, and the submission's file.
        about: what it shows.
        score: the machine's points that it deserves.
        cells: text for cells, by `grade_id`; cells that are not named stay as the release has them.
    """

    name: str
    about: str
    score: float
    cells: Mapping[str, str] = field(default_factory=dict)


def _deep(extract: str, *, tsne: str = "init='pca', random_state=0", labels: str = "y_train[:num_plot]") -> str:
    """Return code for exercise 2: how the activations are taken, t-SNE's settings, the labels in the plot."""
    return (
        extract.strip()
        + f"\ndeep_emb = TSNE(n_components=2, {tsne}).fit_transform(deep_reps)"
        + f"\ndeep_plot = plot_embedding(X_train[:num_plot], deep_emb[:num_plot], {labels}, title='Deep layer')"
        + "\nplt.show()\n"
    )


def _middle(extract: str, *, tsne: str = "init='pca', random_state=0", rows: str = "middle_reps") -> str:
    """Return code for exercise 3, as `_deep` does for exercise 2; `rows` is what t-SNE is given."""
    return (
        extract.strip()
        + f"\nmiddle_emb = TSNE(n_components=2, {tsne}).fit_transform({rows})"
        + "\nmiddle_plot = plot_embedding(X_train[:num_plot], middle_emb[:num_plot], y_train[:num_plot], title='Middle layer')"
        + "\nplt.show()\n"
    )


_DENSE = """
deep_layer = "dense"
deep_reps = keras.Model(model.inputs, model.get_layer(deep_layer).output).predict(X_train[:num_emb], verbose=0)
"""

_POOL_ACTIVATIONS = """
middle_layer = "pool"
middle_activations = keras.Model(model.inputs, model.get_layer(middle_layer).output).predict(X_train[:num_emb], verbose=0)
"""

_POOL = f"{_POOL_ACTIVATIONS}middle_reps = middle_activations.reshape(num_emb, -1)"

_MIXED_ROWS = f"{_POOL_ACTIVATIONS}middle_reps = np.moveaxis(middle_activations, -1, 0).reshape(num_emb, -1)"

_UNFLATTENED = f"{_POOL_ACTIVATIONS}middle_reps = middle_activations"

_TRUNCATED = """
# A network that simply ends at the layer, as in Keras's guide to Sequential models.
deep_layer = 8
short = keras.Sequential(model.layers[: deep_layer + 1])
deep_reps = short.predict(X_train[:num_emb], verbose=0)
"""

_FLATTEN = """
middle_layer = model.get_layer("flatten")
middle_activations = keras.Model(model.inputs, middle_layer.output)(X_train[:num_emb], training=False)
middle_reps = middle_activations
"""

_BATCHES = """
# In batches of 100: all at once was too much for my laptop.
deep_layer = "dense_dropout"
cut = keras.Model(model.inputs, model.get_layer(deep_layer).output)
deep_reps = np.concatenate([
    cut(X_train[start : start + 100], training=False).numpy() for start in range(0, num_emb, 100)
])
"""

_CONV2 = """
middle_layer = 3
conv = keras.Model(model.inputs, model.layers[middle_layer].output)
middle_activations = conv.predict(X_train[:num_emb], batch_size=50, verbose=0)
# 18,432 numbers an image: 50 principal components hold what t-SNE needs, and make it quick.
from sklearn.decomposition import PCA
middle_reps = np.stack([image.ravel() for image in middle_activations])
middle_pca = PCA(50, random_state=1).fit_transform(middle_reps)
"""

_FIRST_LAYER = """
deep_layer = model.layers[0]
deep_reps = keras.Model(model.inputs, deep_layer.output).predict(X_train[:num_emb], verbose=0)
deep_reps = deep_reps.reshape(num_emb, -1)
"""

_SCORES = """
deep_layer = "softmax"
deep_reps = model.predict(X_train[:num_emb], verbose=0)
"""

_READ = """
from sklearn.neighbors import NearestNeighbors

plotted = y_train[:num_plot]

def own(emb):
    near = NearestNeighbors(n_neighbors=10).fit(emb[:num_plot]).kneighbors(return_distance=False)
    return (plotted[near] == plotted[:, None]).mean(axis=1)

def closest(emb, count):
    middle = {digit: np.median(emb[:num_plot][plotted == digit], axis=0) for digit in range(10)}
    pairs = [(a, b) for a in middle for b in middle if a < b]
    return sorted(pairs, key=lambda pair: np.linalg.norm(middle[pair[0]] - middle[pair[1]]))[:count]

deep_strays = np.flatnonzero(own(deep_emb) < 0.4).tolist()
deep_borders = closest(deep_emb, 2)
"""

_AGAIN = """
deep_emb_again = TSNE(n_components=2, init="random", random_state=2).fit_transform(deep_reps)
deep_borders_again = [pair for pair in deep_borders if pair in closest(deep_emb_again, 3)]
"""

_READINGS = {
    "ex2_readings": f"{_READ.strip()}\n{_AGAIN.rstrip()}\n",
    "ex3_readings": "moved = np.flatnonzero((own(emb) < 0.3) & (own(deep_emb) > 0.8)).tolist()\n",
}

_WORDS = {
    "ex1_written": "1. Most digits form groups of their own: the 0s and the 6s stand apart, and the 1s are a long band "
    "ordered by slant. 4, 7 and 9 run into one another because they share most of their ink.\n\n"
    "2. The groups would dissolve. The distance between two images compares them pixel by pixel, so that a 3 moved by "
    "five pixels has little in common with the same 3 where it was.",
    "ex2_written": "1. Ten compact groups, with gaps where the pixels' map had 4, 7 and 9 running together.\n\n"
    "2. A few: a 9 with an open loop lies among the 4s, and one 6 with a short stem beside the 0s.\n\n"
    "3. That 4 and 9 are neighbours makes sense. How far the 0s are from the 1s says nothing: t-SNE keeps "
    "neighbourhoods and not distances.",
    "ex3_written": "It lies between the two: cleaner than the pixels, since strokes are compared and not single "
    "pixels, but place and slant still order the points. From layer to layer the digit matters more.",
}

_FEW_WORDS = {"ex1_written": "I see groups of digits. They would be different.", "ex2_written": "It looks better."}

STUDENTS = (
    Student(
        "Ada Lovelace",
        "everything right",
        21,
        {"ex2_map": _deep(_DENSE), "ex3_map": _middle(_POOL), **_READINGS, **_WORDS},
    ),
    Student("Blaise Pascal", "handed in as it was given", 0),
    Student(
        "Emmy Noether",
        "right by another way: a truncated network, a flat layer in the middle, a random start",
        21,
        {
            "ex2_map": _deep(_TRUNCATED, tsne="perplexity=40, init='random', random_state=3"),
            "ex3_map": _middle(_FLATTEN, tsne="perplexity=20, random_state=7"),
            **_READINGS,
            **_WORDS,
        },
    ),
    Student(
        "Katherine Johnson",
        "right by another way: batches, a convolutional layer, PCA before t-SNE",
        21,
        {
            "ex2_map": _deep(_BATCHES, tsne="perplexity=15, random_state=11"),
            "ex3_map": _middle(_CONV2, rows="middle_pca"),
            **_READINGS,
            **_WORDS,
        },
    ),
    Student(
        "Leonhard Euler",
        "took the first layer for the deep one",
        17,
        {
            "ex2_map": _deep(_FIRST_LAYER),
            "ex3_map": _middle(_POOL),
            **_READINGS,
            "ex2_readings": f"{_READ.strip()}\ndeep_borders = [(4, 9), (3, 5)]\n{_AGAIN.strip()}\ndeep_borders_again = deep_borders\n",
            **_FEW_WORDS,
        },
    ),
    Student(
        "Mary Somerville",
        "mapped the class scores, drew no second map, and left the bonus out",
        8,
        {"ex2_map": _deep(_SCORES), "ex2_readings": f"{_READ.strip()}\n", **_FEW_WORDS},
    ),
    Student(
        "Sofya Kovalevskaya",
        "handed the middle layer to t-SNE without laying it flat, and took the deep map's strays for images that moved",
        15,
        {
            "ex2_map": _deep(_DENSE, tsne="perplexity=50, random_state=5"),
            "ex3_map": _middle(_UNFLATTENED),
            **_READINGS,
            "ex3_readings": "moved = deep_strays\n",
            **_WORDS,
        },
    ),
    Student(
        "Srinivasa Ramanujan",
        "wrote another part of the data's labels into the plot, mixed images in the flat rows, and drew the same map twice",
        16,
        {
            "ex2_map": _deep(_DENSE, labels="y_train[num_plot : 2 * num_plot]"),
            "ex3_map": _middle(_MIXED_ROWS),
            **_READINGS,
            "ex2_readings": f"{_READ.strip()}\ndeep_emb_again = deep_emb\ndeep_borders_again = deep_borders\n",
            **_FEW_WORDS,
        },
    ),
)
