"""Held out: ways to get the middle layer's activations wrong."""

from .held_out import HeldOut, held_out
from .spec import Spec, ex3

__all__ = ["WRONG_MIDDLE"]

TAKEN = (
    "taken = keras.Model(model.inputs, model.get_layer(middle_layer).output).predict(X_train[:num_emb], verbose=0)\n"
)
PART = "part = keras.Model(model.inputs, model.get_layer(middle_layer).output)\n"
OF_TAKEN = 'middle_emb = TSNE(perplexity=30, init="pca", random_state=0).fit_transform(taken.reshape(num_emb, -1))'


def _spoilt(name, taken, said, before="", **also) -> HeldOut:
    """Return a specimen whose activations have another shape or kind; its map is of the right ones."""
    spec = ex3(
        f"middle, {name}",
        TAKEN + taken,
        reps="middle_reps = taken.reshape(num_emb, -1)",
        emb=OF_TAKEN,
        before=before,
        activations=said,
    )
    return held_out(spec, "activations", "plot", **also)


LAYERS: tuple[Spec, ...] = (
    ex3("middle, a deep layer before its activation", layer='"dense"', activations=("wrong_layer", "dense")),
    ex3("middle, a deep layer", layer='"dense_relu"', activations="wrong_layer"),
    ex3("middle, the last dropout layer", layer='"dense_dropout"', activations="wrong_layer"),
    held_out(
        ex3("middle, the softmax", layer='"softmax"', activations="class_scores"),
        activations="wrong_layer",
    ),
    held_out(
        ex3(
            "middle, the scores by index -2",
            "middle_activations = keras.Model(model.inputs, model.layers[-2].output).predict(X_train[:num_emb], verbose=0)",
            layer="-2",
            activations="class_scores",
        ),
        activations="wrong_layer",
    ),
    ex3(
        "middle, the images themselves", "middle_activations = X_train[:num_emb]", layer="0", activations="input_pixels"
    ),
    ex3(
        "middle, images multiplied by 255",
        PART + "middle_activations = part.predict(255 * X_train[:num_emb], verbose=0)",
        activations="unscaled_pixels",
    ),
    ex3(
        "middle, first convolution of images from 0 to 255",
        PART + "middle_activations = part((X_train[:num_emb] * 255).astype(int)).numpy()",
        layer='"conv1"',
        activations="unscaled_pixels",
    ),
    ex3(
        "middle, dropout layer in training mode",
        PART + "middle_activations = part(X_train[:num_emb], training=True).numpy()",
        layer='"pool_dropout"',
        activations="dropout_active",
    ),
    ex3(
        "middle, flat layer behind dropout in training mode",
        "x = X_train[:num_emb]\nfor layer in model.layers[:7]:\n    x = layer(x, training=True) if 'dropout' in layer.name else layer(x)\n"
        "middle_activations = x.numpy()",
        layer='"flatten"',
        activations="dropout_active",
    ),
)

IMAGES: tuple[Spec, ...] = (
    *(
        held_out(
            ex3(
                f"middle, {name}",
                PART + f"middle_activations = part.predict({images}, verbose=0)",
                layer=layer,
                activations=said,
            ),
            "activations",
            "flatten",
            "embedding",
        )
        for name, images, layer, said in (
            ("the test images", "X_test[:num_emb]", '"pool"', "test_images"),
            ("the last thousand", "X_train[5000:]", '"conv1"', "other_images"),
            ("rows 500 to 1499", "X_train[500:1500]", '"flatten"', "other_images"),
            ("shuffled", "np.random.default_rng(3).permutation(X_train[:num_emb])", '"pool"', "shuffled_rows"),
        )
    ),
    _spoilt("500 images", "middle_activations = taken[:500]", "too_few_rows"),
    _spoilt(
        "3000 images",
        "middle_activations = keras.Sequential(model.layers[:5]).predict(X_train[:3000], verbose=0)",
        "too_many_rows",
    ),
    _spoilt("None", "middle_activations = None", "missing"),
    _spoilt("the symbolic output", "middle_activations = model.get_layer('pool').output", "wrong_type"),
    _spoilt(
        "the second model",
        "middle_activations = keras.Model(model.inputs, model.get_layer('pool').output)",
        "wrong_type",
    ),
    _spoilt(
        "one value infinite",
        "middle_activations = taken.copy()\nmiddle_activations[999, 0, 0, 0] = np.inf",
        "not_finite",
    ),
    _spoilt("transposed", "middle_activations = taken.T", "transposed"),
    _spoilt("one long vector", "middle_activations = taken.ravel()", "flattened_batch"),
    ex3(
        "middle, averaged over positions", TAKEN + "middle_activations = taken.mean(axis=(1, 2))", activations="pooled"
    ),
    ex3(
        "middle, strongest channel at each position",
        TAKEN + "middle_activations = taken.max(axis=3)",
        layer='"conv2_relu"',
        activations="pooled",
    ),
    ex3(
        "middle, second convolution pooled three times three afterwards",
        TAKEN + "middle_activations = keras.layers.AveragePooling2D(3)(taken).numpy()",
        layer='"conv2_relu"',
        activations="pooled",
    ),
    ex3(
        "middle, divided by the largest",
        TAKEN + "middle_activations = taken / taken.max()",
        activations="rescaled_values",
    ),
    ex3(
        "middle, channels standardised",
        TAKEN + "middle_activations = (taken - taken.mean((0, 1, 2))) / taken.std((0, 1, 2))",
        layer='"conv2"',
        activations="rescaled_values",
    ),
)

WRONG_MIDDLE = (*LAYERS, *IMAGES)
