"""docs/other-frameworks.md: its network is trained, its assignment built and graded, right and wrong."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder import cli
from autograder.assignment.cells import grade_id
from autograder.compile.compiler import build
from autograder.compile.lint import find_problems
from tests.compile.small import graded
from tests.docs.pages import ROOT

NAME = "mapping_torch"
_CELL = re.compile(r"`(\w[\w.]*)`(?:, (\d) points?)?:\n\n```python\n(.*?)\n```", re.DOTALL)
_SETTINGS = re.compile(r"```toml\n(.*?)\n```", re.DOTALL)
WRONG = {
    "another layer": ('deep_layer = "4"', 'deep_layer = "6"', ("map_activations", "class_scores")),
    "training mode": ('deep_layer = "4"', 'deep_layer = "5"\nnetwork.train()', ("map_activations", "dropout_active")),
    "too few": ("taken[0].numpy()", "taken[0].numpy()[:400]", ("map_activations", "too_few_rows")),
    "another map": ('TSNE(perplexity=30, init="pca", random_state=0).fit_transform(deep_reps)', "deep_reps[:, 1:3]", ("map_embedding", "not_tsne")),
}  # fmt: skip


def _page() -> str:
    return (ROOT / "docs" / "other-frameworks.md").read_text("utf-8")


def _write(root: Path) -> Path:
    """Write the page's assignment; return its folder."""
    folder = root / "source" / NAME
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "requirements.lock", root)
    (folder / "assignment.toml").write_text(_SETTINGS.search(_page())[1] + "\n", "utf-8")
    (folder / "STUDENT.md").write_text("# Mapping digits with PyTorch\n", "utf-8")
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = new_notebook(metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    for name, points, source in _CELL.findall(_page()):
        if name.endswith(".py"):
            (folder / name).write_text(source + "\n", "utf-8")
            continue
        marks = graded(name, grade=bool(points), solution="BEGIN SOLUTION" in source, points=float(points or 0) or None)
        notebook.cells.append(new_code_cell(source, id=name, metadata=marks))
    for name in ("network.pt", "digits.npz"):
        (folder / name).write_bytes(b"")
    nbformat.write(notebook, folder / f"{NAME}.ipynb")
    return folder


def test_what_the_page_says_is_sound(tmp_path: Path) -> None:
    """Without PyTorch too: settings, cells and tests fit each other; a file without `load` is told."""
    folder = _write(tmp_path)
    shutil.copy(ROOT / "source" / "mapping_representations" / "mnist_sample.npz", folder / "digits.npz")
    assert find_problems(folder) == ()
    (folder / "network.py").write_text("network = None\n", "utf-8")
    (problem,) = find_problems(folder)
    assert "defines no function `load(weights)`" in problem.message


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.needs("PyTorch")
def test_its_assignment_is_built_and_graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate gives all points and none; a class's mistakes are named; the map is drawn beside its reference."""
    folder = _write(tmp_path)
    subprocess.run([sys.executable, "train.py"], cwd=folder, check=True)
    build(tmp_path, NAME)
    handed_in = tmp_path / "class"
    handed_in.mkdir()
    for student, (old, new, _) in {"right": ("", "", ()), **WRONG}.items():
        notebook = nbformat.read(tmp_path / "release" / "nbgrader" / NAME / f"{NAME}.ipynb", as_version=4)
        solved = nbformat.read(tmp_path / "solutions" / NAME / f"{NAME}.ipynb", as_version=4)
        text = next(cell.source for cell in solved.cells if grade_id(cell) == "map")
        assert old in text
        for cell in notebook.cells:
            if grade_id(cell) == "map":
                cell.source = text.replace(old, new) if old else text
        nbformat.write(notebook, handed_in / f"{student.replace(' ', '-')}.ipynb")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["grade", str(handed_in), "--assignment", NAME, "--out", "out"]) == 0
    lines = [json.loads(line) for line in (tmp_path / "out" / "results.jsonl").read_text("utf-8").splitlines()]
    results = {line["student"]: line for line in lines}
    assert results["right"]["score"] == 5
    for student, (_, _, expected) in WRONG.items():
        failed = [
            (check["name"], check["diagnosis"])
            for check in results[student.replace(" ", "-")]["checks"]
            if check["status"] == "failed"
        ]
        assert expected in failed, (student, failed)
