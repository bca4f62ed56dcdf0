"""Held out: the right layer's activations, spoilt after they were taken, and answers that are no activations at all."""

from .held_out import held_out
from .held_out_wrong_deep import OF_TAKEN, PART, TAKEN
from .spec import ex2

__all__ = ["WRONG_VALUES"]


def _changed(name, change, said="rescaled_values", before="", layer='"dense_relu"', drawn=None, **also):
    """Return a specimen whose rows are changed but can be embedded, as they are."""
    fails = {"activations": said, **({"drawn": drawn} if drawn else {})}
    return held_out(ex2(f"deep, {name}", TAKEN + f"deep_reps = {change}", before=before, layer=layer, **fails), **also)


def _spoilt(name, reps, said, before="", **also):
    """Return a specimen whose activations can't be embedded; its map is of the right ones."""
    spec = ex2(f"deep, {name}", TAKEN + reps, emb=OF_TAKEN, before=before, activations=said)
    return held_out(spec, "activations", "plot", **also)


SCALED = (
    _changed(
        "standardised",
        "StandardScaler().fit_transform(taken)",
        before="from sklearn.preprocessing import StandardScaler",
    ),
    _changed("standardised by hand", "(taken - taken.mean(0)) / (taken.std(0) + 1e-8)", layer='"dense"'),
    _changed(
        "unit by unit between 0 and 1", "minmax_scale(taken)", before="from sklearn.preprocessing import minmax_scale"
    ),
    _changed("rows of unit length", "taken / np.linalg.norm(taken, axis=1, keepdims=True)"),
    _changed("divided by the largest value", "taken / taken.max()"),
    _changed("divided by 255", "taken / 255.0", layer='"dense_dropout"'),
    _changed("doubled as if dropout were to be made up for", "2 * taken", layer='"dense_dropout"'),
    _changed("centred", "taken - taken.mean(axis=0)", layer='"dense"'),
    _changed("logarithm of one more", "np.log1p(taken)", activations="unknown"),
    _changed("squashed by tanh", "np.tanh(taken)", layer='"dense"', activations="unknown"),
    _changed(
        "softmax over the hidden units", "keras.ops.convert_to_numpy(keras.ops.softmax(taken))", activations="unknown"
    ),
)

REDUCED = (
    _changed("pairs of units averaged", "taken.reshape(num_emb, 64, 2).mean(axis=2)", "pooled", activations="unknown"),
    _changed(
        "maximum of every eight units", "taken.reshape(num_emb, 16, 8).max(axis=-1)", "pooled", activations="unknown"
    ),
    _changed(
        "convolution averaged over its positions",
        "taken.mean(axis=(1, 2))",
        "pooled",
        layer='"conv2_relu"',
        activations="wrong_layer",
    ),
    _changed(
        "GlobalMaxPooling of a convolution",
        "keras.layers.GlobalMaxPooling2D()(taken).numpy()",
        "pooled",
        layer='"conv1_relu"',
        activations="wrong_layer",
    ),
    _changed(
        "replaced by 50 principal components",
        "PCA(50, random_state=0).fit_transform(taken)",
        "unknown",
        "from sklearn.decomposition import PCA",
        activations="rescaled_values pooled",
    ),
    _changed("only the first 64 units", "taken[:, :64]", "unknown", activations="pooled rescaled_values"),
    _changed("active or not", "(taken > 0).astype('float32')", "unknown", activations="rescaled_values"),
    _spoilt(
        "mean over the images",
        "deep_reps = taken.mean(axis=0)",
        "pooled",
        activations="flattened_batch too_few_rows unknown wrong_type",
    ),
    _spoilt("mean of each row", "deep_reps = taken.mean(axis=1, keepdims=True)", "pooled", activations="unknown"),
)

SHAPES = (
    _spoilt("transposed", "deep_reps = taken.T", "transposed"),
    _spoilt(
        "units as rows by np.array of columns",
        "deep_reps = np.array([taken[:, unit] for unit in range(128)])",
        "transposed",
    ),
    _spoilt("transposed tensor", "deep_reps = tf.transpose(taken)", "transposed", "import tensorflow as tf"),
    _spoilt("one long vector by ravel", "deep_reps = taken.ravel()", "flattened_batch"),
    _spoilt("one long row", "deep_reps = np.reshape(taken, (1, -1))", "flattened_batch"),
    _spoilt("one long column", "deep_reps = taken.reshape(-1, 1)", "flattened_batch", activations="too_many_rows"),
    _spoilt("one long tensor", "deep_reps = tf.reshape(taken, [-1])", "flattened_batch", "import tensorflow as tf"),
    _spoilt(
        "an axis too many at the end", "deep_reps = taken[..., np.newaxis]", "not_flattened", activations="unknown"
    ),
    _spoilt(
        "each image in a batch of its own",
        "deep_reps = np.array([row[None] for row in taken])",
        "not_flattened",
        activations="unknown",
    ),
    _spoilt(
        "the worked example's activations, unflattened", "deep_reps = reps", "not_flattened", activations="wrong_layer"
    ),
    _spoilt(
        "the pooled layer left in four dimensions",
        "deep_reps = keras.Sequential(model.layers[:5]).predict(X_train[:num_emb], verbose=0)",
        "not_flattened",
        activations="wrong_layer",
    ),
    _spoilt(
        "batches never put together",
        PART + "deep_reps = np.array([part.predict_on_batch(X_train[i:i + 100]) for i in range(0, 1000, 100)])",
        "too_few_rows",
        activations="not_flattened unknown",
    ),
)

NUMBERS = (
    _spoilt("one value not a number", "deep_reps = taken.copy()\ndeep_reps[17, 3] = np.nan", "not_finite"),
    _spoilt("divided by deviations that are zero", "deep_reps = (taken - taken.mean(0)) / taken.std(0)", "not_finite"),
    _spoilt("logarithm of zeros", "deep_reps = np.log(taken)", "not_finite"),
    _spoilt("an infinite row", "deep_reps = np.vstack([taken[:-1], np.full(128, np.inf)])", "not_finite"),
    _spoilt("half precision overflowed", "deep_reps = (taken * 1e5).astype('float16')", "not_finite"),
    _spoilt("all zeros", "deep_reps = np.zeros_like(taken)", "unknown", activations="rescaled_values"),
    _changed(
        "noise of the right shape",
        "np.random.default_rng(1).normal(size=(num_emb, 128))",
        "unknown",
        drawn="wrong_points",
    ),
    _changed(
        "network with fresh weights",
        "keras.Sequential(keras.models.clone_model(model).layers[:9]).predict(X_train[:num_emb], verbose=0)",
        "unknown",
    ),
)

KINDS = (
    _spoilt("None", "deep_reps = None", "missing"),
    _spoilt("misspelt name", "deep_rep = taken", "missing"),
    _spoilt("name deleted", "deep_reps = taken\ndel deep_reps", "missing"),
    _spoilt("a string", "deep_reps = 'dense_relu'", "wrong_type"),
    _spoilt("the printed array", "deep_reps = str(taken)", "wrong_type"),
    _spoilt("the symbolic output", "deep_reps = model.get_layer(deep_layer).output", "wrong_type"),
    _spoilt("the model instead of its output", PART + "deep_reps = part", "wrong_type"),
    _spoilt("predict without its call", PART + "deep_reps = part.predict", "wrong_type"),
    _spoilt("the layer itself", "deep_reps = model.get_layer(deep_layer)", "wrong_type"),
    _spoilt("a dictionary by image", "deep_reps = {i: row for i, row in enumerate(taken)}", "wrong_type"),
    _spoilt("ragged lists of the active units", "deep_reps = [row[row > 0].tolist() for row in taken]", "wrong_type"),
    _spoilt(
        "objects in an array",
        "deep_reps = np.empty(num_emb, dtype=object)\nfor i, row in enumerate(taken):\n    deep_reps[i] = {'row': row}",
        "wrong_type",
    ),
    _spoilt("a Fourier transform, complex", "deep_reps = np.fft.fft(taken, axis=1)", "wrong_type"),
    _spoilt("numbers as text", "deep_reps = taken.astype(str)", "wrong_type"),
    _spoilt("a generator of rows", "deep_reps = (row for row in taken)", "wrong_type"),
    _spoilt("the accuracy", "deep_reps = 0.98", "wrong_type", activations="unknown too_few_rows flattened_batch"),
)

WRONG_VALUES = (*SCALED, *REDUCED, *SHAPES, *NUMBERS, *KINDS)
