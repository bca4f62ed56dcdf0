"""Colour images and rows of numbers, from two files to pages of feedback."""

from __future__ import annotations

import base64
import io
import re
import shutil
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from keras import layers as kl
from nbformat import NotebookNode
from PIL import Image

from autograder import cli
from autograder.assignment.cells import grade_id, is_solution
from autograder.grade.map_files import read_images
from autograder.grade.results import read_results
from tests.new.networks import save, small_cnn, tinted, trained

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # Keras's own, when it saves and trains
]

NAME = "kit"
CLASSES = "zero one two three four five six seven eight nine".split()  # noqa: SIM905


def _graded(root: Path, model: Any, data: dict[str, Any], right: str, wrong: str) -> Path:
    """Make an assignment, build its draft, and grade the solution and one with a mistake; return the results' folder."""
    shutil.copy(Path(__file__).parents[2] / "requirements.lock", root)
    network, arrays = save(root / "files", model, data)
    new = ["new", NAME, "--model", str(network), "--data", str(arrays), "--images", "200", "--classes", *CLASSES]
    assert cli.main([*new, "--root", str(root)]) == 0
    assert cli.main(["build", NAME, "--draft", "--no-gate", "--root", str(root)]) == 0
    solved = {grade_id(cell): cell.source for cell in _notebook(root / "solutions").cells if is_solution(cell)}
    handed_in = _notebook(root / "release" / "nbgrader")
    for cell in handed_in.cells:
        cell.source = solved.get(grade_id(cell), cell.source)
    (root / "class").mkdir()
    nbformat.write(handed_in, root / "class" / "ada.ipynb")
    cell = next(cell for cell in handed_in.cells if grade_id(cell) == "ex2_map")
    assert right in cell.source
    cell.source = cell.source.replace(right, wrong)
    nbformat.write(handed_in, root / "class" / "bob.ipynb")
    grade = ["grade", str(root / "class"), "--assignment", NAME, "--out", str(root / "out"), "--root", str(root)]
    assert cli.main(grade) == 0
    assert cli.main(["report", str(root / "out")]) == 0
    assert "</svg> seven</span>" in (root / "out" / "report.html").read_text("utf-8")
    return root / "out"


def _notebook(folder: Path) -> NotebookNode:
    """Return the assignment's notebook in a folder."""
    notebook: NotebookNode = nbformat.read(folder / NAME / f"{NAME}.ipynb", as_version=4)
    return notebook


def _lost(out: Path) -> dict[str, list[tuple[str, str | None]]]:
    """Return what lost points, by student."""
    return {
        result.student: [(check.name, check.diagnosis) for check in result.checks if check.score < check.max_score]
        for result in read_results(out / "results.jsonl")
    }


def _page(out: Path, student: str) -> str:
    """Return a page of feedback without its styles and scripts."""
    page = (out / "feedback" / student / f"{NAME}.html").read_text("utf-8")
    return re.sub(r"<(style|script)\b.*?</\1>", "", page, flags=re.DOTALL)


def test_pages_show_colour_images(tmp_path: Path) -> None:
    """They have maps, and colour images beside the strays: these images once ended the judging process."""
    out = _graded(tmp_path, small_cnn(), tinted(), "deep_emb[:num_plot], y_train[", "deep_emb[:num_plot], y_test[")
    assert _lost(out) == {"ada": [], "bob": [("ex2_plot", "labels_misaligned")]}
    images = read_images(out, NAME)
    assert images is not None
    assert images.classes == tuple(CLASSES)
    wanted = tinted()["x_train"]
    for number in (0, 7):
        picture = Image.open(io.BytesIO(base64.b64decode(images.pictures[number].partition(",")[2])))
        assert picture.mode == "RGB"
        scaled = wanted[number] * (255 / wanted[:200].max())
        assert np.abs(np.asarray(picture, float) - scaled).max() <= 1
    for student in ("ada", "bob"):
        page = _page(out, student)
        assert "Deep layer: a map of <code>" in page
        assert "</text></svg> seven</span>" in page
        strays = re.findall(r'<li><img src="(data:image/png;base64,[^"]+)"[^>]*alt="image (\d+)"', page)
        assert strays
        assert all(source == images.pictures[int(number)] for source, number in strays)


def test_pages_speak_of_examples(tmp_path: Path) -> None:
    """Rows of numbers have maps without pictures, and neither check nor page calls them images."""
    data = {name: array.reshape(len(array), -1) if name[0] == "x" else array for name, array in tinted().items()}
    stack = [kl.Dense(48, "relu", name="one"), kl.Dense(32, "relu", name="two"), kl.Dense(10, "softmax", name="end")]
    out = _graded(tmp_path, trained(stack, data, 255), data, "predict(X_train[", "predict(X_test[")
    assert _lost(out) == {"ada": [], "bob": [("ex2_activations", "test_images")]}
    page = _page(out, "bob")
    assert "holds the activations of test examples" in page
    assert "Kind of mistake: test examples" in page
    words = re.sub(r'src="[^"]*"', "", page.partition("<body>")[2])
    assert not re.search("image|digit|pixel", words)
