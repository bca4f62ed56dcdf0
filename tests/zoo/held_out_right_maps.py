"""Held out: reasonable t-SNE maps, and plots that show them."""

from .spec import ex2, ex3

__all__ = ["RIGHT_MAPS"]

ESTIMATED = (
    "deep_emb = TSNE({settings}).fit_transform(deep_reps)",
    "middle_emb = TSNE({settings}).fit_transform(middle_reps)",
)


def _deep(name, settings, layer='"dense_relu"'):
    """Return a specimen with these settings for the deep map."""
    return ex2(f"t-SNE, {name}", emb=ESTIMATED[0].format(settings=settings), layer=layer)


def _middle(name, settings, layer='"pool"'):
    """Return a specimen with these settings for the middle map."""
    return ex3(f"t-SNE, {name}", emb=ESTIMATED[1].format(settings=settings), layer=layer)


SETTINGS = (
    _deep("scikit-learn's defaults, no seed", ""),
    _deep("perplexity as low as 5", "perplexity=5, random_state=1"),
    _deep("perplexity 8, random start", 'perplexity=8, init="random", random_state=11', '"dense"'),
    _deep("perplexity as high as 100", "perplexity=100, random_state=2"),
    _deep("perplexity 60, random start, 2000 steps", 'perplexity=60, init="random", max_iter=2000, random_state=3'),
    _deep("cosine distance", 'metric="cosine", random_state=4', '"dense_dropout"'),
    _deep("Manhattan distance, perplexity 40", 'perplexity=40, metric="manhattan", random_state=5'),
    _deep("correlation distance", 'metric="correlation", init="random", random_state=6'),
    _deep("exact method, 500 steps", 'method="exact", max_iter=500, random_state=7'),
    _deep("learning rate 100, exaggeration 20", "learning_rate=100, early_exaggeration=20, random_state=8"),
    _deep("the old defaults", 'init="random", learning_rate=200.0, perplexity=30.0, random_state=9', '"dense"'),
    _deep("coarse angle, no patience", "angle=0.7, n_iter_without_progress=150, random_state=10"),
    _deep("a start given as an array", "init=np.random.RandomState(0).randn(num_emb, 2) * 1e-4, random_state=0"),
    _deep("the pixels' map as a start", "init=(emb / emb.std() * 1e-4).astype('float32'), random_state=0"),
    _deep("RandomState object, many threads", "random_state=np.random.RandomState(123), n_jobs=-1"),
    _middle("perplexity 10", "perplexity=10, random_state=1"),
    _middle("perplexity 80, random start", 'perplexity=80, init="random", random_state=2', '"conv1_relu"'),
    _middle("cosine distance of a convolution", 'metric="cosine", random_state=3', '"conv2"'),
    _middle("learning rate 500", 'learning_rate=500, init="random", random_state=4'),
    _middle("exaggeration 4, 750 steps", "early_exaggeration=4, max_iter=750, random_state=5", '"flatten"'),
)

WAYS = (
    ex2(
        "t-SNE, distances computed beforehand",
        emb="from sklearn.metrics import pairwise_distances\n"
        'deep_emb = TSNE(metric="precomputed", init="random", random_state=0).fit_transform(pairwise_distances(deep_reps))',
    ),
    ex2(
        "t-SNE, fit and then embedding_",
        emb="mapper = TSNE(n_components=2, perplexity=25, random_state=42)\nmapper.fit(deep_reps)\ndeep_emb = mapper.embedding_",
    ),
    ex3(
        "t-SNE, fit chained with embedding_",
        emb='middle_emb = TSNE(perplexity=35, init="pca", random_state=1).fit(middle_reps).embedding_',
    ),
    ex2(
        "t-SNE, after PCA to 50 components",
        emb="from sklearn.decomposition import PCA\n"
        "small = PCA(n_components=50, random_state=0).fit_transform(deep_reps)\n"
        "deep_emb = TSNE(random_state=0).fit_transform(small)",
    ),
    ex3(
        "t-SNE, after PCA to 30 components in a pipeline",
        emb="from sklearn.decomposition import PCA\nfrom sklearn.pipeline import make_pipeline\n"
        "middle_emb = make_pipeline(PCA(30), TSNE(perplexity=20, random_state=0)).fit_transform(middle_reps)",
        layer='"conv2_relu"',
    ),
    ex2(
        "t-SNE, of rows brought to unit length",
        emb="from sklearn.preprocessing import normalize\n"
        "deep_emb = TSNE(random_state=0).fit_transform(normalize(deep_reps))",
    ),
    ex2(
        "t-SNE, best of three seeds by divergence",
        emb="runs = [TSNE(init='random', random_state=seed) for seed in range(3)]\n"
        "maps = [run.fit_transform(deep_reps) for run in runs]\n"
        "deep_emb = maps[int(np.argmin([getattr(run, 'kl_divergence_', 0) for run in runs]))]",
    ),
    ex2(
        "t-SNE, given double precision and the same again for the plot",
        emb="settings = dict(n_components=2, perplexity=50, random_state=17)\n"
        "deep_emb = TSNE(**settings).fit_transform(np.asarray(deep_reps, dtype='float64'))",
    ),
)


def _moved(name, change, before=""):
    """Return a specimen whose map is changed in a way that keeps who is near whom."""
    made = 'deep_emb = TSNE(perplexity=30, init="pca", max_iter=1000, random_state=0).fit_transform(deep_reps)'
    return ex2(f"embedding {name}", emb=f"{made}\n{change}", before=before)


MOVED = (
    _moved(
        "scaled to the unit square", "deep_emb = (deep_emb - deep_emb.min(0)) / (deep_emb.max(0) - deep_emb.min(0))"
    ),
    _moved(
        "brought to mean 0 and deviation 1",
        "deep_emb = StandardScaler().fit_transform(deep_emb)",
        "from sklearn.preprocessing import StandardScaler",
    ),
    _moved("mirrored and moved far off", "deep_emb = deep_emb * [-1, 1] + np.array([1000.0, -250.0])"),
    _moved(
        "turned by 30 degrees",
        "c, s = np.cos(np.pi / 6), np.sin(np.pi / 6)\ndeep_emb = deep_emb @ np.array([[c, -s], [s, c]])",
    ),
    _moved("with its axes exchanged", "deep_emb = deep_emb[:, ::-1]"),
    _moved("very small", "deep_emb /= 1e6"),
    _moved("in half precision", "deep_emb = deep_emb.astype('float16')"),
    _moved("given as lists of two", "deep_emb = deep_emb.tolist()"),
    _moved("as a tensor", "deep_emb = tf.convert_to_tensor(deep_emb)", "import tensorflow as tf"),
    _moved("rounded to two decimals", "deep_emb = np.round(deep_emb, 2)"),
)


def _plot(name, plot, before=""):
    """Return a specimen with another way of plotting the usual map; lists and tensors are plotted as arrays."""
    return ex2(f"shown: {name}", plot=plot, before=before)


PLOTS = (
    _plot(
        "keyword arguments in another order",
        "deep_plot = plot_embedding(y=y_train[:500], X=deep_emb[:500], imgs=X_train[:500], title='Deep')",
    ),
    _plot("all 1000", "deep_plot = plot_embedding(X_train[:num_emb], deep_emb, y_train[:num_emb], 'all of them')"),
    _plot("everything passed, the shortest decides", "deep_plot = plot_embedding(X_train, deep_emb, y_train)"),
    _plot(
        "num_plot raised to 700",
        "num_plot = 700\ndeep_plot = plot_embedding(X_train[:num_plot], deep_emb[:num_plot], y_train[:num_plot])",
    ),
    _plot(
        "600 rows drawn by lot",
        "some = np.random.default_rng(1).choice(num_emb, 600, replace=False)\n"
        "deep_plot = plot_embedding(X_train[some], deep_emb[some], y_train[some])",
    ),
    _plot(
        "the second half",
        "deep_plot = plot_embedding(X_train[500:1000], deep_emb[500:], y_train[500:1000], 'second half')",
    ),
    _plot("rows with odd numbers", "deep_plot = plot_embedding(X_train[1:1000:2], deep_emb[1::2], y_train[1:1000:2])"),
    _plot(
        "the digits 2 to 9 only",
        "keep = y_train[:num_emb] >= 2\ndeep_plot = plot_embedding(X_train[:num_emb][keep], deep_emb[keep], y_train[:num_emb][keep])",
    ),
    _plot(
        "sorted by label, all three together",
        "order = np.argsort(y_train[:num_plot], kind='stable')\n"
        "deep_plot = plot_embedding(X_train[order], deep_emb[order], y_train[order])",
    ),
    _plot(
        "another figure size and a title afterwards",
        "deep_plot = plot_embedding(X_train[:num_plot], deep_emb[:num_plot], y_train[:num_plot])\n"
        "deep_plot.figure.set_size_inches(14, 14)\ndeep_plot.set_title('dense_relu', fontsize=20)\nplt.show()",
    ),
    _plot(
        "with a legend of one's own and a note at the edge",
        "deep_plot = plot_embedding(X_train[:num_plot], deep_emb[:num_plot], y_train[:num_plot])\n"
        "deep_plot.text(0.02, 1.05, 'perplexity 30', fontsize=8)\ndeep_plot.plot([], [], 'k.', label='one image')\n"
        "deep_plot.legend(loc='lower right')",
    ),
    _plot(
        "with an arrow to a stray",
        "deep_plot = plot_embedding(X_train[:num_plot], deep_emb[:num_plot], y_train[:num_plot])\n"
        "deep_plot.annotate('a strange one', xy=(0.4, 0.6), xytext=(0.1, 0.9), arrowprops={'arrowstyle': '->'})",
    ),
    _plot(
        "figure closed, labels as text",
        "deep_plot = plot_embedding(X_train[:num_plot], deep_emb[:num_plot], [str(label) for label in y_train[:num_plot]])\n"
        "plt.close('all')",
    ),
    _plot(
        "lists of rows and labels, points zoomed",
        "deep_plot = plot_embedding(list(X_train[:num_plot]), (10 * deep_emb[:num_plot] + 3).tolist(), y_train[:num_plot].tolist())",
    ),
    _plot(
        "after other pictures of one's own",
        "plt.figure()\nplt.scatter(*deep_emb.T, c=y_train[:num_emb])\n"
        "deep_plot = plot_embedding(X_train[:num_plot], deep_emb[:num_plot], y_train[:num_plot])\n"
        "plt.figure()\nplt.hist(deep_emb[:, 0])",
    ),
    ex3(
        "shown: the middle map with 800 points and a title",
        plot="middle_plot = plot_embedding(X_train[:800], middle_emb[:800], y_train[:800], title=f'Layer {middle_layer}')",
    ),
)

RIGHT_MAPS = (*SETTINGS, *WAYS, *MOVED, *PLOTS)
