"""Read a source folder: the notebook, and what `assignment.toml` says about it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.errors import SourceError
from autograder.model import Assignment

__all__ = [
    "SETTINGS",
    "SourceNotebook",
    "find_sources",
    "grade_id",
    "is_graded",
    "is_solution",
    "is_test",
    "is_written",
    "read_source",
]

SETTINGS = "assignment.toml"


@dataclass(frozen=True)
class SourceNotebook:
    """One assignment as its instructor wrote it.

    Attributes:
        assignment: what `assignment.toml` says.
        notebook: the source notebook, as nbformat reads it; passes never edit it.
    """

    assignment: Assignment
    notebook: NotebookNode


def grade_id(cell: NotebookNode) -> str | None:
    """Return the cell's nbgrader id, None for a cell that nbgrader doesn't know."""
    value = cell.metadata.get("nbgrader", {}).get("grade_id")
    return str(value) if value is not None else None


def is_graded(cell: NotebookNode) -> bool:
    """Tell whether the cell carries points."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade", False))


def is_solution(cell: NotebookNode) -> bool:
    """Tell whether the student writes in this cell."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution", False))


def is_test(cell: NotebookNode) -> bool:
    """Tell whether the machine scores this cell."""
    return is_graded(cell) and not is_solution(cell) and bool(cell.cell_type == "code")


def is_written(cell: NotebookNode) -> bool:
    """Tell whether a person scores what the student writes in this cell."""
    return is_graded(cell) and is_solution(cell)


def find_sources(root: Path) -> tuple[Path, ...]:
    """Return the source folders under `root`, by name: those that hold an `assignment.toml`."""
    return tuple(sorted(path.parent for path in (root / "source").glob(f"*/{SETTINGS}")))


def read_source(folder: Path) -> SourceNotebook:
    """Read one source folder.

    Raises:
        SourceError: the notebook or the settings are missing, can't be read, or lack an entry.
    """
    assignment = _read_settings(folder)
    if not assignment.notebook.is_file():
        raise SourceError(
            f"{assignment.notebook} is missing: the source notebook has its folder's name.",
            tip=f"Rename the notebook to {assignment.notebook.name}.",
        )
    try:
        notebook = nbformat.read(assignment.notebook, as_version=4)
    except Exception as error:  # nbformat raises many kinds for a file that is no notebook
        raise SourceError(f"{assignment.notebook} can't be read as a notebook: {error}") from error
    return SourceNotebook(assignment, notebook)


def _read_settings(folder: Path) -> Assignment:
    path = folder / SETTINGS
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise SourceError(f"{path} is missing.", tip="Each folder under source/ needs one.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} is not valid TOML: {error}") from error
    try:
        return _assignment(folder, settings)
    except KeyError as error:
        raise SourceError(f"{path}: the entry {error.args[0]!r} is missing.") from error


def _assignment(folder: Path, settings: Mapping[str, Any]) -> Assignment:
    release, otter = settings["release"], settings["otter"]
    return Assignment(
        name=folder.name,
        title=settings["title"],
        folder=folder,
        files=tuple(release["files"]),
        student_readme=release["student_readme"],
        requirements=tuple(release["requirements"]),
        python=otter["python"],
        seed=otter["seed"],
    )
