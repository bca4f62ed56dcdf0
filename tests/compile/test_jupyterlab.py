"""Each release in a student's hands: opened in JupyterLab, answered by typing, run, saved, and graded as it was saved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from nbformat import NotebookNode
from rich.console import Console

from autograder.assignment.cells import is_solution
from autograder.assignment.settings import read_source
from autograder.compile.compiler import compile_source
from autograder.compile.otter_student import is_answer
from autograder.compile.publishing import Compilation
from autograder.grade import GradeRequest, Limits, grade
from autograder.model import CheckResult
from autograder.peers.otter import otter_run
from autograder.report import write_page
from tests.compile.jupyterlab import Lab, open_lab

NAME = "mapping_representations"
POINTS = 21
LOCKED = "QQQ"  # no shortcut of JupyterLab's begins so
WRITTEN = "The fours lie among the nines, since they share strokes."
MAP = """\
{0}_emb = TSNE(init="pca", max_iter=500, random_state=0).fit_transform({0}_reps)
{0}_plot = plot_embedding(X_train[:num_plot], {0}_emb[:num_plot], y_train[:num_plot])"""
DEEP = """\
deep_layer = "dense_relu"
deep_reps = keras.Model(model.inputs, model.get_layer(deep_layer).output).predict(X_train[:num_emb], verbose=0)
""" + MAP.format("deep")
MIDDLE = """\
middle_layer = "pool"
middle_model = keras.Model(model.inputs, model.get_layer(middle_layer).output)
middle_activations = middle_model.predict(X_train[:num_emb], verbose=0)
middle_reps = middle_activations.reshape(num_emb, -1)
checks.flattening(middle_reps, "middle_reps", middle_activations, "middle_activations")
""" + MAP.format("middle")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(2400),  # two whole runs of the notebook and a browser, on a machine that does much else
    pytest.mark.needs("Chromium"),
]


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Compilation:
    """The real assignment, compiled."""
    return compile_source(root, read_source(root / "source" / NAME), tmp_path_factory.mktemp("compiled") / "stage")


def _asks(cell: NotebookNode) -> bool:
    """Tell whether a cell of either release asks for an answer."""
    return is_solution(cell) or is_answer(cell)


def _answer(cell: NotebookNode) -> str:
    """Return what the student types into a cell."""
    if not _asks(cell):
        return LOCKED
    if cell.cell_type == "markdown":
        return WRITTEN
    return DEEP if "deep_reps" in cell.source else MIDDLE


def _type(lab: Lab) -> tuple[NotebookNode, NotebookNode]:
    """Type into every cell, and save; return the notebook before and after."""
    before = lab.saved
    for index, cell in enumerate(before.cells):
        lab.type_into(index, _answer(cell), locked=not _asks(cell))
    lab.save()
    return before, lab.saved


@pytest.mark.parametrize("kind", ["nbgrader", "otter"])
def test_a_release_takes_answers_in_jupyterlab(built: Compilation, tmp_path: Path, kind: str) -> None:
    """Every answer cell takes typing, and no given cell does."""
    work = tmp_path / NAME
    shutil.copytree(built.path(kind), work)
    with open_lab(work / f"{NAME}.ipynb", tmp_path / "home") as lab:
        before, after = _type(lab)
    for asked, saved in zip(before.cells, after.cells, strict=True):
        assert asked.metadata.get("editable", True) == _asks(asked)
        assert saved.source == (_answer(asked) if _asks(asked) else asked.source)
    assert sum(map(_asks, after.cells)) == 7


@pytest.mark.long
@pytest.mark.parametrize("kind", ["nbgrader", "otter"])
def test_what_was_typed_in_jupyterlab_runs_and_has_every_point(built: Compilation, tmp_path: Path, kind: str) -> None:
    """As it was saved behind *Run All*."""
    work = tmp_path / NAME
    shutil.copytree(built.path(kind), work)
    with open_lab(work / f"{NAME}.ipynb", tmp_path / "home") as lab:
        _type(lab)
        lab.run_all()
        lab.save()
        after = lab.saved
    errors = [output for cell in after.cells for output in cell.get("outputs", []) if output.output_type == "error"]
    assert errors == []
    checks = _graded(built, work / f"{NAME}.ipynb", kind, tmp_path)
    assert {check.name: check.message for check in checks if check.score < check.max_score} == {}
    assert sum(check.score for check in checks) == POINTS


def _graded(built: Compilation, notebook: Path, kind: str, work: Path) -> tuple[CheckResult, ...]:
    """Grade a saved notebook: nbgrader's release by `grade`, otter's by otter itself."""
    if kind == "otter":
        return otter_run(built.path("otter_zip"), notebook, timeout=900)
    handed_in = work / "in"
    handed_in.mkdir()
    shutil.copy(notebook, handed_in / "ada.ipynb")
    limits = Limits(900, memory=4)
    request = GradeRequest(
        handed_in, built.source.assignment, built.path(kind), work / "out", limits=limits, quiet=True
    )
    (result,) = grade(request, Console(stderr=True), write_page(NAME))
    assert result.message in (None, "")
    return result.checks
