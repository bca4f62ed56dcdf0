"""Held out: ways to get the deep layer's activations wrong."""

from .held_out import held_out
from .spec import ex2

__all__ = ["WRONG_DEEP"]

TAKEN = "taken = keras.Model(model.inputs, model.get_layer(deep_layer).output).predict(X_train[:num_emb], verbose=0)\n"
PART = "part = keras.Model(model.inputs, model.get_layer(deep_layer).output)\n"
# What goes on with the right rows where those handed in can't be embedded.
OF_TAKEN = 'deep_emb = TSNE(perplexity=30, init="pca", random_state=0).fit_transform(np.asarray(taken))'


def _of_taken(name, reps, said, before="", **also):
    """Return a specimen whose activations lose their rows or kind after they were taken; its map is of the right ones."""
    spec = ex2(name, TAKEN + reps, emb=OF_TAKEN, before=before, activations=said)
    return held_out(spec, "activations", "plot", **also)


LAYERS = (
    ex2(
        "deep, the first convolution of the worked example, flattened",
        "deep_reps = reps.reshape(num_emb, -1)",
        layer='"conv1"',
        activations=("wrong_layer", "conv1"),
    ),
    ex2(
        "deep, first convolution after its activation",
        "deep_reps = keras.Sequential(model.layers[:2]).predict(X_train[:num_emb], verbose=0).reshape(num_emb, -1)",
        layer="1",
        activations=("wrong_layer", "conv1_relu"),
    ),
    ex2(
        "deep, second convolution",
        TAKEN + "deep_reps = taken.reshape(len(taken), -1)",
        layer='"conv2"',
        activations=("wrong_layer", "conv2"),
    ),
    ex2(
        "deep, second convolution after its activation, by negative index",
        "deep_reps = keras.Model(model.inputs, model.layers[-9].output).predict(X_train[:num_emb], verbose=0).reshape(1000, -1)",
        layer="-9",
        activations=("wrong_layer", "conv2_relu"),
    ),
    ex2(
        "deep, pooled layer in channels-first order",
        TAKEN + "deep_reps = np.moveaxis(taken, 3, 1).reshape(1000, -1)",
        layer='"pool"',
        activations="wrong_layer",
    ),
    ex2("deep, the flat layer", layer='"flatten"', activations=("wrong_layer", "flatten")),
    ex2(
        "deep, off by one in a truncated Sequential: the flat layer",
        "deep_reps = keras.Sequential(model.layers[:7])(X_train[:num_emb]).numpy()",
        layer="7",
        activations="wrong_layer",
    ),
    ex2(
        "deep, four layers from the front where the last four were to be left out",
        "x = X_train[:num_emb]\nfor layer in model.layers[:4]:\n    x = layer(x)\ndeep_reps = np.array(x).reshape(1000, -1)",
        layer="3",
        activations=("wrong_layer", "conv2_relu"),
    ),
    ex2("deep, the scores", layer='"scores"', activations="class_scores"),
    ex2(
        "deep, the softmax by predict",
        "deep_reps = model.predict(X_train[:num_emb], verbose=0)",
        layer="-1",
        activations="class_scores",
    ),
    ex2(
        "deep, the scores by matrix product",
        "w, b = model.get_layer('scores').get_weights()\n"
        "hidden = keras.Model(model.inputs, model.get_layer('dense_relu').output).predict(X_train[:num_emb], verbose=0)\n"
        "deep_reps = hidden @ w + b",
        layer='"scores"',
        activations="class_scores",
    ),
    ex2(
        "deep, last layer but one by index -2 in batches",
        "part = keras.Sequential(model.layers[:-1])\n"
        "deep_reps = np.concatenate([part.predict_on_batch(X_train[i:i + 250]) for i in range(0, 1000, 250)])",
        layer="-2",
        activations="class_scores",
    ),
    held_out(
        ex2(
            "deep, logarithm of the softmax",
            "deep_reps = np.log(model.predict(X_train[:num_emb], verbose=0) + 1e-12)",
            layer='"softmax"',
            activations="class_scores",
        ),
        activations="rescaled_values",
    ),
)

INPUTS = (
    ex2(
        "deep, pixels in flat rows",
        "deep_reps = np.array([image.ravel() for image in X_train[:num_emb]])",
        activations="input_pixels",
    ),
    ex2(
        "deep, pixels by layers.Flatten",
        "deep_reps = keras.layers.Flatten()(X_train[:num_emb]).numpy()",
        layer="0",
        activations="input_pixels",
    ),
    held_out(
        ex2(
            "deep, pixels from 0 to 255",
            "deep_reps = (X_train[:num_emb] * 255).reshape(num_emb, -1)",
            activations="input_pixels",
        ),
        activations="unscaled_pixels",
    ),
    ex2(
        "deep, images multiplied by 255 again",
        PART + "deep_reps = part.predict(X_train[:num_emb] * 255, verbose=0)",
        activations="unscaled_pixels",
    ),
    ex2(
        "deep, images as whole numbers from the file's scale, before the activation",
        PART + "deep_reps = part.predict((X_train[:num_emb] * 255).round().astype('uint8'), verbose=0)",
        layer='"dense"',
        activations="unscaled_pixels",
    ),
    held_out(
        ex2(
            "deep, images divided by 255 once more",
            PART + "deep_reps = part.predict(X_train[:num_emb] / 255, verbose=0)",
            activations="unknown",
        ),
        activations="unscaled_pixels rescaled_values",
    ),
    held_out(
        ex2(
            "deep, images with black and white exchanged",
            PART + "deep_reps = part.predict(1 - X_train[:num_emb], verbose=0)",
            activations="unknown",
        ),
        activations="rescaled_values other_images unscaled_pixels",
    ),
    held_out(
        ex2(
            "deep, the test images",
            PART + "deep_reps = part.predict(X_test[:num_emb], verbose=0)",
            activations="test_images",
        ),
        "activations",
        "embedding",
    ),
    held_out(
        ex2(
            "deep, the test images by layers, before the activation",
            "x = X_test\nfor layer in model.layers[:8]:\n    x = layer(x)\ndeep_reps = x",
            emb="deep_emb = TSNE(random_state=0).fit_transform(deep_reps.numpy())",
            layer="7",
            activations="test_images",
        ),
        "activations",
        "embedding",
    ),
    *(
        held_out(
            ex2(
                f"deep, {name}",
                PART + f"deep_reps = part.predict({images}, verbose=0)",
                layer=layer,
                activations="other_images",
            ),
            "activations",
            "embedding",
        )
        for name, images, layer in (
            ("the second thousand", "X_train[1000:2000]", '"dense_relu"'),
            ("the last thousand", "X_train[-num_emb:]", '"dense"'),
            ("every sixth image", "X_train[::6]", '"dense_dropout"'),
            ("a random sample", "X_train[np.random.default_rng(0).choice(6000, 1000, replace=False)]", '"dense_relu"'),
        )
    ),
    held_out(
        ex2(
            "deep, images 1 to 1000 instead of 0 to 999",
            PART + "deep_reps = part.predict(X_train[1:num_emb + 1], verbose=0)",
            activations="other_images",
        ),
        "activations",
        "embedding",
        activations="shuffled_rows",
    ),
)

DROPOUT = (
    ex2(
        "deep, model called with training=True",
        PART + "deep_reps = part(X_train[:num_emb], training=True).numpy()",
        layer='"dense_dropout"',
        activations="dropout_active",
    ),
    ex2(
        "deep, activation with the lower dropout on",
        "deep_reps = keras.Sequential(model.layers[:9])(X_train[:num_emb], training=True).numpy()",
        activations="dropout_active",
    ),
    ex2(
        "deep, before the activation with the lower dropout on",
        PART + "deep_reps = np.concatenate([part(X_train[i:i + 100], training=True) for i in range(0, num_emb, 100)])",
        layer='"dense"',
        activations="dropout_active",
    ),
    ex2(
        "deep, only the last dropout layer in training mode",
        "hidden = keras.Model(model.inputs, model.get_layer('dense_relu').output).predict(X_train[:num_emb], verbose=0)\n"
        "deep_reps = model.get_layer('dense_dropout')(hidden, training=True).numpy()",
        layer='"dense_dropout"',
        activations="dropout_active",
    ),
    ex2(
        "deep, mean of ten passes with dropout on",
        PART + "deep_reps = np.mean([part(X_train[:num_emb], training=True) for _ in range(10)], axis=0)",
        layer='"dense_dropout"',
        activations="dropout_active",
    ),
)

ROWS = (
    _of_taken("deep, the plotted 500 only", "deep_reps = taken[:num_plot]", "too_few_rows"),
    _of_taken(
        "deep, one batch of 32",
        "deep_reps = part.predict(X_train[:32], verbose=0)",
        "too_few_rows",
        PART.replace("deep_layer", "'dense_relu'"),
    ),
    _of_taken(
        "deep, the last row lost by range(999)",
        "deep_reps = np.array([taken[i] for i in range(num_emb - 1)])",
        "too_few_rows",
    ),
    _of_taken("deep, every second image", "deep_reps = taken[::2]", "too_few_rows"),
    _of_taken(
        "deep, all 6000 training images",
        "deep_reps = keras.Model(model.inputs, model.get_layer('dense_relu').output).predict(X_train, verbose=0)",
        "too_many_rows",
    ),
    _of_taken(
        "deep, two thousand images",
        "deep_reps = keras.Sequential(model.layers[:9]).predict(X_train[:2 * num_emb], verbose=0)",
        "too_many_rows",
    ),
    _of_taken("deep, the thousand twice", "deep_reps = np.vstack([taken, taken])", "too_many_rows"),
    held_out(
        ex2(
            "deep, shuffled images",
            "order = np.random.default_rng(5).permutation(num_emb)\n"
            + PART
            + "deep_reps = part.predict(X_train[order], verbose=0)",
            activations="shuffled_rows",
        ),
        "activations",
        "embedding",
    ),
    held_out(
        ex2(
            "deep, sorted by digit",
            TAKEN + "deep_reps = taken[np.argsort(y_train[:num_emb])]",
            activations="shuffled_rows",
        ),
        "activations",
        "embedding",
    ),
    held_out(
        ex2(
            "deep, rows in reverse",
            TAKEN + "deep_reps = taken[::-1].copy()",
            layer='"dense"',
            activations="shuffled_rows",
        ),
        "activations",
        "embedding",
    ),
    held_out(
        ex2(
            "deep, batches put together in the wrong order",
            PART
            + "pieces = {}\nfor i in range(0, num_emb, 100):\n    pieces[str(i)] = part.predict_on_batch(X_train[i:i + 100])\n"
            "deep_reps = np.concatenate([pieces[key] for key in sorted(pieces, reverse=True)])",
            activations="shuffled_rows",
        ),
        "activations",
        "embedding",
    ),
)

WRONG_DEEP = (*LAYERS, *INPUTS, *DROPOUT, *ROWS)
