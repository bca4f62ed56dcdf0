"""The repository's root is an nbgrader course: plain nbgrader commands make the same release and give the same scores."""

import os
import shutil
import subprocess
import sys

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.compile.compiler import build
from autograder.compile.gate import differences
from tests.compile.small import write_small_course


def nbgrader(root, *arguments):
    """Run an nbgrader command at a course's root and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"JUPYTER_CONFIG_DIR": str(root / "jupyter")},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stderr


@pytest.fixture(scope="module")
def course(root, tmp_path_factory):
    """A course with the repository's own nbgrader_config.py and the small assignment, built."""
    folder = tmp_path_factory.mktemp("course")
    write_small_course(folder)
    (folder / "source" / "small" / "train.py").write_text("answers = 'for instructors only'")
    shutil.copy(root / "nbgrader_config.py", folder)
    build(folder, "small", gate=False, tell=lambda line: None)
    return folder


@pytest.fixture(scope="module")
def generated(course, tmp_path_factory):
    """The release as the build made it; nbgrader's own command has made its own in the course by now."""
    ours = tmp_path_factory.mktemp("ours") / "small"
    shutil.copytree(course / "release" / "nbgrader" / "small", ours)
    nbgrader(course, "generate_assignment", "small", "--force")
    return ours


def test_nbgraders_own_command_makes_the_release_that_the_build_makes(course, generated):
    """Formgrader's button runs this command: no file less, and none of the instructor's."""
    assert differences(generated, course / "release" / "nbgrader" / "small") == []


@pytest.mark.parametrize(("student", "score"), [("ada", 2.0), ("blank", 0.0)])
def test_plain_autograde_scores_a_bare_notebook(course, generated, student, score):
    """What the tests need beside the notebook is put there, whatever was handed in."""
    origin = course / ("solutions/small/small.ipynb" if student == "ada" else "release/nbgrader/small/small.ipynb")
    folder = course / "submitted" / student / "small"
    folder.mkdir(parents=True)
    shutil.copy(origin, folder / "small.ipynb")
    nbgrader(course, "autograde", "small", "--student", student)
    assert score_of(course, student) == score


def split(notebook):
    """Split the code and the written answer as JupyterLab does: the new cell has the old one's metadata."""
    for index, upper, lower in ((4, "Because", "of that."), (2, "half = base", "total = half * 111 + 9")):
        cell = notebook.cells[index]
        notebook.cells.insert(index + 1, nbformat.from_dict(cell | {"source": lower, "id": f"split-{index}"}))
        cell.source = upper


def test_plain_autograde_takes_split_answers(course, generated):
    """The parts run in their order, and the last of a written answer is the one to mark; nbgrader alone stops the class."""
    folder = course / "submitted" / "split" / "small"
    folder.mkdir(parents=True)
    notebook = nbformat.read(course / "release/nbgrader/small/small.ipynb", as_version=4)
    split(notebook)
    nbformat.write(notebook, folder / "small.ipynb")
    nbgrader(course, "autograde", "small", "--student", "split")
    assert score_of(course, "split") == 2.0
    graded = nbformat.read(course / "autograded" / "split" / "small" / "small.ipynb", as_version=4)
    assert [cell.source for cell in graded.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "why"] == [
        "of that."
    ]
    for command in ("update", "validate"):  # the page for graders says so
        with pytest.raises(AssertionError, match="Duplicate grade id"):
            nbgrader(course, command, "submitted/split/small/small.ipynb")


def score_of(course, student):
    """Return what a student's test has in the course's gradebook."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        notebook = gradebook.find_submission_notebook("small", "small", student)
        return {grade.name: grade.auto_score for grade in notebook.grades}["sum_test"]
