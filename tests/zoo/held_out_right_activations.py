"""Held out: ways to get a layer's activations right, and to lay them out flat."""

from .spec import ex2, ex3

__all__ = ["RIGHT_ACTIVATIONS"]

DEEP = (
    ex2(
        "deep, Sequential cut off after the activation",
        "short = keras.Sequential(model.layers[:9])\ndeep_reps = short.predict(X_train[:num_emb], verbose=0)",
    ),
    ex2(
        "deep, layers applied one after the other to the images",
        "x = X_train[:num_emb]\nfor layer in model.layers[:9]:\n    x = layer(x)\ndeep_reps = x",
    ),
    ex2(
        "deep, layers applied until the chosen one has been, then NumPy",
        "x = X_train[:1000]\n"
        "for layer in model.layers:\n"
        "    x = layer(x, training=False) if 'dropout' in layer.name else layer(x)\n"
        "    if layer.name == deep_layer:\n"
        "        break\n"
        "deep_reps = x.numpy()",
    ),
    ex2(
        "deep, negative index",
        "deep_reps = keras.Model(model.inputs, model.layers[deep_layer].output).predict(X_train[:1000], verbose=0)",
        layer="-4",
    ),
    ex2(
        "deep, the layer object itself, before its activation",
        "deep_reps = keras.Model(inputs=model.inputs, outputs=deep_layer.output).predict(X_train[:num_emb], verbose=0)",
        layer='model.get_layer("dense")',
    ),
    ex2(
        "deep, dropout layer called with training=False",
        "part = keras.Model(model.inputs, model.get_layer(deep_layer).output)\n"
        "deep_reps = part(X_train[:num_emb], training=False).numpy()",
        layer='"dense_dropout"',
    ),
    ex2(
        "deep, index found by a search for the last Dense layer of 128",
        "deep_reps = keras.Model(model.inputs, model.layers[deep_layer].output).predict(X_train[:num_emb], verbose=0)",
        layer="max(i for i, l in enumerate(model.layers) if isinstance(l, keras.layers.Dense) and l.units == 128)",
    ),
    ex2(
        "deep, NumPy integer as index",
        "deep_reps = keras.Model(model.inputs, model.layers[deep_layer].output).predict(X_train[:num_emb], verbose=0)",
        layer="np.arange(len(model.layers))[8]",
    ),
    ex2(
        "deep, batches of 64 collected in a list and concatenated",
        "part = keras.Model(model.inputs, model.get_layer(deep_layer).output)\n"
        "pieces = []\n"
        "for start in range(0, num_emb, 64):\n"
        "    pieces.append(part.predict_on_batch(X_train[start:min(start + 64, num_emb)]))\n"
        "deep_reps = np.concatenate(pieces)",
    ),
    ex2(
        "deep, one image after the other, stacked",
        "part = keras.Model(model.inputs, model.get_layer(deep_layer).output)\n"
        "deep_reps = np.vstack([part(X_train[i:i + 1], training=False) for i in range(num_emb)])",
    ),
    ex2(
        "deep, rows written into an empty matrix",
        "part = keras.Model(model.inputs, model.get_layer(deep_layer).output)\n"
        "deep_reps = np.zeros((num_emb, 128))\n"
        "for start in range(0, num_emb, 100):\n"
        "    deep_reps[start:start + 100] = part(X_train[start:start + 100])",
    ),
    ex2(
        "deep, matrix product with the kernel after predict on the flat layer",
        "flat = keras.Model(model.inputs, model.get_layer('flatten').output).predict(X_train[:num_emb], verbose=0)\n"
        "kernel, bias = model.get_layer('dense').get_weights()\n"
        "deep_reps = np.maximum(flat @ kernel + bias, 0)",
    ),
    ex2(
        "deep, matrix product in double precision without the activation",
        "flat = keras.Model(model.inputs, model.get_layer('pool').output).predict(X_train[:num_emb], verbose=0)\n"
        "w, b = [v.numpy().astype('float64') for v in model.get_layer('dense').weights]\n"
        "deep_reps = np.dot(flat.reshape(len(flat), -1).astype('float64'), w) + b",
        layer='"dense"',
    ),
    ex2(
        "deep, tf.function around the model",
        "import tensorflow as tf\n"
        "part = keras.Model(model.inputs, model.get_layer(deep_layer).output)\n"
        "@tf.function\n"
        "def look(images):\n"
        "    return part(images, training=False)\n"
        "deep_reps = look(tf.constant(X_train[:num_emb]))",
    ),
    ex2(
        "deep, tf.data in batches",
        "import tensorflow as tf\n"
        "images = tf.data.Dataset.from_tensor_slices(X_train[:num_emb]).batch(50)\n"
        "deep_reps = keras.Model(model.inputs, model.get_layer(deep_layer).output).predict(images, verbose=0)",
    ),
    ex2(
        "deep, every layer's output at once, the right one picked",
        "everything = keras.Model(model.inputs, [layer.output for layer in model.layers])\n"
        "outputs = everything.predict(X_train[:num_emb], verbose=0)\n"
        "deep_reps = outputs[8]",
        layer="8",
    ),
    ex2(
        "deep, outputs by name in a dictionary",
        "by_name = keras.Model(model.inputs, {layer.name: layer.output for layer in model.layers[:-1]})\n"
        "deep_reps = by_name.predict(X_train[:num_emb], batch_size=250, verbose=0)[deep_layer]",
        layer='"dense"',
    ),
    ex2(
        "deep, a clone with the last layers popped",
        "copy = keras.models.clone_model(model)\n"
        "copy.set_weights(model.get_weights())\n"
        "for _ in range(3):\n"
        "    copy.pop()\n"
        "deep_reps = copy.predict(X_train[:num_emb], verbose=0)",
    ),
    ex2(
        "deep, functional model built anew from the same layers",
        "inputs = x = keras.Input((28, 28, 1))\n"
        "for layer in model.layers[:8]:\n"
        "    x = layer(x)\n"
        "deep_reps = keras.Model(inputs, x).predict(X_train[:num_emb], verbose=0)",
        layer="model.layers[7].name",
    ),
    ex2(
        "deep, keras.ops on the flat layer's output",
        "flat = keras.Model(model.inputs, model.get_layer('flatten').output)(X_train[:num_emb])\n"
        "dense = model.get_layer('dense')\n"
        "deep_reps = keras.ops.convert_to_numpy(keras.ops.relu(keras.ops.matmul(flat, dense.kernel) + dense.bias))",
    ),
    ex2(
        "deep, all the training images predicted, the first 1000 kept",
        "deep_reps = keras.Model(model.inputs, model.get_layer(deep_layer).output).predict(X_train, verbose=0)[:num_emb]",
    ),
    ex2(
        "deep, saved to a file and loaded again",
        "import os, tempfile\n"
        "path = os.path.join(tempfile.mkdtemp(), 'deep.npy')\n"
        "np.save(path, keras.Model(model.inputs, model.get_layer(deep_layer).output).predict(X_train[:num_emb], verbose=0))\n"
        "deep_reps = np.load(path, mmap_mode='r')",
    ),
)


def _as(name, conversion, before="", emb=None):
    """Return a specimen whose right activations are handed in as another kind of value."""
    part = "keras.Model(model.inputs, model.get_layer(deep_layer).output).predict(X_train[:num_emb], verbose=0)"
    return ex2(name, f"taken = {part}\ndeep_reps = {conversion}", before=before, emb=emb)


OF_ARRAY = (
    'deep_emb = TSNE(n_components=2, perplexity=30, init="pca", max_iter=1000, random_state=0)'
    ".fit_transform(np.asarray(deep_reps))"
)
KINDS = (
    _as("deep, as a list of lists", "taken.tolist()", emb=OF_ARRAY),
    _as("deep, as a list of vectors", "[row for row in taken]", emb=OF_ARRAY),
    _as("deep, as a tuple of tensors", "tuple(tf.constant(row) for row in taken)", "import tensorflow as tf", OF_ARRAY),
    _as("deep, in half precision", "taken.astype(np.float16)"),
    _as("deep, as a half-precision tensor", "tf.cast(taken, tf.float16)", "import tensorflow as tf", OF_ARRAY),
    _as("deep, in double precision and Fortran order", "np.asfortranarray(taken, dtype='float64')"),
    _as("deep, as a TensorFlow variable", "tf.Variable(taken)", "import tensorflow as tf", OF_ARRAY),
    _as("deep, as a masked array with nothing masked", "np.ma.masked_invalid(taken)", emb=OF_ARRAY),
    _as("deep, units in reverse", "taken[:, ::-1]"),
    _as("deep, units sorted by their mean", "taken[:, np.argsort(taken.mean(axis=0))]"),
    _as("deep, flattened once more by habit", "taken.reshape(taken.shape[0], -1)"),
)

MIDDLE = (
    ex3(
        "middle, the worked example's activations used again",
        "middle_activations = reps",
        layer='"conv1"',
    ),
    ex3(
        "middle, second convolution by index, flattened by layers.Flatten",
        "middle_activations = keras.Model(model.inputs, model.layers[3].output).predict(X_train[:num_emb], verbose=0)",
        reps="middle_reps = np.array(keras.layers.Flatten()(middle_activations))",
        layer="3",
    ),
    ex3(
        "middle, second convolution's own output, rows ravelled in a loop",
        reps="middle_reps = np.array([one.ravel() for one in middle_activations])",
        layer='"conv2"',
    ),
    ex3(
        "middle, training=True where no dropout lies below",
        "middle_activations = keras.Sequential(model.layers[:5])(X_train[:num_emb], training=True)",
        reps="middle_reps = middle_activations.numpy().reshape(1000, 12 * 12 * 32)",
    ),
    ex3(
        "middle, dropout layer by predict, tf.reshape",
        reps="import tensorflow as tf\nmiddle_reps = tf.reshape(middle_activations, [num_emb, -1])",
        emb='middle_emb = TSNE(perplexity=30, init="pca", random_state=0).fit_transform(middle_reps.numpy())',
        layer='"pool_dropout"',
    ),
    ex3("middle, the flat layer needs no more", reps="middle_reps = np.array(middle_activations)", layer='"flatten"'),
    ex3(
        "middle, channels first and then flat",
        reps="middle_reps = np.transpose(middle_activations, (0, 3, 1, 2)).reshape(num_emb, -1)",
        layer='"conv1_relu"',
    ),
    ex3(
        "middle, reshape in Fortran order keeps rows",
        reps='middle_reps = middle_activations.reshape((1000, -1), order="F")',
    ),
    ex3(
        "middle, transposed, reshaped and transposed back",
        reps="middle_reps = middle_activations.T.reshape(-1, num_emb).T",
    ),
    ex3(
        "middle, channels laid side by side",
        reps="middle_reps = np.hstack([middle_activations[..., c].reshape(1000, -1) for c in range(32)])",
    ),
    ex3(
        "middle, each image flattened by .flatten() and stacked",
        "taken = [keras.Model(model.inputs, middle_layer.output)(X_train[i:i + 200]) for i in range(0, 1000, 200)]\n"
        "middle_activations = np.concatenate(taken)",
        reps="middle_reps = np.stack(list(map(np.ndarray.flatten, middle_activations)))",
        layer='model.get_layer("conv2_relu")',
    ),
    ex3(
        "middle, convolution computed by hand in NumPy",
        "kernel, bias = model.layers[0].get_weights()\n"
        "windows = np.lib.stride_tricks.sliding_window_view(X_train[:num_emb, ..., 0], (3, 3), axis=(1, 2))\n"
        "middle_activations = np.maximum(np.tensordot(windows, kernel[:, :, 0], axes=2) + bias, 0)",
        layer='"conv1_relu"',
    ),
    ex3(
        "middle, pooled by hand from the layer before",
        "before = keras.Model(model.inputs, model.get_layer('conv2_relu').output).predict(X_train[:num_emb], verbose=0)\n"
        "middle_activations = before.reshape(num_emb, 12, 2, 12, 2, 32).max(axis=(2, 4))",
        reps="middle_reps = keras.ops.reshape(middle_activations, (num_emb, -1))",
        emb='middle_emb = TSNE(init="pca", random_state=0).fit_transform(np.array(middle_reps))',
    ),
    ex3(
        "middle, flat activations from a Reshape layer, half precision",
        reps="middle_reps = keras.layers.Reshape((-1,))(middle_activations).numpy().astype('float16')",
    ),
    ex3(
        "middle, whole rows in another order of features",
        reps="middle_reps = middle_activations[:, ::-1, :, ::-1].reshape(num_emb, -1)",
        layer="-8",
        taken="middle_activations = keras.Sequential(model.layers[:5]).predict(X_train[:num_emb], verbose=0)",
    ),
)

RIGHT_ACTIVATIONS = (*DEEP, *KINDS, *MIDDLE)
