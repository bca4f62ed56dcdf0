"""Held out: ways to lay the middle layer's activations out flat that go wrong."""

from .held_out import HeldOut, held_out
from .spec import Spec, ex3

__all__ = ["WRONG_FLATTENING"]

FLAT = "flat = middle_activations.reshape(num_emb, -1)\n"
OF_FLAT = 'middle_emb = TSNE(perplexity=30, init="pca", random_state=0).fit_transform(middle_activations.reshape(num_emb, -1))'


def _flattened(name, reps, said, layer='"pool"', before="", **also) -> HeldOut:
    """Return a specimen whose rows are wrong, but rows; its map is of them."""
    return held_out(ex3(f"flat, {name}", reps=reps, layer=layer, before=before, flatten=said), **also)


def _unmapped(name, reps, said, layer='"pool"', before="", **also) -> HeldOut:
    """Return a specimen whose rows can't be embedded, or aren't 1000; its map is of the right ones."""
    spec = ex3(f"flat, {name}", reps=reps, emb=OF_FLAT, layer=layer, before=before, flatten=said)
    return held_out(spec, "activations", "flatten", "plot", **also)


MIXED: tuple[Spec, ...] = (
    _flattened(
        "images' axis moved to the end before reshape",
        "middle_reps = np.moveaxis(middle_activations, 0, -1).reshape(num_emb, -1)",
        "mixed_samples",
    ),
    _flattened(
        "transposed and reshaped",
        "middle_reps = middle_activations.T.reshape(num_emb, -1)",
        "mixed_samples",
        '"conv1_relu"',
    ),
    _flattened(
        "ravelled in Fortran order and reshaped in C order",
        'middle_reps = middle_activations.ravel(order="F").reshape(num_emb, -1)',
        "mixed_samples",
    ),
    _flattened(
        "channels first by a wrong permutation",
        "middle_reps = middle_activations.transpose(3, 0, 1, 2).reshape(num_emb, -1)",
        "mixed_samples",
    ),
    _flattened(
        "reshaped the other way and transposed",
        "middle_reps = middle_activations.reshape(-1, num_emb).T",
        "mixed_samples",
    ),
    _flattened(
        "tf.transpose and tf.reshape",
        "middle_reps = tf.reshape(tf.transpose(middle_activations, [1, 2, 0, 3]), [num_emb, -1]).numpy()",
        "mixed_samples",
        before="import tensorflow as tf",
    ),
    _unmapped(
        "one row a channel",
        "middle_reps = middle_activations.reshape(middle_activations.shape[-1], -1)",
        "mixed_samples",
    ),
    _unmapped("rows and columns exchanged", "middle_reps = middle_activations.reshape(-1, num_emb)", "mixed_samples"),
    _unmapped(
        "five hundred rows of two images", "middle_reps = middle_activations.reshape(num_plot, -1)", "mixed_samples"
    ),
    _unmapped(
        "rows of 784 as with the pixels",
        "middle_reps = middle_activations.ravel()[:1000 * 784].reshape(1000, 784)",
        "mixed_samples",
        '"conv1"',
        flatten="not_these_activations",
    ),
    _unmapped(
        "one row a position",
        "middle_reps = middle_activations.reshape(-1, 32)",
        "not_flattened",
        flatten="mixed_samples unknown pooled",
    ),
)

FLATTENING: tuple[Spec, ...] = (
    _unmapped("not at all", "middle_reps = middle_activations", "not_flattened"),
    _unmapped(
        "positions only", "middle_reps = middle_activations.reshape(num_emb, -1, 32)", "not_flattened", '"conv2"'
    ),
    _unmapped(
        "channels with columns only",
        "middle_reps = middle_activations.reshape(1000, 26, 26 * 32)",
        "not_flattened",
        '"conv1"',
    ),
    _unmapped(
        "squeezed instead of flattened", "middle_reps = np.squeeze(middle_activations)", "not_flattened", '"conv1_relu"'
    ),
    _unmapped("everything in one vector", "middle_reps = middle_activations.flatten()", "flattened_batch"),
    _unmapped(
        "everything in one row", "middle_reps = middle_activations.reshape(1, -1)", "flattened_batch", '"conv2_relu"'
    ),
    _unmapped(
        "one vector by tf.reshape",
        "middle_reps = tf.reshape(middle_activations, -1)",
        "flattened_batch",
        before="import tensorflow as tf",
    ),
    _flattened("mean over positions", "middle_reps = np.mean(np.mean(middle_activations, axis=2), axis=1)", "pooled"),
    _flattened(
        "GlobalAveragePooling",
        "middle_reps = keras.layers.GlobalAveragePooling2D()(middle_activations).numpy()",
        "pooled",
        '"conv2_relu"',
    ),
    _flattened(
        "GlobalMaxPooling", "middle_reps = middle_activations.max(axis=1).max(axis=1)", "pooled", '"conv1_relu"'
    ),
    _flattened(
        "mean over channels", "middle_reps = middle_activations.mean(axis=-1).reshape(num_emb, -1)", "pooled", '"conv2"'
    ),
    _flattened(
        "pooled two by two and then flat",
        "middle_reps = keras.layers.MaxPooling2D(2)(middle_activations).numpy().reshape(1000, -1)",
        "pooled",
        '"pool"',
    ),
    _flattened(
        "sum over rows of the image", "middle_reps = middle_activations.sum(axis=1).reshape(num_emb, -1)", "pooled"
    ),
    _flattened(
        "first channel only",
        "middle_reps = middle_activations[..., 0].reshape(num_emb, -1)",
        "not_these_activations",
        flatten="pooled",
    ),
    _flattened(
        "another layer's rows",
        "middle_reps = keras.Sequential(model.layers[:4]).predict(X_train[:num_emb], verbose=0).reshape(num_emb, -1)",
        "not_these_activations",
    ),
    _flattened(
        "the pixels' rows", "middle_reps = np.reshape(X_train[:1000], (1000, 28 * 28))", "not_these_activations"
    ),
    _flattened(
        "the deep layer's rows",
        "middle_reps = keras.Sequential(model.layers[:9]).predict(X_train[:num_emb], verbose=0)",
        "not_these_activations",
    ),
    _flattened(
        "the worked example's rows", "middle_reps = reps.reshape(num_emb, -1)", "not_these_activations", '"conv2"'
    ),
    _flattened(
        "other images' rows of the same layer",
        "middle_reps = keras.Sequential(model.layers[:5]).predict(X_train[1000:2000], verbose=0).reshape(1000, -1)",
        "not_these_activations",
        flatten="mixed_samples",
    ),
    _flattened(
        "fifty principal components",
        "middle_reps = PCA(50, random_state=0).fit_transform(middle_activations.reshape(num_emb, -1))",
        "not_these_activations",
        before="from sklearn.decomposition import PCA",
        flatten="pooled",
    ),
    _flattened(
        "standardised as well",
        "middle_reps = StandardScaler().fit_transform(middle_activations.reshape(num_emb, -1))",
        "not_these_activations",
        before="from sklearn.preprocessing import StandardScaler",
        flatten="rescaled_values",
    ),
    _flattened(
        "rows shuffled",
        FLAT + "middle_reps = np.random.default_rng(4).permutation(flat)",
        "not_these_activations",
        flatten="shuffled_rows mixed_samples",
    ),
    _unmapped(
        "the plotted 500 only", FLAT + "middle_reps = flat[:num_plot]", "not_these_activations", flatten="too_few_rows"
    ),
    _unmapped("None", "middle_reps = None", "missing"),
    _unmapped("never assigned", "flattened = middle_activations.reshape(num_emb, -1)", "missing"),
)

WRONG_FLATTENING = (*MIXED, *FLATTENING)
