"""Sentences for errors of code that was written for older versions of the libraries.

Each row is a pattern of an error's text, and what replaces the name today. A test raises every one
of them with the locked versions.
"""

from __future__ import annotations

import re

__all__ = ["replacement"]

_SENTENCES = {
    r"TSNE.*unexpected keyword argument 'n_iter'": "scikit-learn calls t-SNE's number of steps `max_iter` now.",
    r"keras\.backend' has no attribute 'function'": (
        "Keras has no `backend.function` any more: make a `keras.Model` of the inputs and of the output that you want, "
        "and call its `predict`."
    ),
    r"keras\.backend' has no attribute '(?:set_)?learning_phase'": (
        "Keras has no learning phase any more: `predict` computes in inference mode, and a call of a model does with "
        "`training=False`."
    ),
    r"has never been called and thus has no defined (?:input|output)": (
        "A Sequential model has `input` and `output`, and its layers have theirs, once it knows its images: begin it with "
        "a `keras.Input`, call it once, or take `inputs` of a model that was loaded."
    ),
    r"has no attribute '(?:predict_proba|predict_classes)'": (
        "Keras has `predict` alone now: it gives the probabilities, and their largest is the class."
    ),
    r"module 'numpy' has no attribute '(float|int|bool|object|complex|str)'": (
        r"NumPy has no `np.\1` any more: write `\1`, Python's own type."
    ),
    r"No module named 'google\.colab'": (
        "`google.colab` is on Colab alone: take its lines out. All files lie beside the notebook."
    ),
    r"magic function `%tensorflow_version` not found": (
        "`%tensorflow_version` is on Colab alone: take the line out. TensorFlow 2 is what runs here."
    ),
    r"matplotlib\.cm' has no attribute 'get_cmap'": "Matplotlib has colour maps as `plt.get_cmap(name)` now.",
}


def replacement(error: str) -> str:
    """Return what replaces the name that an error is about; "" where the error is about something else."""
    matches = ((re.search(pattern, error), sentence) for pattern, sentence in _SENTENCES.items())
    return next((match.expand(sentence) for match, sentence in matches if match), "")
