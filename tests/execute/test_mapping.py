"""The first assignment itself: its solution, its blank release, and what only TensorFlow and t-SNE make possible."""

from pathlib import Path

import nbformat
import pytest

from autograder.assignment.plan import make_plan
from autograder.execute.engine import Engine
from autograder.model import Submission

ROOT = Path(__file__).parents[2]
NAME = "mapping_representations"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine():
    """An engine for the assignment, whose maps are remembered from one test to the next."""
    with Engine(make_plan(ROOT / "source" / NAME, ROOT / "release" / "nbgrader" / NAME)) as engine:
        yield engine


@pytest.fixture
def grade(engine, tmp_path):
    """Grade the solution with code before and behind the second exercise's answer."""

    def run(before="", behind=""):
        notebook = nbformat.read(ROOT / "solutions" / NAME / f"{NAME}.ipynb", as_version=4)
        cell = next(c for c in notebook.cells if c.metadata.nbgrader.grade_id == "ex2_map")
        cell.source = f"{before}\n{cell.source}\n{behind}"
        path = tmp_path / "x.ipynb"
        nbformat.write(notebook, path)
        return engine.run(Submission("ada", NAME, path, "x")).result

    return run


def diagnoses(result):
    """Return the checks that did not pass, with why."""
    return {check.name: check.diagnosis for check in result.checks if check.status != "passed"}


def test_the_solution_gets_every_point(engine, grade):
    """21 of 21; the second time, no map is computed, and every check says the same."""
    first = grade()
    computed = engine.service.maps.misses
    again = grade()
    assert (first.status, first.score, first.max_score) == ("graded", 21, 21)
    assert (again.checks, engine.service.maps.misses) == (first.checks, computed)


def test_the_blank_release_gets_nothing(engine):
    """The release as students get it is told what is missing, and scores 0."""
    blank = ROOT / "release" / "nbgrader" / NAME / f"{NAME}.ipynb"
    result = engine.run(Submission("bob", NAME, blank, "x")).result
    assert (result.status, result.score) == ("graded", 0)
    assert "missing" in diagnoses(result).values()


def test_a_replaced_tsne_makes_no_map(grade):
    """A t-SNE of the student's own costs what was made with it, and never comes into the memory."""
    fake = "import numpy\nReal = TSNE\nclass TSNE(Real):\n    def fit_transform(self, X, y=None): return numpy.random.default_rng(0).normal(size=(len(X), 2))"
    assert diagnoses(grade(before=fake, behind="TSNE = Real")).keys() == {"ex2_embedding"}
    assert grade().score == 21


FAKE_PLOTS = {
    "other points": "return Real(imgs, np.random.default_rng(0).normal(size=np.shape(X)), y, title)",
    "other labels": "return Real(imgs, X, np.roll(y, 1), title)",
    "an object that says yes": "return type('Axes', (), {'__getattr__': lambda self, name: self, '__call__': lambda self, *a: True})()",
}


@pytest.mark.parametrize("what", FAKE_PLOTS)
def test_a_replaced_plot_embedding_shows_no_map(grade, what):
    """A `plot_embedding` of the student's own costs the plot that it made, and nothing else."""
    fake = f"import numpy as np\nReal = plot_embedding\ndef plot_embedding(imgs, X, y, title=None):\n    {FAKE_PLOTS[what]}\n"
    assert diagnoses(grade(before=fake, behind="plot_embedding = Real")).keys() == {"ex2_plot"}


def test_swapped_weights_change_nothing_of_ours(grade):
    """Weights and images that a student overwrites are the student's own: answers made with them are wrong."""
    swap = (
        "for layer in model.layers:\n    layer.set_weights([w * 0.5 + 0.01 for w in layer.get_weights()])\n"
        "model.save_weights('mnist_cnn.weights.h5')\nimport glob\n[open(f, 'w').close() for f in glob.glob('*.npz')]"
    )
    result = grade(before=swap)
    assert "ex2_activations" in diagnoses(result)
    assert grade().score == 21


def test_tensors_layers_and_lists_are_answers_too(grade):
    """A tensor, a Keras layer and nested lists are taken out as what they hold."""
    behind = "import tensorflow as tf\ndeep_layer = model.get_layer(deep_layer)\ndeep_reps = tf.constant(deep_reps)\ndeep_emb = deep_emb.tolist()\ndeep_plot = [deep_plot.figure, deep_plot]"
    assert diagnoses(grade(behind=behind)) == {}
