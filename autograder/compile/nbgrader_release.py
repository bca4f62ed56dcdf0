"""Make the nbgrader release with nbgrader's own `generate_assignment`.

The files that a student needs beside the notebook are added.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

from autograder.assignment.settings import CHECKS, DRAFT, SourceNotebook
from autograder.compile.locks import pins
from autograder.errors import BuildError
from autograder.peers.nbgrader import CELL_SECONDS

__all__ = ["add_nbgrader_files", "add_student_files", "generate_release", "release_files"]

_CHECKS = Path(__file__).parent.parent / "checks"

_NBGRADER_SETTINGS = "nbgrader_config.py"
_NBGRADER_SETTINGS_TEXT = f'''\
"""Settings of nbgrader's Validate: a cell may take {CELL_SECONDS} seconds in place of 30, which are few for t-SNE."""

c = get_config()  # noqa: F821  # nbgrader defines it
c.Execute.timeout = {CELL_SECONDS}
'''


def release_files(source: SourceNotebook, kind: str) -> frozenset[str]:
    """Return every path that a release holds, relative to its folder.

    Args:
        source: the assignment.
        kind: "nbgrader" or "otter".
    """
    own = {f"{source.assignment.name}.ipynb", "README.md", "requirements.txt", *source.assignment.files}
    if kind == "nbgrader":
        own.add(_NBGRADER_SETTINGS)
    checks = {f"{CHECKS}/{path.relative_to(_CHECKS)}" for path in _CHECKS.rglob("*.py")} if source.has_checks else set()
    return frozenset(own | checks)


def generate_release(source: SourceNotebook, course: Path) -> Path:
    """Run nbgrader's `generate_assignment` in an empty course folder; return its release.

    Raises:
        BuildError: nbgrader failed; the message ends with what it logged last.
    """
    name = source.assignment.name
    staged = course / "source" / name
    staged.mkdir(parents=True)
    nbformat.write(source.notebook, staged / f"{name}.ipynb")
    for file in source.assignment.files:
        (staged / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source.assignment.folder / file, staged / file)
    config = Config()
    config.CourseDirectory.root = str(course)
    # A release needs no gradebook; nbgrader would look for `alembic` on PATH to make one.
    config.GenerateAssignment.no_database = True
    config.SaveCells.enabled = False
    outcome = NbGraderAPI(config=config).generate_assignment(name, force=True, create=True)
    if not outcome["success"]:
        raise BuildError("nbgrader generate_assignment failed: " + " / ".join(outcome["log"].strip().splitlines()[-5:]))
    return course / "release" / name


def add_nbgrader_files(source: SourceNotebook, release: Path, lock: Path) -> None:
    """Add what `add_student_files` adds, and the settings of nbgrader's own Validate."""
    (release / _NBGRADER_SETTINGS).write_text(_NBGRADER_SETTINGS_TEXT, encoding="utf-8")
    add_student_files(source, release, lock)


def add_student_files(source: SourceNotebook, release: Path, lock: Path, *, extra: tuple[str, ...] = ()) -> None:
    """Add README, requirements and, where the notebook imports them, the student-safe checks to a release folder.

    Args:
        source: the assignment.
        release: the folder to complete.
        lock: the project's requirements.lock; versions are taken from it.
        extra: requirements of this route beside the assignment's own, such as "otter-grader".
    """
    readme = (source.assignment.folder / source.assignment.student_readme).read_text(encoding="utf-8")
    if not (release / _NBGRADER_SETTINGS).exists():  # its row in the table of files is nbgrader's release's alone
        readme = "".join(line for line in readme.splitlines(keepends=True) if _NBGRADER_SETTINGS not in line)
    if source.draft:
        readme = f"{DRAFT}\n\n{readme}"
    (release / "README.md").write_text(readme, encoding="utf-8")
    lines = pins(lock, (*source.assignment.requirements, *extra))
    (release / "requirements.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    checks = release / CHECKS
    shutil.rmtree(checks, ignore_errors=True)
    if source.has_checks:
        shutil.copytree(_CHECKS, checks, ignore=shutil.ignore_patterns("__pycache__"))
