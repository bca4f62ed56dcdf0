"""Held out: plots that don't show the map with its labels, and specimens with more than one mistake."""

from .held_out import held_out
from .spec import EX2, EX3, Spec, ex2, ex3

__all__ = ["DISPUTED_PLOTS", "WRONG_PLOTS"]

SHOWN = "shown = plot_embedding(X_train[:num_plot], deep_emb[:num_plot], y_train[:num_plot])\n"


def _plot(name, plot, said, before="", /, **also):
    """Return a specimen with another plot of the usual deep map."""
    return held_out(ex2(f"shown wrongly: {name}", plot=plot, before=before, drawn=said), **also)


def _drawn(name, images, points, labels, said, before="", **also):
    """Return a specimen with other arguments to `plot_embedding`."""
    return _plot(name, f"deep_plot = plot_embedding({images}, {points}, {labels})", said, before, **also)


def _labelled(name, labels, before="", **also):
    """Return a specimen with other labels at the right points."""
    return _drawn(name, "X_train[:num_plot]", "deep_emb[:num_plot]", labels, "labels_misaligned", before, **also)


LABELS = (
    _labelled("labels of the test images", "y_test[:num_plot]"),
    _labelled("labels of the second 500", "y_train[num_plot:2 * num_plot]"),
    _labelled("labels one further", "y_train[1:num_plot + 1]"),
    _labelled("labels rolled", "np.roll(y_train[:num_plot], -1)"),
    _labelled("labels shuffled", "np.random.default_rng(0).permutation(y_train[:num_plot])"),
    _labelled("labels sorted", "np.sort(y_train[:num_plot])"),
    _labelled("labels in reverse", "y_train[:num_plot][::-1]"),
    _labelled("labels from the end", "y_train[-num_plot:]"),
    _labelled("every label 0", "np.zeros(num_plot, dtype=int)"),
    _labelled("row numbers as labels", "range(num_plot)"),
    _labelled("labels mirrored", "9 - y_train[:num_plot]"),
    _labelled(
        "clusters instead of labels",
        "KMeans(10, n_init=1, random_state=0).fit_predict(deep_emb)[:num_plot]",
        "from sklearn.cluster import KMeans",
    ),
    _drawn(
        "points in reverse, labels not",
        "X_train[:num_plot]",
        "deep_emb[:num_plot][::-1]",
        "y_train[:num_plot]",
        "labels_misaligned",
        plot="wrong_points",
    ),
    _drawn(
        "second 500 points with the first labels",
        "X_train[500:1000]",
        "deep_emb[500:1000]",
        "y_train[:500]",
        "labels_misaligned",
        plot="wrong_points",
    ),
    _drawn(
        "points picked by lot, labels not",
        "X_train[lot]",
        "deep_emb[lot]",
        "y_train[:600]",
        "labels_misaligned",
        "lot = np.random.default_rng(9).permutation(1000)[:600]",
        plot="wrong_points",
    ),
    _drawn(
        "points sorted by label, labels not",
        "X_train[:num_emb]",
        "deep_emb[np.argsort(y_train[:num_emb])]",
        "y_train[:num_emb]",
        "labels_misaligned",
        plot="wrong_points",
    ),
    held_out(
        ex3(
            "shown wrongly: middle map with the test images' labels",
            plot="middle_plot = plot_embedding(X_train[:600], middle_emb[:600], y_test[:600])",
            drawn="labels_misaligned",
        ),
    ),
)


def _points(name, points, before="", **also):
    """Return a specimen with other points and the right labels."""
    return _drawn(name, "X_train[:num_plot]", points, "y_train[:num_plot]", "wrong_points", before, **also)


POINTS = (
    _points("the pixels' map", "emb[:num_plot]"),
    _points("another run's map", "TSNE(perplexity=50, random_state=77).fit_transform(deep_reps)[:num_plot]"),
    _points("PCA instead", "PCA(2).fit_transform(deep_reps)[:num_plot]", "from sklearn.decomposition import PCA"),
    _points("random points", "np.random.default_rng(1).normal(size=(num_plot, 2))"),
    _points("two units of the representation", "deep_reps[:num_plot, [20, 90]]"),
    _points("each column sorted", "np.sort(deep_emb[:num_plot], axis=0)", plot="labels_misaligned"),
    _points("first coordinate on both axes", "deep_emb[:num_plot][:, [0, 0]]"),
    held_out(
        ex3(
            "shown wrongly: the pixels' map instead of the middle one",
            plot="middle_plot = plot_embedding(X_train[:num_plot], emb[:num_plot], y_train[:num_plot])",
            drawn="wrong_points",
        ),
    ),
    held_out(
        ex3(
            "shown wrongly: a map of the scores instead of the middle one",
            before="other = TSNE(random_state=0).fit_transform(model.predict(X_train[:num_emb], verbose=0))",
            plot="middle_plot = plot_embedding(X_train[:num_emb], other, y_train[:num_emb])",
            drawn="wrong_points",
        ),
    ),
    *(
        _drawn(f"{many} points", f"X_train[:{many}]", f"deep_emb[:{many}]", f"y_train[:{many}]", "too_few_points")
        for many in (10, 100, 250)
    ),
    _drawn("every fifth point", "X_train[:1000:5]", "deep_emb[::5]", "y_train[:1000:5]", "too_few_points"),
    _drawn(
        "only 4 and 9",
        "X_train[:1000][two]",
        "deep_emb[two]",
        "y_train[:1000][two]",
        "too_few_points",
        "two = np.isin(y_train[:1000], [4, 9])",
    ),
    _drawn(
        "labels for the first hundred only",
        "X_train[:num_plot]",
        "deep_emb[:num_plot]",
        "y_train[:100]",
        "too_few_points",
    ),
    held_out(
        ex3(
            "shown wrongly: 64 points of the middle map",
            plot="middle_plot = plot_embedding(X_train[:64], middle_emb[:64], y_train[:64])",
            drawn="too_few_points",
        ),
    ),
)

NONE = (
    _plot("never assigned", SHOWN.replace("shown = ", "") + "plt.show()", "missing", plot="no_plot"),
    _plot("None", "deep_plot = None", "missing", plot="no_plot"),
    _plot("what plt.show returns", SHOWN + "deep_plot = plt.show()", "missing", plot="no_plot"),
    _plot(
        "new empty Axes after the right plot",
        SHOWN + "deep_plot = plt.figure().add_subplot()",
        "no_plot",
        plot="too_few_points",
    ),
    _plot(
        "cleared after it was drawn", SHOWN + "deep_plot = shown\ndeep_plot.clear()", "no_plot", plot="too_few_points"
    ),
    _plot("the function, not called", SHOWN + "deep_plot = plot_embedding", "no_plot", plot="wrong_type"),
    _plot("a sentence", SHOWN + "deep_plot = 'see the figure above'", "no_plot", plot="wrong_type"),
    _plot("True", SHOWN + "deep_plot = True", "no_plot", plot="wrong_type"),
    _plot("the embedding again", SHOWN + "deep_plot = deep_emb[:num_plot]", "no_plot", plot="wrong_type"),
    _plot(
        "a bar chart of the labels",
        "fig, deep_plot = plt.subplots()\ndeep_plot.bar(range(10), np.bincount(y_train[:num_emb]))",
        "no_plot",
        plot="too_few_points",
    ),
    held_out(ex3("shown wrongly: no middle plot", plot="middle_plot = None", drawn="missing"), plot="no_plot"),
)

ALL_MISSING = ex2(
    "nothing: every name of exercise 2 is None", activations="missing", embedding="missing", drawn="missing"
)
TWO = (
    held_out(
        Spec(ALL_MISSING.name, "deep_layer = deep_reps = deep_emb = deep_plot = None", EX2, ALL_MISSING.fails),
        embedding="skipped:missing",
        plot="no_plot skipped:missing",
    ),
    held_out(
        Spec("nothing: the bonus was left out", "pass", EX3, dict.fromkeys(EX3, ("missing",))),
        flatten="skipped:missing",
        embedding="skipped:missing",
        plot="no_plot skipped:missing",
    ),
    ex2(
        "two mistakes: first layer, and labels of the test images",
        "deep_reps = reps.reshape(num_emb, -1)",
        layer="0",
        plot="deep_plot = plot_embedding(X_train[:num_plot], deep_emb[:num_plot], y_test[:num_plot])",
        activations=("wrong_layer", "conv1"),
        drawn="labels_misaligned",
    ),
    ex2(
        "two mistakes: softmax, mapped by PCA",
        "deep_reps = model.predict(X_train[:num_emb], verbose=0)",
        before="from sklearn.decomposition import PCA",
        layer='"softmax"',
        emb="deep_emb = PCA(2).fit_transform(deep_reps)",
        activations="class_scores",
        embedding="not_tsne",
    ),
    ex2(
        "two mistakes: dropout on, and a hundred points",
        "deep_reps = keras.Model(model.inputs, model.get_layer(deep_layer).output)(X_train[:num_emb], training=True).numpy()",
        layer='"dense_dropout"',
        plot="deep_plot = plot_embedding(X_train[:100], deep_emb[:100], y_train[:100])",
        activations="dropout_active",
        drawn="too_few_points",
    ),
    ex2(
        "two mistakes: rows shuffled in the map, labels shifted in the plot",
        emb="deep_emb = TSNE(random_state=0).fit_transform(deep_reps)[::-1]",
        plot="deep_plot = plot_embedding(X_train[:num_plot], deep_emb[:num_plot], y_train[2:num_plot + 2])",
        embedding="shuffled_rows",
        drawn="labels_misaligned",
    ),
    ex2(
        "two mistakes: standardised, and dots without labels",
        "taken = keras.Sequential(model.layers[:8]).predict(X_train[:num_emb], verbose=0)\n"
        "deep_reps = (taken - taken.mean(axis=0)) / taken.std(axis=0)",
        layer='"dense"',
        plot="plt.figure()\ndeep_plot = plt.plot(*deep_emb.T, '.')",
        activations="rescaled_values",
        drawn="no_labels",
    ),
    ex3(
        "two mistakes: deep layer as the middle one, and the pixels' map",
        layer='"dense"',
        emb="middle_emb = emb",
        activations=("wrong_layer", "dense"),
        embedding="embedding_of_pixels",
    ),
    ex3(
        "two mistakes: averaged instead of flattened, then 250 steps",
        reps="middle_reps = middle_activations.mean(axis=(1, 2))",
        emb="middle_emb = TSNE(max_iter=250, random_state=0).fit_transform(middle_reps)",
        layer='"conv2_relu"',
        flatten="pooled",
        embedding="not_converged",
    ),
    ex3(
        "two mistakes: rows mixed, labels sorted",
        reps="middle_reps = middle_activations.T.reshape(1000, -1)",
        plot="middle_plot = plot_embedding(X_train[:num_plot], middle_emb[:num_plot], sorted(y_train[:num_plot]))",
        flatten="mixed_samples",
        drawn="labels_misaligned",
    ),
)

WRONG_PLOTS = (*LABELS, *POINTS, *NONE, *TWO)

# Their author calls them plots without labels; the kit reads the labels from the colours, and gives the doubt to the student.
DISPUTED_PLOTS = (
    _plot(
        "a scatter plot's collection",
        "deep_plot = plt.scatter(*deep_emb[:num_plot].T, c=y_train[:num_plot])",
        "no_plot",
        plot="wrong_type",
    ),
    _plot(
        "the Axes of an unlabelled scatter plot",
        "plt.figure()\nplt.scatter(*deep_emb[:num_plot].T, c=y_train[:num_plot])\ndeep_plot = plt.gca()",
        "no_plot",
        plot="too_few_points",
    ),
)
