"""The source that `autograder new` writes: lint finds the missing words alone, and it compiles."""

import json
import re
from pathlib import Path

import keras
import matplotlib as mpl
import nbformat
import numpy as np
import pytest
from keras import layers as kl
from matplotlib.offsetbox import AnnotationBbox, OffsetImage

from autograder import cli
from autograder.assignment.cells import grade_id
from autograder.assignment.policy import read_policy
from autograder.assignment.settings import DRAFT, read_source
from autograder.checks.read_axes import read_axes
from autograder.compile.compiler import compile_source
from autograder.compile.lint import check_source, find_problems
from autograder.errors import SourceError
from autograder.new import NewAssignment, create
from tests.new.networks import blobs, save

pytestmark = pytest.mark.filterwarnings("ignore")  # Keras's own, when it saves and trains

PICTURES = [
    kl.Conv2D(4, 3, activation="relu", name="conv"), kl.Flatten(name="flat"), kl.Dense(8, activation="relu", name="hidden"),
    kl.Dense(3, activation="softmax", name="end"),
]  # fmt: skip
ROWS = [kl.Dense(8, activation="relu", name="hidden"), kl.Dense(3, name="end")]
KINDS = {"grey": ((8, 8), PICTURES), "colour": ((8, 8, 3), PICTURES), "rows": ((5,), ROWS)}


@pytest.fixture(scope="module")
def course(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with an assignment for each kind of data."""
    folder = tmp_path_factory.mktemp("kit")
    (folder / "requirements.lock").write_bytes((root / "requirements.lock").read_bytes())
    for kind, (shape, layers) in KINDS.items():
        arrays = blobs(shape)
        stack = [keras.layers.deserialize(keras.layers.serialize(layer)) for layer in layers]
        model = keras.Sequential([keras.Input((*shape, 1) if len(shape) == 2 else shape), *stack])
        model.compile(
            keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=kind == "rows")
        )
        rows = arrays["x_train"][..., np.newaxis] if len(shape) == 2 else arrays["x_train"]
        model.fit(rows, arrays["y_train"], epochs=8, verbose=0)
        network, data = save(folder / kind, model, arrays)
        arguments = ["new", f"kit_{kind}", "--model", str(network), "--data", str(data), "--images", "120"]
        names = ["--classes", "ant", "bee", "cat"] if kind != "grey" else []
        assert cli.main([*arguments, *names, "--root", str(folder)]) == 0
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_words_alone_are_missing(course: Path, kind: str) -> None:
    """Everything else fits; as a draft it builds, and says what it is."""
    source = course / "source" / f"kit_{kind}"
    assert {problem.message.partition(":")[0] for problem in find_problems(source)} == {"your words are wanted here"}
    with pytest.raises(SourceError, match="your words are wanted here: model answer"):
        check_source(source)
    draft = check_source(source, draft=True)
    assert draft.draft
    assert draft.notebook.cells[0].source.startswith(DRAFT)


@pytest.mark.parametrize("kind", KINDS)
def test_it_speaks_of_this_data(course: Path, kind: str) -> None:
    """Shapes, counts and classes are the data's; points are as ever."""
    notebook = read_source(course / "source" / f"kit_{kind}").notebook
    text = "\n".join(cell.source for cell in notebook.cells)
    assert {"grey": "8 by 8 pixels", "colour": "8 by 8 pixels, in colour", "rows": "a row of 5 numbers"}[kind] in text
    assert "360 " + ("examples" if kind == "rows" else "images") in text
    assert ("0 is ant, 1 is bee, 2 is cat" in text) == (kind != "grey")
    assert "digit" not in text
    assert "nearest neighbours" in next(cell.source for cell in notebook.cells if grade_id(cell) == "ex2_written")
    assert "|\n\nRun the cells" in text
    assert "%%%" not in text
    assert "{%" not in text
    points = {grade_id(cell): cell.metadata.nbgrader.get("points", 0) for cell in notebook.cells}
    assert sum(points.values()) == (20 if kind == "rows" else 30)
    policy = read_policy(course / "source" / f"kit_{kind}")
    assert policy.roles == (
        {"deep": ("hidden",)} if kind == "rows" else {"deep": ("hidden",), "middle": ("conv", "flat")}
    )
    assert policy.classes == (() if kind == "grey" else ("ant", "bee", "cat"))
    assert policy.class_scores == ("end",)


def test_words_that_are_there_build(course: Path, tmp_path: Path) -> None:
    """Into both releases, without a word of a draft."""
    source = course / "source" / "kit_rows"
    path = source / "kit_rows.ipynb"
    whole = path.read_text("utf-8")
    path.write_text(re.sub(r"\{words:[^}]*\}", "My words.", whole), "utf-8")
    try:
        built = compile_source(course, check_source(source), tmp_path / "stage")
    finally:
        path.write_text(whole, "utf-8")
    for kind in ("nbgrader", "otter"):
        text = (built.path(kind) / "kit_rows.ipynb").read_text("utf-8")
        assert "Draft" not in text
        assert "My words" not in text
    assert "My words" in (built.path("solutions") / "kit_rows.ipynb").read_text("utf-8")


def test_what_is_there_stays(course: Path) -> None:
    """A name that is taken, and a deep layer that isn't flat."""
    made = {"model": course / "grey" / "network.keras", "data": course / "grey" / "data.npz"}
    before = sorted(course.rglob("*"))
    for more, words in [
        ({"name": "kit_grey"}, "is there already"),
        ({"name": "x", "deep": ("conv",)}, "a deep one gives a flat row"),
    ]:
        with pytest.raises(SourceError, match=words):
            create(course, NewAssignment(**(made | more)), lambda line: None)
    assert sorted(course.rglob("*")) == before


def test_the_given_plot_is_read_as_it_is_meant(course: Path) -> None:
    """Each point with its class's number, of each kind of data; colours are shown as they are."""
    mpl.use("Agg")
    import matplotlib.pyplot as plt

    for kind, (shape, _) in KINDS.items():
        cells = {grade_id(cell): cell.source for cell in read_source(course / "source" / f"kit_{kind}").notebook.cells}
        names = {"np": np, "plt": plt, "matplotlib": mpl, "class_names": [f"kind {n}" for n in range(100)]}
        names |= {"AnnotationBbox": AnnotationBbox, "OffsetImage": OffsetImage}
        exec(cells["plot_embedding"], names)  # noqa: S102 (our own text)
        labels = np.arange(60) * 5 // 3
        images = np.random.default_rng(0).random((60, *shape, *([1] if kind == "grey" else [])), np.float32)
        axes = names["plot_embedding"](images, np.random.default_rng(1).normal(size=(60, 2)), labels)
        assert [point.label for point in read_axes(axes)] == list(map(str, labels))
        shown = {artist.offsetbox.get_data().shape[2:] for artist in axes.artists}
        assert shown == {"grey": {()}, "colour": {(3,)}, "rows": set()}[kind]
        axes.figure.canvas.draw()
        plt.close(axes.figure)


def test_the_notebook_is_nbgraders(course: Path) -> None:
    """Valid, each cell with its own name."""
    for kind in KINDS:
        notebook = nbformat.read(course / "source" / f"kit_{kind}" / f"kit_{kind}.ipynb", as_version=4)
        nbformat.validate(notebook)
        names = [grade_id(cell) for cell in notebook.cells]
        assert len(set(names)) == len(names)
        assert names[:6] == ["intro", "imports", "data_text", "data", "model_text", "model"]
        assert json.loads(json.dumps(notebook.metadata))["kernelspec"]["language"] == "python"
