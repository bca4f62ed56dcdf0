"""Colour images, from two files to pages of feedback: they once ended the judging process."""

from __future__ import annotations

import base64
import io
import re
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from autograder import cli
from autograder.assignment.cells import grade_id
from autograder.grade.map_files import read_images
from autograder.grade.results import read_results
from tests.new.networks import save, small_cnn, tinted

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # Keras's own, when it saves and trains
]

NAME = "kit_colour"
CLASSES = "zero one two three four five six seven eight nine".split()  # noqa: SIM905


def _made(root: Path) -> Path:
    """Make the assignment as a draft; return the solved notebook."""
    shutil.copy(Path(__file__).parents[2] / "requirements.lock", root)
    network, data = save(root / "files", small_cnn(), tinted())
    new = ["new", NAME, "--model", str(network), "--data", str(data), "--images", "200", "--classes", *CLASSES]
    assert cli.main([*new, "--root", str(root)]) == 0
    assert cli.main(["build", NAME, "--draft", "--no-gate", "--root", str(root)]) == 0
    return root / "solutions" / NAME / f"{NAME}.ipynb"


def test_pages_show_colour_images(tmp_path: Path) -> None:
    """Two hand-ins, one of them with a mistake: both have results, maps, and colour images beside the strays."""
    solved = nbformat.read(_made(tmp_path), as_version=4)
    (tmp_path / "class").mkdir()
    nbformat.write(solved, tmp_path / "class" / "ada.ipynb")
    cell = next(cell for cell in solved.cells if grade_id(cell) == "ex2_map")
    cell.source = cell.source.replace(
        "(X_train[:num_plot], deep_emb[:num_plot], y_train[", "(X_train[:num_plot], deep_emb[:num_plot], y_test["
    )
    nbformat.write(solved, tmp_path / "class" / "bob.ipynb")
    out = tmp_path / "out"
    grade = ["grade", str(tmp_path / "class"), "--assignment", NAME, "--out", str(out), "--root", str(tmp_path)]
    assert cli.main(grade) == 0
    lost = {
        result.student: [(check.name, check.diagnosis) for check in result.checks if check.score < check.max_score]
        for result in read_results(out / "results.jsonl")
    }
    assert lost == {"ada": [], "bob": [("ex2_plot", "labels_misaligned")]}
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
        page = (out / "feedback" / student / f"{NAME}.html").read_text("utf-8")
        assert "Deep layer: a map of <code>" in page
        assert "</text></svg> seven</span>" in page
        strays = re.findall(r'<li><img src="(data:image/png;base64,[^"]+)"[^>]*alt="image (\d+)"', page)
        assert strays
        assert all(source == images.pictures[int(number)] for source, number in strays)
    assert cli.main(["report", str(out)]) == 0
    assert "</svg> seven</span>" in (out / "report.html").read_text("utf-8")
