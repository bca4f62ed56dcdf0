"""docs/another-assignment.md, typed from its first line to its last: from two files to a graded class."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
from keras import layers as kl
from sklearn.datasets import load_digits

from autograder.assignment.cells import grade_id
from autograder.grade.results import read_results
from tests.docs.pages import ROOT, Shell

PAGE, NAME = "docs/another-assignment.md", "my_digits"
pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.filterwarnings("ignore")]


def _two_files(folder: Path) -> None:
    """Train a network on scikit-learn's digits, as rows of numbers."""
    rows, labels = load_digits(return_X_y=True)
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((64,)),
            kl.Dense(64, "relu", name="first"),
            kl.Dense(32, "relu", name="second"),
            kl.Dense(10, name="scores"),
        ]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(rows[:1500] / 16, labels[:1500], epochs=40, verbose=0)
    model.save(folder / "digits.keras")
    np.savez(
        folder / "digits.npz", x_train=rows[:1500], y_train=labels[:1500], x_test=rows[1500:], y_test=labels[1500:]
    )


def _class(root: Path) -> None:
    """Hand in five notebooks: the solution, another right one, two wrong ones, and the blank release."""
    (root / "class").mkdir()
    solved = nbformat.read(root / "solutions" / NAME / f"{NAME}.ipynb", as_version=4)
    map_cell = next(cell for cell in solved.cells if grade_id(cell) == "ex2_map")
    right = map_cell.source
    for student, old, new in [
        ("ada", "", ""),
        ("bob", "perplexity=30, init", "perplexity=12, init"),
        ("cleo", '"second"', '"first"'),
        ("dora", "deep_emb = deep_tsne.fit_transform(deep_reps)", "deep_emb = deep_reps[:, :2] * 1.0"),
    ]:
        map_cell.source = right.replace(old, new)
        nbformat.write(solved, root / "class" / f"{student}.ipynb")
    shutil.copy(root / "release" / "nbgrader" / NAME / f"{NAME}.ipynb", root / "class" / "emil.ipynb")


def test_the_page(tmp_path: Path) -> None:
    """Each command works, and each of the class has what the work deserves."""
    shutil.copy(ROOT / "requirements.lock", tmp_path)
    _two_files(tmp_path)
    home = tmp_path / "home"
    home.mkdir()
    before = {f"autograder grade class --assignment {NAME} --out out": lambda: _class(tmp_path)}
    shell = Shell(tmp_path, home, before=before)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    shell.run_page(PAGE)
    assert re.search(
        r"solved notebook by autograder grade: 21 of 21", shell.printed[f"autograder build {NAME} --draft"]
    )
    assert re.search(r"right values accepted +(\d+) of \1, 100.0%", shell.printed[f"autograder assess {NAME}"])
    results = {result.student: result for result in read_results(tmp_path / "out" / "results.jsonl")}
    lost = {name: {check.diagnosis for check in result.checks if check.score == 0} for name, result in results.items()}
    assert lost["ada"] == lost["bob"] == set()
    assert lost["cleo"] == {"wrong_layer"}
    assert lost["dora"] == {"not_tsne"}
    assert results["emil"].score == 0
    release = (tmp_path / "release" / "nbgrader" / NAME / "README.md").read_text("utf-8")
    assert release.startswith("> **Draft")
