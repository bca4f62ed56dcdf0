"""Right ways: any code that arrives at right values."""

from .spec import Spec, ex2, ex3

__all__ = ["RIGHT"]

RIGHT: list[Spec] = []


def _add(*specs: Spec) -> None:
    RIGHT.extend(specs)


# Which layer, and how it is named.
for layer in ("dense", "dense_relu", "dense_dropout"):
    _add(ex2(f"layer {layer}", layer=f'"{layer}"'))
for layer in ("conv1", "conv1_relu", "conv2", "conv2_relu", "pool", "pool_dropout", "flatten"):
    _add(ex3(f"layer {layer}", layer=f'"{layer}"'))
FROM_DEEP = (
    "deep_reps = keras.Model(model.inputs, model.get_layer('dense_relu').output).predict(X_train[:num_emb], verbose=0)"
)
_add(
    ex2(
        "layer by index",
        "deep_reps = keras.Model(model.inputs, model.layers[deep_layer].output).predict(X_train[:num_emb], verbose=0)",
        layer="8",
    ),
    ex2(
        "layer by negative index",
        "deep_reps = keras.Model(model.inputs, model.layers[deep_layer].output).predict(X_train[:num_emb], verbose=0)",
        layer="-4",
    ),
    ex2(
        "layer as an object",
        "deep_reps = keras.Model(model.inputs, deep_layer.output).predict(X_train[:num_emb], verbose=0)",
        layer="model.layers[7]",
    ),
    ex2("another accepted layer than the one named", FROM_DEEP, layer='"dense"'),
    ex2("a layer name with a typing mistake", FROM_DEEP, layer='"dense_rleu"'),
    ex2("the layer left unnamed", FROM_DEEP, layer="None"),
    ex2("a float as layer index", FROM_DEEP, layer="8.0"),
)

# How the activations are computed.
_add(
    ex2(
        "layers applied one by one",
        """
x = X_train[:num_emb]
for layer in model.layers[:9]:
    x = layer(x)
deep_reps = np.array(x)""",
    ),
    ex2("a truncated Sequential", "deep_reps = keras.Sequential(model.layers[:9])(X_train[:num_emb]).numpy()"),
    ex2(
        "a truncated Sequential, predicted",
        """
short = keras.Sequential([keras.Input((28, 28, 1)), *model.layers[:8]])
deep_reps = short.predict(X_train[:num_emb], verbose=0)""",
    ),
    ex2(
        "batches of 100, concatenated",
        """
part = keras.Model(model.inputs, model.get_layer("dense_relu").output)
deep_reps = np.concatenate([part(X_train[i:i + 100]).numpy() for i in range(0, num_emb, 100)])""",
    ),
    ex2(
        "batches of 64 into a filled array",
        """
part = keras.Model(model.inputs, model.get_layer("dense").output)
deep_reps = np.empty((num_emb, 128))
for i in range(0, num_emb, 64):
    deep_reps[i:min(i + 64, num_emb)] = part(X_train[i:min(i + 64, num_emb)])""",
    ),
    ex2(
        "images one by one",
        """
part = keras.Model(model.inputs, model.get_layer("flatten").output)
flat = part.predict(X_train[:num_emb], verbose=0)
W, b = model.get_layer("dense").get_weights()
deep_reps = np.array([row @ W + b for row in flat])""",
    ),
    ex2(
        "NumPy products from the flat layer",
        """
flat = keras.Model(model.inputs, model.get_layer("flatten").output).predict(X_train[:num_emb], verbose=0)
W, b = model.get_layer("dense").get_weights()
deep_reps = np.maximum(flat.astype("float64") @ W + b, 0)""",
    ),
    ex2(
        "every layer's output at once",
        """
outputs = keras.Model(model.inputs, [layer.output for layer in model.layers]).predict(X_train[:num_emb], verbose=0)
deep_reps = outputs[8]""",
    ),
    ex2(
        "a dictionary of layers",
        """
acts = {}
for name in ("dense", "dense_relu"):
    acts[name] = keras.Model(model.inputs, model.get_layer(name).output).predict(X_train[:num_emb], verbose=0)
deep_reps = acts["dense_relu"]""",
    ),
    ex2(
        "a function in the cell",
        """
def activations_of(name, images):
    return keras.Model(model.inputs, model.get_layer(name).output)(images, training=False)
deep_reps = np.asarray(activations_of(deep_layer, X_train[:num_emb]))""",
    ),
    ex2(
        "all training images, cut afterwards",
        "deep_reps = keras.Model(model.inputs, model.get_layer(deep_layer).output).predict(X_train[:2000], verbose=0)[:num_emb]",
    ),
    ex2(
        "pixels scaled again by hand from integers",
        """
images = (X_train[:num_emb] * 255).round().astype("uint8")
deep_reps = keras.Model(model.inputs, model.get_layer(deep_layer).output).predict(images / 255.0, verbose=0)""",
    ),
    ex2(
        "imports in the cell",
        """
from keras.models import Model
import numpy
deep_reps = numpy.asarray(Model(inputs=model.inputs, outputs=model.layers[8].output).predict(X_train[0:1000], verbose=0))""",
    ),
)

# What kind of array.
for kind in ("float16", "float64", "longdouble", ">f4"):
    _add(
        ex2(
            f"as {kind}",
            f"{FROM_DEEP}\ndeep_reps = deep_reps.astype('{kind}')",
            emb="deep_emb = TSNE(n_components=2, init='pca', random_state=0).fit_transform(np.asarray(deep_reps, 'float32'))",
        )
    )
_add(
    ex2(
        "a TensorFlow tensor",
        "deep_reps = keras.Model(model.inputs, model.get_layer(deep_layer).output)(X_train[:num_emb])",
        emb="deep_emb = TSNE(n_components=2, perplexity=30, init='pca', random_state=0).fit_transform(np.array(deep_reps))",
    ),
    ex2(
        "a list of lists",
        FROM_DEEP + "\ndeep_reps = deep_reps.tolist()",
        emb="deep_emb = TSNE(n_components=2, init='pca', random_state=0).fit_transform(np.array(deep_reps, 'float32'))",
    ),
    ex2(
        "a list of rows",
        FROM_DEEP + "\ndeep_reps = [row for row in deep_reps]",
        emb="deep_emb = TSNE(n_components=2, init='pca', random_state=0).fit_transform(np.array(deep_reps))",
    ),
    ex2("Fortran order", FROM_DEEP + "\ndeep_reps = np.asfortranarray(deep_reps)"),
    ex2("a view with strides", FROM_DEEP + "\ndeep_reps = np.repeat(deep_reps, 2, axis=1)[:, ::2]"),
    ex2(
        "a matrix",
        FROM_DEEP + "\ndeep_reps = np.matrix(deep_reps)",
        emb="deep_emb = TSNE(n_components=2, init='pca', random_state=0).fit_transform(np.asarray(deep_reps))",
    ),
    ex2("rounded to three places", FROM_DEEP + "\ndeep_reps = deep_reps.round(3)"),
    ex2("features in another order", FROM_DEEP + "\ndeep_reps = deep_reps[:, ::-1]"),
    ex2("features shuffled", FROM_DEEP + "\ndeep_reps = deep_reps[:, np.random.default_rng(0).permutation(128)]"),
    ex2(
        "objects that are floats",
        FROM_DEEP + "\ndeep_reps = deep_reps.astype(object)",
        emb="deep_emb = TSNE(n_components=2, init='pca', random_state=0).fit_transform(deep_reps.astype('float32'))",
    ),
    ex2(
        "a masked array without a mask",
        FROM_DEEP + "\ndeep_reps = np.ma.masked_array(deep_reps)",
        emb="deep_emb = TSNE(n_components=2, init='pca', random_state=0).fit_transform(np.asarray(deep_reps))",
    ),
    ex2(
        "embedding as a list",
        emb="deep_emb = TSNE(n_components=2, perplexity=30, init='pca', max_iter=1000, random_state=0).fit_transform(deep_reps).tolist()",
        plot="deep_plot = plot_embedding(X_train[:num_plot], np.array(deep_emb)[:num_plot], y_train[:num_plot])",
    ),
)

# t-SNE's settings.
for words, call in {
    "perplexity 5": "TSNE(perplexity=5, random_state=0)",
    "perplexity 12": "TSNE(perplexity=12, random_state=0)",
    "perplexity 50": "TSNE(perplexity=50, random_state=0)",
    "perplexity 100": "TSNE(perplexity=100, random_state=0)",
    "perplexity 37": "TSNE(perplexity=37, random_state=2)",
    "random init": "TSNE(init='random', random_state=1)",
    "cosine": "TSNE(metric='cosine', random_state=0)",
    "manhattan": "TSNE(metric='manhattan', random_state=0)",
    "correlation": "TSNE(metric='correlation', random_state=0)",
    "chebyshev": "TSNE(metric='chebyshev', random_state=0)",
    "500 iterations": "TSNE(max_iter=500, random_state=0)",
    "2000 iterations": "TSNE(max_iter=2000, random_state=0)",
    "learning rate 50": "TSNE(learning_rate=50, random_state=0)",
    "learning rate 1000": "TSNE(learning_rate=1000, random_state=0)",
    "early exaggeration 4": "TSNE(early_exaggeration=4, random_state=0)",
    "angle 0.8": "TSNE(angle=0.8, random_state=0)",
    "seed 42": "TSNE(2, random_state=42)",
}.items():
    _add(ex2(f"t-SNE, {words}", emb=f"deep_emb = {call}.fit_transform(deep_reps)"))
_add(
    ex2(
        "PCA to 50 first",
        before="from sklearn.decomposition import PCA",
        emb="deep_emb = TSNE(random_state=0).fit_transform(PCA(50, random_state=0).fit_transform(deep_reps))",
    ),
    ex2(
        "PCA to 30 first",
        before="from sklearn.decomposition import PCA",
        emb="deep_emb = TSNE(random_state=0).fit_transform(PCA(30, random_state=0).fit_transform(deep_reps))",
    ),
    ex2(
        "PCA to 10 first",
        before="from sklearn.decomposition import PCA",
        emb="deep_emb = TSNE(random_state=0).fit_transform(PCA(10, random_state=0).fit_transform(deep_reps))",
    ),
    ex2(
        "standardised first",
        before="from sklearn.preprocessing import StandardScaler",
        emb="deep_emb = TSNE(random_state=0).fit_transform(StandardScaler().fit_transform(deep_reps))",
    ),
    ex2(
        "unit rows first",
        emb="deep_emb = TSNE(random_state=0).fit_transform(deep_reps / np.linalg.norm(deep_reps, axis=1, keepdims=True))",
    ),
    ex2(
        "scaled to 0..1 first",
        emb="deep_emb = TSNE(random_state=0).fit_transform((deep_reps - deep_reps.min()) / np.ptp(deep_reps))",
    ),
    ex2(
        "columns scaled to 0..1 first",
        before="from sklearn.preprocessing import MinMaxScaler",
        emb="deep_emb = TSNE(random_state=0).fit_transform(MinMaxScaler().fit_transform(deep_reps))",
    ),
    ex2(
        "from a distance matrix",
        before="from sklearn.metrics import pairwise_distances",
        emb="deep_emb = TSNE(metric='precomputed', init='random', random_state=0).fit_transform(pairwise_distances(deep_reps))",
    ),
    ex3(
        "convolutional, perplexity 50",
        emb="middle_emb = TSNE(perplexity=50, random_state=0).fit_transform(middle_reps)",
    ),
    ex3(
        "convolutional, perplexity 5", emb="middle_emb = TSNE(perplexity=5, random_state=0).fit_transform(middle_reps)"
    ),
    ex3("convolutional, cosine", emb="middle_emb = TSNE(metric='cosine', random_state=0).fit_transform(middle_reps)"),
    ex3(
        "convolutional, PCA to 50 first",
        before="from sklearn.decomposition import PCA",
        emb="middle_emb = TSNE(random_state=0).fit_transform(PCA(50, random_state=0).fit_transform(middle_reps))",
    ),
    ex3(
        "convolutional, standardised first",
        before="from sklearn.preprocessing import StandardScaler",
        emb="middle_emb = TSNE(random_state=0).fit_transform(StandardScaler().fit_transform(middle_reps))",
    ),
)

# What is done to the embedding afterwards.
MAPPED = "deep_emb = TSNE(n_components=2, perplexity=30, init='pca', max_iter=1000, random_state=0).fit_transform(deep_reps)\n"
for words, change in {
    "scaled to 0..1 by axis": "deep_emb = (deep_emb - deep_emb.min(0)) / (deep_emb.max(0) - deep_emb.min(0))",
    "divided by its largest value": "deep_emb = deep_emb / np.abs(deep_emb).max()",
    "moved and scaled": "deep_emb = deep_emb * 3 + [10, -5]",
    "standardised": "deep_emb = (deep_emb - deep_emb.mean(0)) / deep_emb.std(0)",
    "turned": "deep_emb = deep_emb @ np.array([[0.6, 0.8], [-0.8, 0.6]])",
    "mirrored": "deep_emb = deep_emb * [-1, 1]",
    "axes exchanged": "deep_emb = deep_emb[:, ::-1]",
    "as float16": "deep_emb = deep_emb.astype('float16')",
    "centred": "deep_emb = deep_emb - deep_emb.mean(axis=0)",
}.items():
    _add(ex2(f"embedding {words}", emb=MAPPED + change))

# How it is plotted.
for words, plot in {
    "all thousand points": "deep_plot = plot_embedding(X_train[:num_emb], deep_emb, y_train[:num_emb])",
    "600 points": "deep_plot = plot_embedding(X_train[:600], deep_emb[:600], y_train[:600])",
    "the last 500": "deep_plot = plot_embedding(X_train[500:1000], deep_emb[500:], y_train[500:1000])",
    "every second": "deep_plot = plot_embedding(X_train[:1000:2], deep_emb[::2], y_train[:1000:2])",
    "a random choice": "some = np.random.default_rng(0).choice(1000, 500, replace=False)\ndeep_plot = plot_embedding(X_train[some], deep_emb[some], y_train[some])",
    "with a title": "deep_plot = plot_embedding(X_train[:500], deep_emb[:500], y_train[:500], title='dense_relu')",
    "the Figure": "deep_plot = plot_embedding(X_train[:500], deep_emb[:500], y_train[:500]).figure",
    "with remarks in it": "deep_plot = plot_embedding(X_train[:500], deep_emb[:500], y_train[:500])\ndeep_plot.text(0.5, 0.5, 'a 4 here!')\ndeep_plot.annotate('odd', (0.1, 0.2))\ndeep_plot.set_xlabel('x')",
    "own texts": "fig, deep_plot = plt.subplots()\nfor (x, y), label in zip(deep_emb[:500], y_train[:500]):\n    deep_plot.text(x, y, str(label))",
    "own scatter by colour": "fig, deep_plot = plt.subplots()\ndeep_plot.scatter(deep_emb[:, 0], deep_emb[:, 1], c=y_train[:1000])",
    "own scatter by class": "fig, deep_plot = plt.subplots()\nfor d in range(10):\n    rows = y_train[:1000] == d\n    deep_plot.scatter(*deep_emb[rows].T, label=str(d))\ndeep_plot.legend()",
    "a line's markers by class": "fig, deep_plot = plt.subplots()\nfor d in range(10):\n    rows = y_train[:500] == d\n    deep_plot.plot(*deep_emb[:500][rows].T, '.', label=str(d))\ndeep_plot.legend()",
    "digits as markers without label=": "fig, deep_plot = plt.subplots()\nfor d in range(10):\n    deep_plot.scatter(*deep_emb[:500][y_train[:500] == d].T, marker=f'${d}$', color=plt.cm.Dark2(d % 8), alpha=0.4)",
    "annotations beside dots": "fig, deep_plot = plt.subplots()\ndeep_plot.scatter(*deep_emb[:500].T, s=3)\nfor i in range(500):\n    deep_plot.annotate(str(y_train[i]), deep_emb[i], xytext=(3, 3), textcoords='offset points')",
    "colours and a legend of proxies": "from matplotlib.patches import Patch\nfig, deep_plot = plt.subplots()\ndeep_plot.scatter(*deep_emb[:500].T, c=plt.cm.tab10(y_train[:500]))\ndeep_plot.legend(handles=[Patch(color=plt.cm.tab10(d), label=str(d)) for d in range(10)])",
    "colours and a colour bar": "fig, deep_plot = plt.subplots()\ndeep_plot.scatter(*deep_emb[:500].T, c=plt.cm.jet(y_train[:500] / 9))\nfig.colorbar(plt.cm.ScalarMappable(plt.Normalize(0, 9), 'jet'), ax=deep_plot)",
    "colours and a text amid each": "fig, deep_plot = plt.subplots()\ndeep_plot.scatter(*deep_emb[:500].T, c=plt.cm.tab10(y_train[:500]))\nfor d in range(10):\n    deep_plot.text(*np.median(deep_emb[:500][y_train[:500] == d], axis=0), str(d), fontsize=24)",
    "a call for each point": "fig, deep_plot = plt.subplots()\nfor i in range(500):\n    deep_plot.plot(*deep_emb[i], 'o', label=str(y_train[i]), color=plt.cm.tab10(y_train[i]))",
    "a grid with the pixels' map first": "fig, axes = plt.subplots(1, 2)\naxes[0].scatter(*emb.T, c=y_train[:1000])\naxes[1].scatter(*deep_emb[:600].T, c=y_train[:600])\ndeep_plot = fig",
    "labels from a list": "deep_plot = plot_embedding(X_train[:500], deep_emb[:500], list(map(int, y_train[:500])))",
    "an array of Axes": "fig, axes = plt.subplots(1, 2)\nfor i in range(500):\n    axes[0].text(deep_emb[i, 0], deep_emb[i, 1], y_train[i])\ndeep_plot = axes",
    "mirrored in the plot": "deep_plot = plot_embedding(X_train[:500], deep_emb[:500] * [-1, 1], y_train[:500])",
}.items():
    _add(ex2(f"plot: {words}", plot=plot))

# Flattening, and what is extracted for it.
_add(
    ex3(
        "conv1 flattened by hand",
        layer='"conv1"',
        reps="middle_reps = np.reshape(middle_activations, (len(middle_activations), -1))",
    ),
    ex3("flattened by ravel", reps="middle_reps = np.array([image.ravel() for image in middle_activations])"),
    ex3("flattened by a layer", reps="middle_reps = keras.layers.Flatten()(middle_activations).numpy()"),
    ex3("channels first", reps="middle_reps = middle_activations.transpose(0, 3, 1, 2).reshape(num_emb, -1)"),
    ex3(
        "Fortran order, an image at a time",
        reps="middle_reps = np.array([image.flatten(order='F') for image in middle_activations])",
    ),
    ex3(
        "channels first already in the activations",
        "middle_activations = keras.Model(model.inputs, model.get_layer('pool').output).predict(X_train[:num_emb], verbose=0).transpose(0, 3, 1, 2)",
    ),
    ex3(
        "activations as a tensor",
        "middle_activations = keras.Model(model.inputs, model.get_layer('conv2_relu').output)(X_train[:num_emb])",
        reps="middle_reps = np.array(middle_activations).reshape(num_emb, -1)",
    ),
    ex3(
        "flat already as extracted",
        "middle_activations = keras.Model(model.inputs, model.get_layer('pool').output).predict(X_train[:num_emb], verbose=0).reshape(num_emb, -1)",
        reps="middle_reps = middle_activations",
    ),
    ex3(
        "conv1 as float16",
        "middle_activations = keras.Model(model.inputs, model.get_layer('conv1').output).predict(X_train[:num_emb], verbose=0).astype('float16')",
        emb="middle_emb = TSNE(random_state=0, init='pca').fit_transform(middle_reps.astype('float32'))",
    ),
    ex3("the flat layer, deep part of the bottom", layer='"flatten"', reps="middle_reps = middle_activations"),
    ex3(
        "training mode where there is no dropout yet",
        "middle_activations = np.array(keras.Model(model.inputs, model.get_layer('pool').output)(X_train[:num_emb], training=True))",
    ),
)

# What is lower than the student's own deep layer.
for deep, middle in (("'dense_relu'", "dense"), ("-3", "dense"), ("model.layers[9]", "dense_relu")):
    _add(
        ex3(
            f"{middle} below the deep layer {deep.strip(chr(39))}",
            "middle_activations = keras.Model(model.inputs, model.get_layer(middle_layer).output).predict(X_train[:num_emb], verbose=0)",
            before=f"deep_layer = {deep}",
            layer=f"'{middle}'",
        )
    )
