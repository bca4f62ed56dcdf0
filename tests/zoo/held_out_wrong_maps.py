"""Held out: embeddings that are no t-SNE maps of their representations, row for row."""

from .held_out import held_out
from .spec import ex2, ex3

__all__ = ["WRONG_MAPS"]

USUAL = 'TSNE(n_components=2, perplexity=30, init="pca", max_iter=1000, random_state=0).fit_transform({of})'
MADE = "made = " + USUAL.format(of="deep_reps") + "\n"
# Where a map has no rows to draw: the plot shows the usual one.
PLOT_MADE = "deep_plot = plot_embedding(X_train[:num_plot], made[:num_plot], y_train[:num_plot])"
LAYER = "keras.Model(model.inputs, model.get_layer('{name}').output).predict(X_train[:num_emb], verbose=0).reshape(num_emb, -1)"


def _map(name, emb, said, layer='"dense_relu"', before="", drawn=None, **also):
    """Return a specimen with another deep map, which is also what it plots."""
    fails = {"embedding": said, **({"drawn": drawn} if drawn else {})}
    return held_out(ex2(f"map, {name}", emb=emb, layer=layer, before=before, **fails), **also)


def _undrawn(name, emb, said, before="", **also):
    """Return a specimen with a deep map that can't be plotted; no check looks at its plot."""
    spec = ex2(f"map, {name}", emb=MADE + emb, plot=PLOT_MADE, before=before, embedding=said)
    return held_out(spec, "activations", "embedding", **also)


def _middle(name, emb, said, layer='"pool"', before="", *, plot=None, **also):
    """Return a specimen with another middle map, which is also what it plots."""
    return held_out(ex3(f"map, {name}", emb=emb, layer=layer, before=before, plot=plot, embedding=said), **also)


COMPONENTS = (
    _undrawn(
        "three dimensions",
        "deep_emb = TSNE(n_components=3, init='pca', random_state=0).fit_transform(deep_reps)",
        "wrong_components",
    ),
    _undrawn(
        "one dimension",
        "deep_emb = TSNE(n_components=1, init='random', random_state=0).fit_transform(deep_reps)",
        "wrong_components",
    ),
    _undrawn("first coordinate only", "deep_emb = made[:, 0]", "wrong_components"),
    _undrawn("transposed", "deep_emb = made.T", "wrong_components", embedding="too_few_rows unknown"),
    _undrawn("labels as a third column", "deep_emb = np.column_stack([made, y_train[:num_emb]])", "wrong_components"),
    _undrawn("the representations themselves", "deep_emb = deep_reps", "wrong_components"),
    held_out(
        _middle(
            "three dimensions of the middle layer",
            "middle_emb = TSNE(n_components=3, random_state=1).fit_transform(middle_reps)",
            "wrong_components",
            plot="middle_plot = plot_embedding(X_train[:num_plot], middle_emb[:num_plot, :2], y_train[:num_plot])",
        ),
        "activations",
        "flatten",
        "embedding",
    ),
)

OTHERS = (
    *(
        _map(
            f"of layer {name}",
            "deep_emb = " + USUAL.format(of=LAYER.format(name=name)),
            ("embedding_of_other_layer", name),
        )
        for name in ("conv2", "conv2_relu", "scores", "softmax")
    ),
    _map(
        "of the pooling layer",
        "deep_emb = TSNE(perplexity=40, random_state=2).fit_transform(" + LAYER.format(name="pool") + ")",
        "embedding_of_other_layer",
    ),
    _map(
        "of the worked example's first layer",
        "deep_emb = " + USUAL.format(of="reps.reshape(num_emb, -1)"),
        ("embedding_of_other_layer", "conv1"),
        embedding="embedding_of_pixels",
    ),
    _middle(
        "middle one is the deep layer's",
        "middle_emb = " + USUAL.format(of=LAYER.format(name="dense_relu")),
        "embedding_of_other_layer",
    ),
    _middle(
        "middle one is the scores'",
        "middle_emb = " + USUAL.format(of=LAYER.format(name="scores")),
        ("embedding_of_other_layer", "scores"),
        '"conv1_relu"',
    ),
    _map("the pixels' map kept", "deep_emb = np.array(emb, dtype=float)", "embedding_of_pixels"),
    _map(
        "the pixels' map copied, scaled and mirrored",
        "deep_emb = emb.copy()[:, ::-1] / 10",
        "embedding_of_pixels",
        '"dense"',
    ),
    _map(
        "pixels with other settings",
        "deep_emb = TSNE(perplexity=15, init='random', random_state=8).fit_transform(X_train[:num_emb].reshape(num_emb, -1))",
        "embedding_of_pixels",
    ),
    _middle(
        "the pixels' map for the flat layer",
        "middle_emb = TSNE(perplexity=30, random_state=3).fit_transform(X_train[:1000].reshape(1000, 784))",
        "embedding_of_pixels",
        '"flatten"',
    ),
    held_out(
        _map(
            "of the test images",
            "deep_emb = TSNE(random_state=0).fit_transform(keras.Model(model.inputs, model.get_layer(deep_layer).output).predict(X_test, verbose=0))",
            "unknown",
        ),
        "activations",
        "embedding",
        embedding="not_tsne shuffled_rows embedding_of_other_layer",
    ),
    held_out(
        _map(
            "of the second thousand images",
            "deep_emb = TSNE(random_state=0).fit_transform(keras.Model(model.inputs, model.get_layer(deep_layer).output).predict(X_train[1000:2000], verbose=0))",
            "unknown",
        ),
        "activations",
        "embedding",
        embedding="not_tsne shuffled_rows embedding_of_other_layer",
    ),
)


def _method(name, code, before, **also):
    """Return a specimen whose map another method made."""
    return _map(name, f"deep_emb = {code}", "not_tsne", before=before, **also)


METHODS = (
    _method("PCA", "PCA(n_components=2).fit_transform(deep_reps)", "from sklearn.decomposition import PCA"),
    _method(
        "kernel PCA",
        "KernelPCA(2, kernel='cosine').fit_transform(deep_reps)",
        "from sklearn.decomposition import KernelPCA",
    ),
    _method(
        "multidimensional scaling",
        "MDS(2, n_init=1, max_iter=60, random_state=0).fit_transform(deep_reps)",
        "from sklearn.manifold import MDS",
    ),
    _method("Isomap", "Isomap(n_neighbors=12).fit_transform(deep_reps)", "from sklearn.manifold import Isomap"),
    _method(
        "spectral embedding",
        "SpectralEmbedding(2, random_state=0).fit_transform(deep_reps)",
        "from sklearn.manifold import SpectralEmbedding",
    ),
    _method(
        "random projection",
        "GaussianRandomProjection(2, random_state=0).fit_transform(deep_reps)",
        "from sklearn.random_projection import GaussianRandomProjection",
    ),
    _method(
        "discriminant analysis with the labels",
        "LinearDiscriminantAnalysis(n_components=2).fit_transform(deep_reps, y_train[:num_emb])",
        "from sklearn.discriminant_analysis import LinearDiscriminantAnalysis",
    ),
    _method("two units of the layer", "deep_reps[:, np.argsort(deep_reps.var(axis=0))[-2:]]", ""),
    _method("random points", "np.random.randn(num_emb, 2)", "", embedding="unknown shuffled_rows"),
    _method(
        "labels on a circle with noise",
        "np.column_stack([np.cos(y_train[:1000] * 0.628), np.sin(y_train[:1000] * 0.628)]) + np.random.default_rng(2).normal(0, 0.05, (1000, 2))",
        "",
    ),
    _middle(
        "PCA of the middle layer",
        "middle_emb = PCA(2).fit_transform(middle_reps)",
        "not_tsne",
        '"conv2_relu"',
        "from sklearn.decomposition import PCA",
    ),
    _middle(
        "Isomap of the middle layer",
        "middle_emb = Isomap(n_components=2).fit_transform(middle_reps)",
        "not_tsne",
        before="from sklearn.manifold import Isomap",
    ),
)

ROWS = (
    _map("rows shuffled", MADE + "deep_emb = np.random.default_rng(6).permutation(made)", "shuffled_rows"),
    _map(
        "rows sorted by digit", MADE + "deep_emb = made[np.argsort(y_train[:num_emb], kind='stable')]", "shuffled_rows"
    ),
    _map("rows in reverse", MADE + "deep_emb = made[::-1]", "shuffled_rows", '"dense"'),
    _map("rows one further", MADE + "deep_emb = np.roll(made, 1, axis=0)", "shuffled_rows"),
    _map("halves exchanged", MADE + "deep_emb = np.vstack([made[500:], made[:500]])", "shuffled_rows"),
    _map(
        "made of shuffled representations",
        "order = np.random.default_rng(7).permutation(num_emb)\ndeep_emb = " + USUAL.format(of="deep_reps[order]"),
        "shuffled_rows",
    ),
    _map(
        "each column sorted by itself",
        MADE + "deep_emb = np.sort(made, axis=0)",
        "shuffled_rows",
        embedding="not_tsne degenerate unknown",
    ),
    _middle(
        "rows of the middle map shuffled",
        "middle_emb = " + USUAL.format(of="middle_reps") + "\nnp.random.default_rng(8).shuffle(middle_emb)",
        "shuffled_rows",
        '"conv1"',
    ),
    _undrawn(
        "the plotted 500 only", "deep_emb = TSNE(random_state=0).fit_transform(deep_reps[:num_plot])", "too_few_rows"
    ),
    _undrawn(
        "a hundred rows",
        "deep_emb = TSNE(perplexity=20, random_state=0).fit_transform(deep_reps[:100])",
        "too_few_rows",
    ),
    _undrawn("last row dropped", "deep_emb = made[:-1]", "too_few_rows"),
    _undrawn("the map twice", "deep_emb = np.vstack([made, made])", "unknown", embedding="too_many_rows"),
)

STEPS = (
    _map(
        "250 steps",
        "deep_emb = TSNE(perplexity=20, max_iter=250, random_state=5).fit_transform(deep_reps)",
        "not_converged",
    ),
    _map(
        "250 steps from a random start",
        "deep_emb = TSNE(max_iter=250, init='random', random_state=1).fit_transform(deep_reps)",
        "not_converged",
        '"dense"',
    ),
    _map(
        "250 steps, perplexity 50, slow",
        "deep_emb = TSNE(perplexity=50, max_iter=250, learning_rate=10, random_state=2).fit_transform(deep_reps)",
        "not_converged",
    ),
    _map(
        "hardly any learning rate",
        "deep_emb = TSNE(init='random', learning_rate=0.01, random_state=3).fit_transform(deep_reps)",
        "not_converged",
        embedding="not_tsne degenerate",
    ),
    _middle(
        "250 steps for the middle layer",
        "middle_emb = TSNE(perplexity=30, max_iter=250, random_state=4).fit_transform(middle_reps)",
        "not_converged",
    ),
)

DEGENERATE = (
    _map("all zeros", "deep_emb = np.zeros((num_emb, 2))", "degenerate"),
    _map("one constant point", "deep_emb = np.full((num_emb, 2), 3.7)", "degenerate"),
    _map(
        "labels as both coordinates",
        "deep_emb = np.column_stack([y_train[:num_emb]] * 2).astype(float)",
        "degenerate",
        drawn="too_few_points",
        embedding="not_tsne",
    ),
    _map(
        "every image at its digit's centre",
        MADE + "deep_emb = np.array([made[y_train[:num_emb] == label].mean(axis=0) for label in y_train[:num_emb]])",
        "degenerate",
        drawn="too_few_points",
        embedding="not_tsne",
    ),
    _map("second coordinate lost", MADE + "deep_emb = np.column_stack([made[:, 0], np.zeros(num_emb)])", "degenerate"),
    _map("first coordinate twice", MADE + "deep_emb = np.column_stack([made[:, 0], made[:, 0]])", "degenerate"),
    _middle("middle map all ones", "middle_emb = np.ones((len(middle_reps), 2))", "degenerate"),
)

KINDS = (
    _undrawn("None", "deep_emb = None", "missing"),
    _undrawn("never assigned", "embedding = made", "missing"),
    _undrawn("the estimator", "deep_emb = TSNE(n_components=2, random_state=0)", "wrong_type"),
    _undrawn("a string", "deep_emb = 'a map of ten groups'", "wrong_type"),
    _undrawn("a dictionary of coordinates", "deep_emb = {'x': made[:, 0], 'y': made[:, 1]}", "wrong_type"),
    _undrawn("complex numbers", "deep_emb = (made[:, :1] + 1j * made[:, 1:]) * np.ones(2)", "wrong_type"),
    _undrawn("ragged rows", "deep_emb = [row.tolist() + [0.0] * (i % 2) for i, row in enumerate(made)]", "wrong_type"),
    _undrawn("one point not a number", "made[3] = np.nan\ndeep_emb = made.copy()\nmade[3] = 0", "not_finite"),
    _undrawn("one coordinate infinite", "deep_emb = made.copy()\ndeep_emb[0, 1] = -np.inf", "not_finite"),
    _undrawn(
        "scaled by an extent of zero", "deep_emb = (made - made.mean(0)) / np.ptp(made - made, axis=0)", "not_finite"
    ),
    held_out(
        ex3(
            "map, None in the middle",
            emb="middle_emb = None",
            plot="middle_plot = None",
            embedding="missing",
        ),
        "activations",
        "flatten",
        "embedding",
    ),
)

WRONG_MAPS = (*COMPONENTS, *OTHERS, *METHODS, *ROWS, *STEPS, *DEGENERATE, *KINDS)
