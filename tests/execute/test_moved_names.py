"""Errors of code for older libraries, as the locked versions raise them, are told with what replaces it today."""

import pytest
from IPython.core.interactiveshell import InteractiveShell

from autograder.execute.moved_names import _SENTENCES, replacement

MODEL = "import keras\nmodel = keras.Sequential([keras.layers.Dense(2)])\n"
OLD = {
    "from sklearn.manifold import TSNE\nTSNE(n_components=2, n_iter=1000)": "`max_iter`",
    "from keras import backend as K\nK.function([], [])": "`keras.Model`",
    "import tensorflow as tf\ntf.keras.backend.function([], [])": "`keras.Model`",
    "from keras import backend as K\nK.learning_phase()": "`training=False`",
    "from keras import backend as K\nK.set_learning_phase(0)": "`training=False`",
    f"{MODEL}model.layers[0].output": "`keras.Input`",
    f"{MODEL}model.input": "`keras.Input`",
    f"{MODEL}model.predict_proba": "`predict` alone",
    f"{MODEL}model.predict_classes": "`predict` alone",
    "import numpy as np\nnp.float(3)": "write `float`",
    "import numpy as np\nnp.zeros(3, dtype=np.int)": "write `int`",
    "from google.colab import drive": "on Colab alone",
    "import google.colab": "on Colab alone",
    "%tensorflow_version 2.x": "on Colab alone",
    "import matplotlib.cm as cm\ncm.get_cmap('jet')": "`plt.get_cmap(name)`",
}


def _error(code):
    """Return the error that code stops with, in one line."""
    shell = InteractiveShell.instance()
    error = shell.run_cell(code, silent=True).error_in_exec
    return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize("code", OLD)
def test_what_has_moved_is_told(code, capsys):
    """Each in one or two sentences that name what is there today."""
    assert OLD[code] in replacement(_error(code))


def test_each_row_is_raised_by_something():
    """A row that no library raises any more is one to take out."""
    errors = [_error(code) for code in OLD]
    rows = set(_SENTENCES.values())
    assert len({replacement(error).replace("int", "float") for error in errors}) == len(rows)


def test_other_errors_have_no_replacement():
    """Nor do a library that isn't there, and a student's own names."""
    for error in ("ModuleNotFoundError: No module named 'plotly'", "NameError: name 'n_iter' is not defined", ""):
        assert replacement(error) == ""
