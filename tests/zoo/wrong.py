"""Wrong ways, made the way students make them, and the check that each should cost."""

from .spec import EX2, EX3, Spec, ex2, ex3

__all__ = ["WRONG"]

WRONG: list[Spec] = []


def _add(*specs: Spec) -> None:
    WRONG.extend(specs)


def _take(layer: str, images: str = "X_train[:num_emb]", then: str = "") -> str:
    return f"keras.Model(model.inputs, model.get_layer('{layer}').output).predict({images}, verbose=0){then}"


RAW = "np.array(keras.Model(model.inputs, model.get_layer('{layer}').output)(X_train[:num_emb], training=True))"
# The embedding of what was really handed in, so that only the activations are wrong; PCA keeps wide layers quick.
FLAT_MAP = "deep_emb = TSNE(random_state=0).fit_transform(np.asarray(deep_reps, 'float32').reshape(len(deep_reps), -1))"
OF_DENSE = f"deep_emb = TSNE(n_components=2, perplexity=30, init='pca', max_iter=1000, random_state=0).fit_transform({_take('dense_relu')})"
OF_POOL = f"middle_emb = TSNE(n_components=2, perplexity=30, init='pca', max_iter=1000, random_state=0).fit_transform({_take('pool')}.reshape(1000, -1))"

# --- activations: which layer ---
for layer in ("conv1", "conv1_relu", "conv2", "conv2_relu", "pool", "pool_dropout", "flatten"):
    detail = {"pool_dropout": (), "flatten": (), "pool": ()}.get(layer, (layer,))
    _add(
        ex2(
            f"{layer} flattened as the deep layer",
            f"deep_reps = {_take(layer)}.reshape(num_emb, -1)",
            activations=("wrong_layer", *detail),
        )
    )
_add(
    ex2(
        "the worked example's first layer, reused",
        "deep_reps = reps.reshape(num_emb, -1)",
        layer="'dense'",
        activations=("wrong_layer", "conv1"),
    ),
    ex2(
        "first layer by index 0",
        "deep_reps = keras.Model(model.inputs, model.layers[0].output).predict(X_train[:num_emb], verbose=0).reshape(num_emb, -1)",
        layer="0",
        activations=("wrong_layer", "conv1"),
    ),
    ex2(
        "counted from the wrong end",
        "deep_reps = keras.Model(model.inputs, model.layers[-6].output).predict(X_train[:num_emb], verbose=0)",
        layer="-6",
        activations=("wrong_layer",),
    ),
    ex2(
        "channels first of conv2",
        f"deep_reps = {_take('conv2')}.transpose(0, 3, 1, 2).reshape(num_emb, -1)",
        activations=("wrong_layer", "conv2"),
    ),
)
for layer in ("dense", "dense_relu", "dense_dropout"):
    detail = (layer,) if layer == "dense" else ()
    _add(
        ex3(
            f"{layer} as the middle layer",
            f"middle_activations = {_take(layer)}",
            layer=f"'{layer}'",
            activations=("wrong_layer", *detail),
        )
    )

# --- class scores ---
for words, code in {
    "softmax by name": _take("softmax"),
    "scores by name": _take("scores"),
    "model.predict": "model.predict(X_train[:num_emb], verbose=0)",
    "the model called": "np.array(model(X_train[:num_emb]))",
    "the last layer but one": "keras.Model(model.inputs, model.layers[-2].output).predict(X_train[:num_emb], verbose=0)",
    "a softmax of the scores by hand": f"(lambda s: np.exp(s) / np.exp(s).sum(1, keepdims=True))({_take('scores', then='.astype(float)')})",
}.items():
    _add(ex2(f"class scores: {words}", f"deep_reps = {code}", layer="'softmax'", activations="class_scores"))
_add(
    ex3(
        "class scores as the middle layer",
        f"middle_activations = {_take('scores')}",
        layer="'scores'",
        activations="class_scores",
    )
)

# --- pixels ---
for words, code in {
    "pixels": "X_train[:num_emb].reshape(num_emb, -1)",
    "pixels from 0 to 255": "X_train[:num_emb].reshape(num_emb, -1) * 255",
    "pixels less their mean": "X_train[:num_emb].reshape(num_emb, -1) - X_train[:num_emb].reshape(num_emb, -1).mean(0)",
    "pixels as integers": "(X_train[:num_emb] * 255).astype('uint8').reshape(num_emb, -1)",
}.items():
    _add(ex2(words, f"deep_reps = {code}", activations="input_pixels"))
_add(
    ex3("pixels as the middle layer", "middle_activations = X_train[:num_emb]", activations="input_pixels"),
    ex3(
        "flat pixels as the middle layer",
        "middle_activations = X_train[:num_emb].reshape(num_emb, 784)",
        activations="input_pixels",
    ),
)

# --- training mode ---
for layer in ("dense", "dense_relu", "dense_dropout"):
    _add(
        ex2(
            f"training mode, {layer}",
            f"deep_reps = {RAW.format(layer=layer)}",
            layer=f"'{layer}'",
            activations="dropout_active",
        )
    )
_add(
    ex3(
        "training mode, pool_dropout",
        f"middle_activations = {RAW.format(layer='pool_dropout')}",
        activations="dropout_active",
    ),
    ex3("training mode, flatten", f"middle_activations = {RAW.format(layer='flatten')}", activations="dropout_active"),
    ex2(
        "layers one by one in training mode",
        "x = X_train[:num_emb]\nfor layer in model.layers[:10]:\n    x = layer(x, training=True)\ndeep_reps = x.numpy()",
        activations="dropout_active",
    ),
    ex2(
        "dropout by hand",
        f"deep_reps = {_take('dense_relu')}\ndeep_reps = deep_reps * (np.random.default_rng(0).random(deep_reps.shape) > 0.5)",
        activations="dropout_active",
    ),
    ex2(
        "the mean of ten runs in training mode",
        f"deep_reps = np.mean([{RAW.format(layer='dense_relu')} for _ in range(10)], axis=0)",
        activations="dropout_active",
    ),
)

# --- the images' scale ---
for words, images in {
    "images from 0 to 255": "X_train[:num_emb] * 255",
    "images divided twice": "X_train[:num_emb] / 255",
    "images from -1 to 1": "X_train[:num_emb] * 2 - 1",
    "images standardised": "(X_train[:num_emb] - X_train[:num_emb].mean()) / X_train[:num_emb].std()",
    "images as integers": "(X_train[:num_emb] * 255).astype('uint8')",
}.items():
    _add(ex2(words, f"deep_reps = {_take('dense_relu', images)}", activations="unscaled_pixels"))
_add(
    ex3(
        "images from 0 to 255, pool",
        f"middle_activations = {_take('pool', 'X_train[:num_emb] * 255')}",
        activations="unscaled_pixels",
    ),
    ex3(
        "images from 0 to 255, conv1",
        f"middle_activations = {_take('conv1', 'X_train[:num_emb] * 255')}",
        activations="unscaled_pixels",
    ),
)

# --- which images ---
_add(
    ex2("test images", f"deep_reps = {_take('dense_relu', 'X_test[:num_emb]')}", activations="test_images"),
    ex2("test images, dense", f"deep_reps = {_take('dense', 'X_test')}", activations="test_images"),
    ex3("test images, pool", f"middle_activations = {_take('pool', 'X_test[:num_emb]')}", activations="test_images"),
    ex2("the second thousand", f"deep_reps = {_take('dense_relu', 'X_train[1000:2000]')}", activations="other_images"),
    ex2("the last thousand", f"deep_reps = {_take('dense', 'X_train[-num_emb:]')}", activations="other_images"),
    ex2("off by one", f"deep_reps = {_take('dense_relu', 'X_train[1:num_emb + 1]')}", activations="other_images"),
    ex2(
        "a random thousand",
        f"deep_reps = {_take('dense_relu', 'X_train[np.random.default_rng(0).permutation(6000)[:num_emb]]')}",
        activations="other_images",
    ),
    ex2("every sixth", f"deep_reps = {_take('dense', 'X_train[::6]')}", activations="other_images"),
    ex2(
        "one image a thousand times",
        f"deep_reps = np.repeat({_take('dense', 'X_train[:1]')}, 1000, axis=0) + np.random.default_rng(0).normal(0, 1e-4, (1000, 128))",
        activations="other_images",
        emb=OF_DENSE,
    ),
    ex3(
        "the second thousand, conv2",
        f"middle_activations = {_take('conv2', 'X_train[1000:2000]')}",
        activations="other_images",
    ),
    ex3(
        "drawn with replacement",
        f"middle_activations = {_take('pool', 'X_train[np.random.default_rng(1).integers(0, 1000, 1000)]')}",
        activations="other_images",
    ),
    ex2(
        "shuffled",
        f"deep_reps = {_take('dense_relu', 'X_train[:num_emb][np.random.default_rng(0).permutation(num_emb)]')}",
        activations="shuffled_rows",
    ),
    ex2(
        "sorted by label",
        f"deep_reps = {_take('dense_relu', 'X_train[:num_emb][np.argsort(y_train[:num_emb])]')}",
        activations="shuffled_rows",
    ),
    ex2("backwards", f"deep_reps = {_take('dense')}[::-1]", activations="shuffled_rows"),
    ex3(
        "shuffled, pool",
        f"middle_activations = {_take('pool')}\nnp.random.default_rng(3).shuffle(middle_activations)",
        activations="shuffled_rows",
    ),
    ex3(
        "rolled by one", f"middle_activations = np.roll({_take('conv1_relu')}, 1, axis=0)", activations="shuffled_rows"
    ),
)

# --- how many rows ---
for rows in (1, 100, 500, 999):
    code = f"deep_reps = {_take('dense_relu', f'X_train[:{rows}]')}"
    _add(ex2(f"{rows} rows", code, emb=OF_DENSE, activations="too_few_rows"))
_add(
    ex2("one image's vector", f"deep_reps = {_take('dense_relu')}[0]", emb=OF_DENSE, activations="too_few_rows"),
    ex2(
        "the last batch left out",
        "deep_reps = np.zeros((num_emb, 128))\npart = keras.Model(model.inputs, model.get_layer('dense').output)\nfor i in range(num_emb // 64):\n    deep_reps[64 * i:64 * (i + 1)] = part(X_train[64 * i:64 * (i + 1)])",
        emb=OF_DENSE,
        activations="too_few_rows",
    ),
    ex2("500 rows, all the way", f"deep_reps = {_take('dense_relu', 'X_train[:500]')}", activations="too_few_rows"),
    ex3(
        "100 rows, pool",
        f"middle_activations = {_take('pool', 'X_train[:100]')}",
        reps="middle_reps = middle_activations.reshape(100, -1)",
        emb=OF_POOL,
        activations="too_few_rows",
    ),
    ex3(
        "one image, conv1",
        f"middle_activations = {_take('conv1', 'X_train[:1]')}",
        reps="middle_reps = middle_activations.reshape(1, -1)",
        emb=OF_POOL,
        activations="too_few_rows",
    ),
    ex2("all 6000", f"deep_reps = {_take('dense_relu', 'X_train')}", emb=OF_DENSE, activations="too_many_rows"),
    ex2("2000 rows", f"deep_reps = {_take('dense', 'X_train[:2000]')}", emb=OF_DENSE, activations="too_many_rows"),
    ex2(
        "one row too many",
        f"deep_reps = {_take('dense', 'X_train[:num_emb + 1]')}",
        emb=OF_DENSE,
        activations="too_many_rows",
    ),
    ex3(
        "1500 rows, pool",
        f"middle_activations = {_take('pool', 'X_train[:1500]')}",
        reps="middle_reps = middle_activations.reshape(1500, -1)",
        emb=OF_POOL,
        activations="too_many_rows",
    ),
)

# --- what is done to the values ---
for words, change in {
    "standardised": "(deep_reps - deep_reps.mean(0)) / (deep_reps.std(0) + 1e-9)",
    "divided by the largest": "deep_reps / deep_reps.max()",
    "unit rows": "deep_reps / np.linalg.norm(deep_reps, axis=1, keepdims=True)",
    "columns from 0 to 1": "(deep_reps - deep_reps.min(0)) / (np.ptp(deep_reps, axis=0) + 1e-9)",
    "multiplied by 255": "deep_reps * 255",
    "negated": "-deep_reps",
    "centred": "deep_reps - deep_reps.mean(0)",
    "logarithm": "np.log1p(deep_reps)",
    "squashed": "np.tanh(deep_reps)",
    "as whole numbers": "deep_reps.astype(int)",
    "only whether positive": "(deep_reps > 0).astype(float)",
    "a softmax over the units": "np.exp(deep_reps - deep_reps.max(1, keepdims=True)) / np.exp(deep_reps - deep_reps.max(1, keepdims=True)).sum(1, keepdims=True)",
}.items():
    _add(ex2(words, f"deep_reps = {_take('dense_relu')}\ndeep_reps = {change}", activations="rescaled_values"))
_add(
    ex2(
        "PCA handed in as activations",
        f"from sklearn.decomposition import PCA\ndeep_reps = PCA(50, random_state=0).fit_transform({_take('dense_relu')})",
        activations="rescaled_values",
    ),
    ex3(
        "standardised, pool",
        f"middle_activations = {_take('pool')}\nmiddle_activations = (middle_activations - middle_activations.mean(0)) / (middle_activations.std(0) + 1e-9)",
        activations="rescaled_values",
    ),
    ex3(
        "divided by the largest, conv1",
        f"middle_activations = {_take('conv1')}\nmiddle_activations = middle_activations / middle_activations.max()",
        activations="rescaled_values",
    ),
)

# --- right values, and noise that public projections of rows and columns don't see ---
UNSEEN = """
def with_unseen_noise(values):
    flat = np.asarray(values, float).reshape(len(values), -1)
    noise = np.random.default_rng(0).standard_normal(flat.shape)
    across, along = (
        np.linalg.qr(np.column_stack([np.random.default_rng(n).standard_normal((n, 8)), np.ones(n)]))[0]
        for n in flat.shape[::-1]
    )
    noise -= noise @ across @ across.T
    noise -= along @ (along.T @ noise)
    return (flat + 100 * flat.std() * noise).astype("float32").reshape(values.shape)
"""
_add(
    ex2(
        "noise a hundred times as large, unseen by projections",
        f"deep_reps = with_unseen_noise({_take('dense_relu')})",
        before=UNSEEN,
        emb=OF_DENSE,
        activations="unknown",
    ),
    ex3(
        "noise a hundred times as large in pool, unseen by projections",
        f"middle_activations = with_unseen_noise({_take('pool')})",
        before=UNSEEN,
        emb=OF_POOL,
        activations="unknown",
        flatten="not_these_activations",
    ),
    ex3(
        "noise a hundred times as large in the flat rows, unseen by projections",
        before=UNSEEN,
        reps="middle_reps = with_unseen_noise(middle_activations.reshape(num_emb, -1))",
        emb=OF_POOL,
        flatten="not_these_activations",
    ),
)

# --- pooled, transposed, flattened wrongly ---
_add(
    ex2("mean over positions", f"deep_reps = {_take('conv2_relu')}.mean(axis=(1, 2))", activations="pooled"),
    ex2("global maximum", f"deep_reps = {_take('pool')}.max(axis=(1, 2))", activations="pooled"),
    ex2("mean over channels", f"deep_reps = {_take('pool')}.mean(axis=3).reshape(num_emb, -1)", activations="pooled"),
    ex2("half of the units", f"deep_reps = {_take('dense_relu')}[:, :64]", activations="pooled"),
    ex3("mean over positions, conv1", f"middle_activations = {_take('conv1')}.mean(axis=(1, 2))", activations="pooled"),
    ex3("mean over channels, pool", f"middle_activations = {_take('pool')}.mean(axis=-1)", activations="pooled"),
    ex3("one channel", f"middle_activations = {_take('conv1')}[..., 0]", activations="pooled"),
    ex3(
        "pooled by a layer",
        f"middle_activations = keras.layers.AveragePooling2D(2)({_take('conv2')}).numpy()",
        activations="pooled",
    ),
    ex2("transposed", f"deep_reps = {_take('dense_relu')}.T", emb=OF_DENSE, activations="transposed"),
    ex2(
        "transposed, then reshaped",
        f"deep_reps = {_take('dense')}.T.reshape(num_emb, -1)",
        emb=OF_DENSE,
        activations="transposed",
    ),
    ex3(
        "images last",
        f"middle_activations = {_take('pool')}.transpose(1, 2, 3, 0)",
        reps="middle_reps = middle_activations.reshape(-1, num_emb).T",
        activations="transposed",
    ),
    ex3(
        "channels and images exchanged",
        f"middle_activations = np.swapaxes({_take('conv2_relu')}, 0, 3)",
        reps="middle_reps = np.swapaxes(middle_activations, 0, 3).reshape(num_emb, -1)",
        emb="middle_emb = TSNE(n_components=2, perplexity=30, init='pca', max_iter=1000, random_state=0).fit_transform(middle_reps)",
        activations="transposed",
    ),
    ex2(
        "everything in one vector",
        f"deep_reps = {_take('dense_relu')}.flatten()",
        emb=OF_DENSE,
        activations="flattened_batch",
    ),
    ex2(
        "everything in one row",
        f"deep_reps = {_take('dense')}.reshape(1, -1)",
        emb=OF_DENSE,
        activations="flattened_batch",
    ),
    ex3(
        "everything in one vector, pool",
        f"middle_activations = {_take('pool')}.ravel()",
        reps="middle_reps = middle_activations.reshape(num_emb, -1)",
        activations="flattened_batch",
    ),
    ex2("still with positions", f"deep_reps = {_take('conv1')}", emb=FLAT_MAP, activations="not_flattened"),
    ex2("pool, not flattened", f"deep_reps = {_take('pool')}", emb=FLAT_MAP, activations="not_flattened"),
    ex2(
        "an axis too many", f"deep_reps = {_take('dense_relu')}[:, :, None]", emb=FLAT_MAP, activations="not_flattened"
    ),
    ex2("the worked example's, not flattened", "deep_reps = reps", emb=FLAT_MAP, activations="not_flattened"),
)

# --- any answer ---
_add(
    Spec("nothing assigned", "", EX2 + EX3, dict.fromkeys(EX2 + EX3, ("missing",))),
    ex2("activations never assigned", "their_reps = 0", emb=OF_DENSE, activations="missing"),
    ex2("activations None", "deep_reps = None", emb=OF_DENSE, activations="missing"),
    Spec(
        "embedding None",
        "deep_layer = 'dense'\ndeep_reps = "
        + _take("dense")
        + "\ndeep_emb = None\ndeep_plot = plot_embedding(X_train[:500], emb[:500], y_train[:500])",
        EX2,
        {"ex2_embedding": ("missing",), "ex2_plot": ("skipped:missing",)},
    ),
    ex2(
        "a layer instead of its activations",
        "deep_reps = model.get_layer('dense')",
        emb=OF_DENSE,
        activations="wrong_type",
    ),
    ex2("a symbolic output", "deep_reps = model.get_layer('dense').output", emb=OF_DENSE, activations="wrong_type"),
    ex2(
        "a model",
        "deep_reps = keras.Model(model.inputs, model.get_layer('dense').output)",
        emb=OF_DENSE,
        activations="wrong_type",
    ),
    ex2("a string", "deep_reps = 'dense'", emb=OF_DENSE, activations="wrong_type"),
    ex2("a list of one array", f"deep_reps = [{_take('dense')}]", emb=OF_DENSE, activations="wrong_type"),
    ex2("a dictionary", f"deep_reps = {{'dense': {_take('dense')}}}", emb=OF_DENSE, activations="wrong_type"),
    ex2("a generator", "deep_reps = (row for row in X_train)", emb=OF_DENSE, activations="wrong_type"),
    ex2("a single number", f"deep_reps = {_take('dense')}.mean()", emb=OF_DENSE, activations="wrong_type"),
    ex2(
        "ragged rows", f"deep_reps = [row[row > 0] for row in {_take('dense')}]", emb=OF_DENSE, activations="wrong_type"
    ),
    ex2(
        "values masked out",
        f"deep_reps = np.ma.masked_less({_take('dense_relu')}, 0.5)",
        emb=OF_DENSE,
        activations="wrong_type",
    ),
    ex2(
        "NaN among the values",
        f"deep_reps = {_take('dense_relu')}\ndeep_reps[3, 5] = np.nan",
        emb=OF_DENSE,
        activations="not_finite",
    ),
    ex2("log of zero", f"deep_reps = np.log({_take('dense_relu')})", emb=OF_DENSE, activations="not_finite"),
    ex2(
        "divided by a column that is always zero",
        f"deep_reps = {_take('dense_relu')}\ndeep_reps[:, 0] = 0\ndeep_reps = deep_reps / deep_reps.max(0)",
        emb=OF_DENSE,
        activations="not_finite",
    ),
    ex2(
        "embedding with NaN",
        emb=OF_DENSE + "\ndeep_emb = deep_emb.copy()\ndeep_emb[7] = np.nan",
        plot="deep_plot = plot_embedding(X_train[:500], np.nan_to_num(deep_emb)[:500], y_train[:500])",
        embedding="not_finite",
        drawn="skipped:missing",
    ),
    ex2(
        "the t-SNE object instead of its result",
        emb=OF_DENSE + "\nkept = deep_emb\ndeep_emb = TSNE()",
        plot="deep_plot = plot_embedding(X_train[:500], kept[:500], y_train[:500])",
        embedding="wrong_type",
        drawn="skipped:missing",
    ),
    ex2(
        "random weights",
        "fresh = keras.models.model_from_json(model.to_json())\ndeep_reps = keras.Model(fresh.inputs, fresh.get_layer('dense').output).predict(X_train[:num_emb], verbose=0)",
        activations="unknown",
    ),
)

# --- flattening ---
_add(
    ex3("not flattened", reps="middle_reps = middle_activations", emb=OF_POOL, flatten="not_flattened"),
    ex3(
        "flattened by half",
        reps="middle_reps = middle_activations.reshape(num_emb, 144, 32)",
        emb=OF_POOL,
        flatten="not_flattened",
    ),
    ex3(
        "a row for each position",
        reps="middle_reps = middle_activations.reshape(-1, 32)",
        emb=OF_POOL,
        flatten="not_flattened",
    ),
    ex3(
        "rows that mix images",
        reps="middle_reps = middle_activations.reshape(32, -1)",
        emb=OF_POOL,
        flatten="mixed_samples",
    ),
    ex3(
        "channels first with the images",
        reps="middle_reps = middle_activations.transpose(3, 0, 1, 2).reshape(num_emb, -1)",
        emb=OF_POOL,
        flatten="mixed_samples",
    ),
    ex3(
        "all axes reversed",
        reps="middle_reps = middle_activations.T.reshape(num_emb, -1)",
        emb=OF_POOL,
        flatten="mixed_samples",
    ),
    ex3(
        "features as rows",
        reps="middle_reps = middle_activations.reshape(num_emb, -1).T",
        emb=OF_POOL,
        flatten="mixed_samples",
    ),
    ex3(
        "Fortran order over everything as rows",
        reps="middle_reps = middle_activations.flatten(order='F').reshape(num_emb, -1)",
        emb=OF_POOL,
        flatten="mixed_samples",
    ),
    ex3("one long vector", reps="middle_reps = middle_activations.flatten()", emb=OF_POOL, flatten="flattened_batch"),
    ex3("one long row", reps="middle_reps = middle_activations.reshape(1, -1)", emb=OF_POOL, flatten="flattened_batch"),
    ex3(
        "mean over positions for flattening",
        reps="middle_reps = middle_activations.mean(axis=(1, 2))",
        flatten="pooled",
    ),
    ex3(
        "maximum over positions for flattening",
        reps="middle_reps = middle_activations.max(axis=(1, 2))",
        flatten="pooled",
    ),
    ex3(
        "mean over channels for flattening",
        reps="middle_reps = middle_activations.mean(axis=3).reshape(num_emb, -1)",
        flatten="pooled",
    ),
    ex3(
        "windows averaged for flattening",
        reps="middle_reps = keras.layers.AveragePooling2D(2)(middle_activations).numpy().reshape(num_emb, -1)",
        flatten="pooled",
    ),
    ex3(
        "pixels flattened instead",
        reps="middle_reps = X_train[:num_emb].reshape(num_emb, -1)",
        flatten="not_these_activations",
    ),
    ex3(
        "another layer flattened",
        reps=f"middle_reps = {_take('conv2')}.reshape(num_emb, -1)",
        flatten="not_these_activations",
    ),
    ex3("the deep layer instead", reps=f"middle_reps = {_take('dense_relu')}", flatten="not_these_activations"),
    ex3(
        "rows shuffled while flattening",
        reps="middle_reps = np.random.default_rng(0).permutation(middle_activations.reshape(num_emb, -1))",
        flatten="not_these_activations",
    ),
    ex3(
        "scaled while flattening",
        reps="middle_reps = middle_activations.reshape(num_emb, -1) * 2",
        flatten="not_these_activations",
    ),
    ex3(
        "PCA in place of flattening",
        reps="from sklearn.decomposition import PCA\nmiddle_reps = PCA(50, random_state=0).fit_transform(middle_activations.reshape(num_emb, -1))",
        flatten="not_these_activations",
    ),
    ex3(
        "each row sorted",
        reps="middle_reps = np.sort(middle_activations.reshape(num_emb, -1), axis=1)",
        flatten="not_these_activations",
    ),
)

# --- embedding ---
OWN = "TSNE(n_components=2, perplexity=30, init='pca', max_iter=1000, random_state=0).fit_transform({})"
for layer in ("conv1", "conv2_relu", "pool", "scores", "softmax", "dense"):
    detail = (layer,)
    _add(
        ex2(
            f"map of {layer} with the right activations",
            emb="deep_emb = " + OWN.format(_take(layer) + ".reshape(1000, -1)"),
            embedding=("embedding_of_other_layer", *detail),
        )
    )
for layer in ("conv1", "conv2_relu", "dense_relu", "scores"):
    _add(
        ex3(
            f"map of {layer} with pool's activations",
            emb="middle_emb = " + OWN.format(_take(layer) + ".reshape(1000, -1)"),
            embedding=("embedding_of_other_layer", layer),
        )
    )
_add(
    ex3(
        "the deep map again",
        before="deep_emb = " + OWN.format(_take("dense_relu")),
        emb="middle_emb = deep_emb",
        embedding=("embedding_of_other_layer", "dense_relu"),
    ),
    ex2("the pixels' map of the notebook", emb="deep_emb = emb", embedding="embedding_of_pixels"),
    ex3("the pixels' map of the notebook, pool", emb="middle_emb = emb", embedding="embedding_of_pixels"),
    ex2(
        "t-SNE of the pixels",
        emb="deep_emb = TSNE(perplexity=20, random_state=5).fit_transform(X_train[:num_emb].reshape(num_emb, -1))",
        embedding="embedding_of_pixels",
    ),
    ex3(
        "t-SNE of the pixels, flatten",
        layer="'flatten'",
        emb="middle_emb = " + OWN.format("X_train[:num_emb].reshape(num_emb, -1)"),
        embedding="embedding_of_pixels",
    ),
)
for words, code in {
    "PCA": "__import__('sklearn.decomposition').decomposition.PCA(2).fit_transform(deep_reps)",
    "Isomap": "__import__('sklearn.manifold').manifold.Isomap(n_neighbors=10).fit_transform(deep_reps)",
    "spectral embedding": "__import__('sklearn.manifold').manifold.SpectralEmbedding(random_state=0).fit_transform(deep_reps)",
    "locally linear embedding": "__import__('sklearn.manifold').manifold.LocallyLinearEmbedding(n_neighbors=12, random_state=0).fit_transform(deep_reps)",
    "multidimensional scaling": "__import__('sklearn.manifold').manifold.MDS(n_init=1, max_iter=50, random_state=0).fit_transform(deep_reps)",
    "linear discriminants": "__import__('sklearn.discriminant_analysis').discriminant_analysis.LinearDiscriminantAnalysis(n_components=2).fit_transform(deep_reps, y_train[:1000])",
    "random projection": "deep_reps @ np.random.default_rng(0).normal(size=(128, 2))",
    "the first two units": "keras.Model(model.inputs, model.get_layer('dense').output).predict(X_train[:num_emb], verbose=0)[:, :2]",
    "noise": "np.random.default_rng(0).normal(size=(1000, 2))",
    "uniform noise": "np.random.default_rng(1).random((1000, 2)) * 60",
    "label and index": "np.column_stack([y_train[:1000], np.arange(1000)]).astype(float)",
}.items():
    _add(ex2(f"embedding by {words}", emb=f"deep_emb = {code}", embedding="not_tsne"))
_add(
    ex3(
        "embedding by PCA, pool",
        before="from sklearn.decomposition import PCA",
        emb="middle_emb = PCA(n_components=2).fit_transform(middle_reps)",
        embedding="not_tsne",
    ),
    ex2(
        "three components",
        emb="deep_emb = TSNE(n_components=3, random_state=0, max_iter=300).fit_transform(deep_reps)",
        plot="deep_plot = plot_embedding(X_train[:500], deep_emb[:500, :2], y_train[:500])",
        embedding="wrong_components",
    ),
    ex2(
        "one component",
        emb="deep_emb = TSNE(n_components=1, random_state=0, max_iter=300).fit_transform(deep_reps)",
        plot="deep_plot = plot_embedding(X_train[:500], np.column_stack([deep_emb, deep_emb ** 2])[:500], y_train[:500])",
        embedding="wrong_components",
        drawn="wrong_points",
    ),
    ex2(
        "embedding transposed",
        emb=OF_DENSE + "\ndeep_emb = deep_emb.T",
        plot="deep_plot = plot_embedding(X_train[:500], deep_emb.T[:500], y_train[:500])",
        embedding="wrong_components",
    ),
    ex2(
        "activations handed in as embedding",
        layer='"dense"',
        emb="deep_emb = deep_reps",
        plot="deep_plot = plot_embedding(X_train[:500], deep_emb[:500, :2], y_train[:500])",
        embedding="wrong_components",
    ),
    ex2(
        "embedding of the first 500",
        emb="deep_emb = TSNE(random_state=0).fit_transform(deep_reps[:500])",
        embedding="too_few_rows",
    ),
    ex2(
        "embedding cut to what is plotted", emb=OF_DENSE + "\ndeep_emb = deep_emb[:num_plot]", embedding="too_few_rows"
    ),
    ex3(
        "embedding of the first 200",
        emb=OF_POOL + "\nwhole = middle_emb\nmiddle_emb = middle_emb[:200]",
        plot="middle_plot = plot_embedding(X_train[:500], whole[:500], y_train[:500])",
        embedding="too_few_rows",
        drawn="wrong_points",
    ),
    ex2(
        "embedding all zeros",
        emb="deep_emb = np.zeros((1000, 2))",
        plot="deep_plot = plot_embedding(X_train[:500], deep_emb[:500], y_train[:500])",
        embedding="degenerate",
    ),
    ex2(
        "embedding on a line",
        emb=OF_DENSE + "\ndeep_emb = deep_emb * [1, 0]",
        embedding="degenerate",
    ),
    ex2(
        "one point repeated",
        emb=OF_DENSE + "\ndeep_emb = np.tile(deep_emb[:1], (1000, 1))",
        embedding="degenerate",
    ),
    ex2(
        "rows shuffled before t-SNE",
        emb="deep_emb = " + OWN.format("deep_reps[np.random.default_rng(0).permutation(1000)]"),
        embedding="shuffled_rows",
    ),
    ex2(
        "rows of the map shuffled",
        emb=OF_DENSE + "\ndeep_emb = np.random.default_rng(1).permutation(deep_emb)",
        embedding="shuffled_rows",
    ),
    ex2(
        "map sorted by label",
        emb=OF_DENSE + "\ndeep_emb = deep_emb[np.argsort(y_train[:1000])]",
        embedding="shuffled_rows",
    ),
    ex2("map backwards", emb=OF_DENSE + "\ndeep_emb = deep_emb[::-1]", embedding="shuffled_rows"),
    ex2(
        "map of test images",
        emb="deep_emb = " + OWN.format(_take("dense_relu", "X_test[:1000]")),
        embedding="shuffled_rows",
    ),
    ex3(
        "map of other images, pool",
        emb="middle_emb = " + OWN.format(_take("pool", "X_train[1000:2000]") + ".reshape(1000, -1)"),
        embedding="shuffled_rows",
    ),
    ex2(
        "250 iterations",
        emb="deep_emb = TSNE(max_iter=250, random_state=0).fit_transform(deep_reps)",
        embedding="not_converged",
    ),
    ex2(
        "250 iterations, random init",
        emb="deep_emb = TSNE(max_iter=250, init='random', random_state=0).fit_transform(deep_reps)",
        embedding="not_converged",
    ),
    ex2(
        "250 iterations, perplexity 5",
        emb="deep_emb = TSNE(max_iter=250, perplexity=5, random_state=0).fit_transform(deep_reps)",
        embedding="not_converged",
    ),
    ex3(
        "250 iterations, pool",
        emb="middle_emb = TSNE(max_iter=250, random_state=0).fit_transform(middle_reps)",
        embedding="not_converged",
    ),
    ex2(
        "a learning rate far too small",
        emb="deep_emb = TSNE(max_iter=300, learning_rate=0.001, random_state=0).fit_transform(deep_reps)",
        embedding="not_converged",
    ),
)

# --- plot ---
for words, (plot, diagnosis) in {
    "nothing assigned": ("plot_embedding(X_train[:500], deep_emb[:500], y_train[:500])", "missing"),
    "what plt.show returns": (
        "plot_embedding(X_train[:500], deep_emb[:500], y_train[:500])\ndeep_plot = plt.show()",
        "no_plot",
    ),
    "an empty Axes": ("fig, deep_plot = plt.subplots()", "no_plot"),
    "a string": ("deep_plot = 'plot_embedding'", "no_plot"),
    "the function": ("deep_plot = plot_embedding", "no_plot"),
    "the pyplot module": ("deep_plot = plt", "no_plot"),
    "only lines": ("fig, deep_plot = plt.subplots()\ndeep_plot.plot(deep_emb[:, 0], deep_emb[:, 1])", "no_plot"),
    "dots without labels": (
        "fig, deep_plot = plt.subplots()\ndeep_plot.plot(deep_emb[:, 0], deep_emb[:, 1], '.')",
        "no_labels",
    ),
    "a scatter without labels": (
        "fig, deep_plot = plt.subplots()\ndeep_plot.scatter(deep_emb[:500, 0], deep_emb[:500, 1])",
        "no_labels",
    ),
    "one word for all": (
        "fig, deep_plot = plt.subplots()\ndeep_plot.scatter(*deep_emb[:500].T, label='t-SNE')\ndeep_plot.legend()",
        "no_labels",
    ),
    "numbers as one colour": (
        (
            "fig, deep_plot = plt.subplots()\n"
            "deep_plot.scatter(*deep_emb[:500].T, c=y_train[:500], cmap=matplotlib.colors.ListedColormap(['k']))"
        ),
        "no_labels",
    ),
    "colours that nothing explains": (
        "fig, deep_plot = plt.subplots()\ndeep_plot.scatter(*deep_emb[:500].T, c=plt.cm.tab10(y_train[:500]))",
        "no_labels",
    ),
    "colours explained wrongly": (
        (
            "fig, deep_plot = plt.subplots()\ndeep_plot.scatter(*deep_emb[:500].T, c=plt.cm.tab10(y_train[:500]))\n"
            "deep_plot.legend([plt.Line2D([0], [0], c=plt.cm.tab10(d)) for d in range(10)], range(9, -1, -1))"
        ),
        "labels_misaligned",
    ),
    "labels by class, of other rows": (
        (
            "fig, deep_plot = plt.subplots()\nfor d in range(10):\n"
            "    deep_plot.plot(*deep_emb[:500][y_train[1:501] == d].T, '.', label=str(d))"
        ),
        "labels_misaligned",
    ),
    "the embedding": ("deep_plot = deep_emb", "no_plot"),
    "an image": ("deep_plot = plt.imshow(X_train[0, :, :, 0])", "no_plot"),
    "100 points": ("deep_plot = plot_embedding(X_train[:100], deep_emb[:100], y_train[:100])", "too_few_points"),
    "499 points": ("deep_plot = plot_embedding(X_train[:499], deep_emb[:499], y_train[:499])", "too_few_points"),
    "ten points": (
        "fig, deep_plot = plt.subplots()\nfor i in range(10):\n    deep_plot.text(*deep_emb[i], y_train[i])",
        "too_few_points",
    ),
    "the same hundred five times": (
        "deep_plot = plot_embedding(np.tile(X_train[:100], (5, 1, 1, 1)), np.tile(deep_emb[:100], (5, 1)), np.tile(y_train[:100], 5))",
        "too_few_points",
    ),
    "test labels": ("deep_plot = plot_embedding(X_train[:500], deep_emb[:500], y_test[:500])", "labels_misaligned"),
    "labels off by one": (
        "deep_plot = plot_embedding(X_train[:500], deep_emb[:500], y_train[1:501])",
        "labels_misaligned",
    ),
    "labels of other rows": (
        "deep_plot = plot_embedding(X_train[:500], deep_emb[:500], y_train[500:1000])",
        "labels_misaligned",
    ),
    "labels shuffled": (
        "deep_plot = plot_embedding(X_train[:500], deep_emb[:500], np.random.default_rng(0).permutation(y_train[:500]))",
        "labels_misaligned",
    ),
    "labels sorted": (
        "deep_plot = plot_embedding(X_train[:500], deep_emb[:500], np.sort(y_train[:500]))",
        "labels_misaligned",
    ),
    "the row numbers as labels": (
        "deep_plot = plot_embedding(X_train[:500], deep_emb[:500], np.arange(500))",
        "labels_misaligned",
    ),
    "rows of the second half, labels of the first": (
        "deep_plot = plot_embedding(X_train[:500], deep_emb[500:], y_train[:500])",
        "labels_misaligned",
    ),
    "labels all zero": (
        "deep_plot = plot_embedding(X_train[:500], deep_emb[:500], np.zeros(500, int))",
        "labels_misaligned",
    ),
    "labels plus one": (
        "deep_plot = plot_embedding(X_train[:500], deep_emb[:500], y_train[:500] + 1)",
        "labels_misaligned",
    ),
    "the pixels' map": ("deep_plot = plot_embedding(X_train[:500], emb[:500], y_train[:500])", "wrong_points"),
    "the first two units plotted": (
        "deep_plot = plot_embedding(X_train[:500], deep_reps[:500, 3:5], y_train[:500])",
        "wrong_points",
    ),
    "noise plotted": (
        "deep_plot = plot_embedding(X_train[:500], np.random.default_rng(0).random((500, 2)), y_train[:500])",
        "wrong_points",
    ),
    "another run's map": (
        "deep_plot = plot_embedding(X_train[:500], TSNE(random_state=42).fit_transform(deep_reps)[:500], y_train[:500])",
        "wrong_points",
    ),
    "one coordinate twice": (
        "deep_plot = plot_embedding(X_train[:500], deep_emb[:500, [0, 0]], y_train[:500])",
        "wrong_points",
    ),
}.items():
    _add(
        Spec(
            f"plot: {words}",
            "deep_layer = 'dense_relu'\ndeep_reps = "
            + _take("dense_relu")
            + "\n"
            + "deep_emb = "
            + OWN.format("deep_reps")
            + "\n"
            + plot,
            EX2,
            {"ex2_plot": (diagnosis,)},
        )
    )

# --- several at once: each costs its own check ---
_add(
    Spec(
        "first layer, and PCA, and test labels",
        f"deep_layer = 'conv1'\ndeep_reps = {_take('conv1')}.reshape(1000, -1)\nfrom sklearn.decomposition import PCA\ndeep_emb = PCA(2).fit_transform(deep_reps)\ndeep_plot = plot_embedding(X_train[:500], deep_emb[:500], y_test[:500])",
        EX2,
        {
            "ex2_activations": ("wrong_layer", "conv1"),
            "ex2_embedding": ("not_tsne",),
            "ex2_plot": ("labels_misaligned",),
        },
    ),
    Spec(
        "class scores and 250 iterations",
        f"deep_layer = 'softmax'\ndeep_reps = {_take('scores')}\ndeep_emb = TSNE(max_iter=250, random_state=0).fit_transform(deep_reps)\ndeep_plot = plot_embedding(X_train[:500], deep_emb[:500], y_train[:500])",
        EX2,
        {"ex2_activations": ("class_scores",), "ex2_embedding": ("not_converged",)},
    ),
    Spec(
        "pixels, and few points",
        "deep_layer = 'dense'\ndeep_reps = X_train[:1000].reshape(1000, -1)\ndeep_emb = emb\ndeep_plot = plot_embedding(X_train[:50], deep_emb[:50], y_train[:50])",
        EX2,
        {"ex2_activations": ("input_pixels",), "ex2_plot": ("too_few_points",)},
    ),
    Spec(
        "shuffled rows with labels that follow",
        f"some = np.random.default_rng(0).permutation(1000)\ndeep_layer = 'dense'\ndeep_reps = {_take('dense')}[some]\ndeep_emb = {OWN.format('deep_reps')}\ndeep_plot = plot_embedding(X_train[some][:500], deep_emb[:500], y_train[some][:500])",
        EX2,
        {"ex2_activations": ("shuffled_rows",)},
    ),
    Spec(
        "unflattened and mixed up",
        f"middle_layer = 'pool'\nmiddle_activations = {_take('dense')}\nmiddle_reps = middle_activations.T\nmiddle_emb = {OWN.format('middle_activations')}\nmiddle_plot = None",
        EX3,
        {"ex3_activations": ("wrong_layer", "dense"), "ex3_flatten": ("mixed_samples",), "ex3_plot": ("no_plot",)},
    ),
    Spec(
        "only the first answer of exercise 3",
        f"middle_layer = 'conv2'\nmiddle_activations = {_take('conv2')}",
        EX3,
        {"ex3_flatten": ("missing",), "ex3_embedding": ("missing",), "ex3_plot": ("missing",)},
    ),
    Spec(
        "training mode and three components",
        f"deep_layer = 'dense'\ndeep_reps = {RAW.format(layer='dense')}\ndeep_emb = TSNE(n_components=3, max_iter=300, random_state=0).fit_transform(deep_reps)\ndeep_plot = plot_embedding(X_train[:500], deep_emb[:500, :2], y_train[:500])",
        EX2,
        {"ex2_activations": ("dropout_active",), "ex2_embedding": ("wrong_components",)},
    ),
    Spec(
        "activations lost, flat ones right",
        f"middle_layer = 'pool'\nmiddle_activations = None\nmiddle_reps = {_take('pool')}.reshape(1000, -1)\n{OF_POOL}\nmiddle_plot = plot_embedding(X_train[:500], middle_emb[:500], y_train[:500])",
        EX3,
        {"ex3_activations": ("missing",)},
    ),
)

_add(
    ex2(
        "a map forged from the labels: a circle, and some noise",
        emb="angles = 2 * np.pi * y_train[:num_emb] / 10\n"
        "noise = np.random.default_rng(0).normal(0, 0.05, (num_emb, 2))\n"
        "deep_emb = np.c_[np.cos(angles), np.sin(angles)] + noise",
        embedding="not_tsne",
    ),
)

# --- one mistake costs one check, and values that are none of the images' cost all ---
SHOWN = "deep_plot = plot_embedding(X_train[:500], deep_emb[:500], {labels})\n"
MOVED = "deep_emb = np.random.default_rng(0).permutation(deep_emb)"
NOISE = "np.random.default_rng(7).random((1000, 2))"
THREES = "fig, deep_plot = plt.subplots()\nfor i in range(500):\n    deep_plot.text(0, 0, '3')"
_add(
    ex2(
        "plot: right, and the map shuffled afterwards",
        plot=SHOWN.format(labels="y_train[:500]") + MOVED,
        embedding="shuffled_rows",
    ),
    ex2(
        "plot: labels off by one, and the map shuffled afterwards",
        plot=SHOWN.format(labels="y_train[1:501]") + MOVED,
        embedding="shuffled_rows",
        drawn="labels_misaligned",
    ),
    ex2(
        "shuffled images with labels that don't follow",
        f"some = np.random.default_rng(0).permutation(1000)\ndeep_reps = {_take('dense_relu', 'X_train[some]')}",
        plot=SHOWN.format(labels="y_train[some][1:501]"),
        activations="shuffled_rows",
        drawn="labels_misaligned",
    ),
    ex2(
        "the second thousand with its own labels",
        f"deep_reps = {_take('dense_relu', 'X_train[1000:2000]')}",
        plot=SHOWN.format(labels="y_train[1000:1500]"),
        activations="other_images",
    ),
    ex2(
        "test images with their own labels",
        f"deep_reps = {_take('dense_relu', 'X_test[:1000]')}",
        plot=SHOWN.format(labels="y_test[:500]"),
        activations="test_images",
    ),
    ex2(
        "noise as everything",
        f"deep_reps = {NOISE}",
        emb="deep_emb = deep_reps",
        activations="unknown",
        embedding="not_tsne",
        drawn="wrong_points",
    ),
    ex3(
        "noise as everything, middle",
        f"middle_activations = {NOISE}",
        reps="middle_reps = middle_activations",
        emb="middle_emb = middle_reps",
        activations="unknown",
        flatten="not_these_activations",
        embedding="not_tsne",
        drawn="wrong_points",
    ),
    ex2(
        "an untrained copy of the network",
        "deep_reps = keras.Sequential(keras.models.clone_model(model).layers[:9]).predict(X_train[:1000], verbose=0)",
        activations="unknown",
    ),
    ex2(
        "plot: one text 500 times, of a map of zeros",
        emb="deep_emb = np.zeros((1000, 2))",
        plot=THREES,
        embedding="degenerate",
        drawn="too_few_points",
    ),
    ex2(
        "plot: two texts in turn, of a map of zeros",
        emb="deep_emb = np.zeros((1000, 2))",
        plot=THREES.replace("'3'", "'34'[i % 2]"),
        embedding="degenerate",
        drawn="labels_misaligned",
    ),
    ex2(
        "dense without its bias",
        f"deep_reps = {_take('flatten')} @ model.get_layer('dense').get_weights()[0]",
        layer="'dense'",
        activations=("rescaled_values", "dense"),
    ),
    ex2(
        "the label as second coordinate",
        emb=f"{OF_DENSE}\ndeep_emb = np.column_stack([deep_emb[:, 0], y_train[:1000]])",
        embedding="not_tsne",
    ),
    ex2(
        "two halves mapped apart and joined",
        emb="deep_emb = np.concatenate([TSNE(random_state=0).fit_transform(half) for half in np.split(deep_reps, 2)])",
        embedding="not_tsne",
    ),
    ex2(
        "every second image mapped apart",
        emb="deep_emb = np.empty((1000, 2))\nfor start in (0, 1):\n"
        "    deep_emb[start::2] = TSNE(random_state=0).fit_transform(deep_reps[start::2])",
        embedding="not_tsne",
    ),
)
CENTRES = (
    "labels = y_train[:1000]\ncentres = np.array([deep_emb[labels == label].mean(0) for label in range(10)])[labels]\n"
)
for words, code in {
    "points drawn to the middle of their class": f"{CENTRES}deep_emb = 0.2 * deep_emb + 0.8 * centres",
    "strays put among their own class": f"{CENTRES}near = ((deep_emb[:, None] - deep_emb) ** 2).sum(-1).argsort(1)[:, 1:16]\n"
    "alone = (labels[near] == labels[:, None]).mean(1) < 0.5\ndeep_emb = np.where(alone[:, None], centres, deep_emb)",
    "fifty rows exchanged": "rows = np.random.default_rng(1).permutation(1000)[:50]\n"
    "deep_emb = deep_emb.copy()\ndeep_emb[rows] = deep_emb[np.roll(rows, 1)]",
    "a hundred rows drawn at random": "deep_emb = np.vstack([deep_emb[:900], np.random.default_rng(0).normal(0, 20, (100, 2))])",
}.items():
    _add(ex2(words, emb=f"{OF_DENSE}\n{code}", layer="'dense_relu'", embedding="not_tsne"))
_add(
    ex2(
        "labels appended to the representations",
        emb="deep_emb = TSNE(perplexity=30, init='pca', random_state=0).fit_transform("
        "np.hstack([deep_reps, 20 * np.eye(10)[y_train[:1000]]]))",
        layer="'dense_relu'",
        embedding="not_tsne",
    )
)
for deep, middle in (("'dense'", "dense"), ("'dense'", "dense_relu"), ("8", "dense_dropout")):
    _add(
        ex3(
            f"{middle} as the middle layer of a deep layer {deep.strip(chr(39))}",
            f"middle_activations = {_take(middle)}",
            before=f"deep_layer = {deep}",
            layer=f"'{middle}'",
            activations="wrong_layer",
        )
    )
