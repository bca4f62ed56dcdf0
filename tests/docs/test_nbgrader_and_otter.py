"""nbgrader's and otter's own commands, typed from their page in a fresh clone, on a class of three.

The assignment has the page's name and needs no TensorFlow; each route has a solved, a blank and a wrong notebook.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.compile.compiler import build
from tests.compile.small import write_small_course
from tests.docs.pages import ROOT, Shell, commands

PAGE = "docs/nbgrader-and-otter.md"
ASSIGNMENT = "mapping_representations"
TEST = """\
# Points: a flat row for each image.
checks.representations(rows, "rows", images=3)
### BEGIN HIDDEN TESTS
from autograder.checks import CheckFailed

if rows[0, 0] != base:
    raise CheckFailed("wrong_layer", "`rows` is another layer's.", "conv1")
### END HIDDEN TESTS"""
ANSWERS = {"ada": "rows = np.full((3, 4), base)", "blank": None, "wrong": "rows = np.zeros((3, 4))"}
SCORES = {"ada": 2.0, "blank": 0.0, "wrong": 0.0}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]  # a loaded machine takes five times as long


def _ask_for_rows(notebook: NotebookNode) -> None:
    """Make the small course's question one that the students' checks look at."""
    notebook.cells[1].source += "\nimport numpy as np\nimport checks"
    notebook.cells[2].source = "rows = None\n### BEGIN SOLUTION\nrows = np.full((3, 4), base)\n### END SOLUTION"
    notebook.cells[3].source = TEST


def _clone(root: Path) -> None:
    """Make what a fresh clone has after `make build`."""
    folder = write_small_course(root, _ask_for_rows)
    (folder / "small.ipynb").rename(folder / f"{ASSIGNMENT}.ipynb")
    folder.rename(folder.with_name(ASSIGNMENT))
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copy(ROOT / ".gitignore", root)
    build(root, gate=False, tell=lambda line: None)
    for command in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", *command], cwd=root, check=True)


def _hand_in(root: Path) -> None:
    """Hand in three notebooks to nbgrader, and three to otter."""
    for student, code in ANSWERS.items():
        for route in ("nbgrader", "otter"):
            notebook = nbformat.read(root / "release" / route / ASSIGNMENT / f"{ASSIGNMENT}.ipynb", as_version=4)
            for cell in notebook.cells:
                if code is not None and cell.source.startswith("rows = None"):
                    cell.source = code
            place = root / "submitted" / student / ASSIGNMENT / f"{ASSIGNMENT}.ipynb"
            if route == "otter":
                place = root / "submissions" / f"{student}.ipynb"
            place.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(notebook, place)


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """The terminal after everything on the page was typed."""
    work = tmp_path_factory.mktemp("routes")
    root, home = work / "checkout", work / "home"
    root.mkdir()
    home.mkdir()
    _clone(root)
    _hand_in(root)
    shell = Shell(root, home)
    shell.run_page(PAGE)
    return shell


def test_nbgrader_grades_the_class(typed: Shell) -> None:
    """Each has the points that the notebook earned, and nbgrader has nothing to say about what the checks put out."""
    with Gradebook(f"sqlite:///{typed.folder / 'gradebook.db'}") as gradebook:
        found = [gradebook.find_submission_notebook(ASSIGNMENT, ASSIGNMENT, student) for student in SCORES]
        scores = [{grade.name: grade.auto_score for grade in one.grades}["sum_test"] for one in found]
    assert scores == list(SCORES.values())
    assert "converted to" not in typed.printed[f"nbgrader autograde {ASSIGNMENT}"]


def test_formgrader_lists_the_class(typed: Shell) -> None:
    """The server at the repository's root is an nbgrader course's."""
    page, students = typed.printed["jupyter notebook"].rsplit("\n", 1)
    assert "<title>Formgrader</title>" in page or "formgrader" in page.lower()
    assert {one["id"] for one in json.loads(students)} == SCORES.keys()


def test_feedback_is_a_page_and_no_test(typed: Shell) -> None:
    """Students get points and messages; no hidden line, no settings, no other file."""
    folder = typed.folder / "feedback"
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {f"{student}/{ASSIGNMENT}/{ASSIGNMENT}.html" for student in SCORES}
    pages = {name: (folder / name / ASSIGNMENT / f"{ASSIGNMENT}.html").read_text("utf-8") for name in SCORES}
    assert not [name for name, page in pages.items() if "HIDDEN" in page or "wrong_layer" in page]
    assert "<code>rows</code> is another layer's." in pages["wrong"]
    assert "2 / 2" in pages["ada"]


def test_otter_grades_the_class(typed: Shell) -> None:
    """Each has a file with the same points."""
    for student, score in SCORES.items():
        results = json.loads((typed.folder / "out-otter" / student / "results.json").read_text())
        assert sum(float(test.get("score") or 0) for test in results["tests"]) == score


def test_git_ignores_what_the_commands_left(typed: Shell) -> None:
    """No result, database or table of scores can be committed by mistake."""
    status = ["git", "status", "--porcelain", "--untracked-files=normal"]
    changed = subprocess.run(status, cwd=typed.folder, capture_output=True, text=True, check=True).stdout
    assert (typed.folder / "grades.csv").exists()
    assert changed == "".join(f"A  {line}\n" for line in _tracked(typed.folder))


def _tracked(folder: Path) -> list[str]:
    """Return the files that git was given before anything was typed."""
    done = subprocess.run(["git", "ls-files"], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def handed_out(typed: Shell, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The release's folder on a student's machine, its rows not flat."""
    folder = tmp_path_factory.mktemp("student") / ASSIGNMENT
    shutil.copytree(typed.folder / "release" / "nbgrader" / ASSIGNMENT, folder)
    notebook = nbformat.read(folder / f"{ASSIGNMENT}.ipynb", as_version=4)
    notebook.cells[2].source = "rows = np.ones((3, 2, 2, 1))"
    nbformat.write(notebook, folder / f"{ASSIGNMENT}.ipynb")
    return folder


def _validate(folder: Path, home: Path, *arguments: str) -> str:
    """Type the student's page's command in a folder; return what it prints."""
    (command,) = [one.text for one in commands("docs/student.md") if "validate" in one.text]
    words = [sys.executable, "-m", *command.split(), *arguments]
    environment = os.environ | {"JUPYTER_CONFIG_DIR": str(home), "IPYTHONDIR": str(home)}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_validate_says_what_is_wrong(handed_out: Path, tmp_path: Path) -> None:
    """The message stands in what nbgrader prints, whole."""
    printed = " ".join(_validate(handed_out, tmp_path).split())
    assert "`rows` has shape (3, 2, 2, 1), with 4 axes. Expected two axes" in printed
    assert "Kind of mistake: not flattened" in printed
    assert "see above" not in printed
    assert "..." not in printed.partition("The error was:")[2]


def test_the_release_sets_validates_limit(handed_out: Path, tmp_path: Path) -> None:
    """nbgrader reads the release's settings; without them a cell has 30 seconds."""
    assert ".timeout = 300" in _validate(handed_out, tmp_path, "--Application.show_config=True")


def test_the_zip_is_otters(typed: Shell) -> None:
    """What `otter run` was given is what Gradescope would unpack."""
    with zipfile.ZipFile(typed.folder / "dist" / f"{ASSIGNMENT}-otter-autograder.zip") as archive:
        assert {"run_autograder", "setup.sh", "otter_config.json"} <= set(archive.namelist())
