"""nbgrader's own example course builds and is graded here, without a network; scores are those of nbgrader."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import nbgrader
import pytest

from autograder.assignment.plan import make_plan
from autograder.assignment.settings import read_source
from autograder.compile.compiler import compile_source
from autograder.compile.lint import check_source
from autograder.execute.engine import Engine
from autograder.model import Submission
from autograder.peers.nbgrader import Course

SUBMITTED = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "submitted"
SETTINGS = """\
title = "Problem set 1"
[release]
files = ["jupyter.png"]
student_readme = "STUDENT.md"
requirements = []
[otter]
python = "3.11"
seed = 1
"""


@pytest.fixture(scope="module")
def course(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a root with one source folder for each notebook of the course that `nbgrader quickstart` makes."""
    folder = tmp_path_factory.mktemp("quickstart")
    subprocess.run([sys.executable, "-m", "nbgrader", "quickstart", "theirs"], cwd=folder, check=True)
    theirs = folder / "theirs" / "source" / "ps1"
    for notebook in theirs.glob("*.ipynb"):
        source = folder / "source" / notebook.stem
        source.mkdir(parents=True)
        shutil.copy(notebook, source)
        shutil.copy(theirs / "jupyter.png", source)
        (source / "assignment.toml").write_text(SETTINGS, encoding="utf-8")
        (source / "STUDENT.md").write_text("# Problem set 1\n", encoding="utf-8")
    shutil.copy(root / "requirements.lock", folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", ["problem1", "problem2"])
def test_each_notebook_is_graded_as_nbgrader_does(course: Path, tmp_path: Path, name: str) -> None:
    """Its functions are called, one of them deleted on the way; nothing of Keras or of the maps goes with it."""
    source = check_source(course / "source" / name)
    built = compile_source(course, source, tmp_path / "stage")
    release = built.path("nbgrader")
    assert not (release / "checks").exists()
    plan = make_plan(source.assignment.folder, release)
    assert plan.modules == ()
    students = sorted(SUBMITTED.iterdir())
    assert [student.name for student in students] == ["bitdiddle", "hacker"]
    with Course(source.assignment, release) as theirs, Engine(plan, isolation="process") as ours:
        for student in students:
            path = student / "ps1" / f"{name}.ipynb"
            theirs.submit(student.name, path)
            theirs.autograde(student.name)
            expected = {check.name: (check.score, check.max_score) for check in theirs.checks(student.name)}
            checks = ours.run(Submission(student.name, name, path, str(path))).result.checks
            assert {check.name: (check.score, check.max_score) for check in checks} == expected
            assert "error" not in {check.status for check in checks}
    assert read_source(course / "source" / name).has_checks is False
