"""Hooks for nbgrader at the repository's root.

With them nbgrader's own buttons and commands do what the build and the grader do.

nbgrader changes to the course's root before it calls a hook, and gives all arguments by name.
"""

from __future__ import annotations

import functools
import shutil
from pathlib import Path
from typing import Any

from autograder.assignment.settings import read_source
from autograder.compile.nbgrader_release import add_nbgrader_files
from autograder.peers.nbgrader import update_gradebook

__all__ = ["complete_release", "keep_pages", "prepare_gradebook"]


def complete_release(assignment: str, **_: Any) -> None:
    """Add the students' files to the release that `nbgrader generate_assignment` has just made.

    Args:
        assignment: the assignment's name.
    """
    root = Path.cwd()
    source = read_source(root / "source" / assignment)
    add_nbgrader_files(source, root / "release" / "nbgrader" / assignment, root / "requirements.lock")


def prepare_gradebook(assignment: str, **_: Any) -> None:
    """Tell the gradebook an assignment's cells before `nbgrader autograde` looks for them.

    `autograder build` makes releases without a gradebook; nbgrader knows an assignment from
    `generate_assignment` alone.

    Args:
        assignment: the assignment's name.
    """
    _prepare(Path.cwd(), assignment)


@functools.cache  # nbgrader calls its hooks for each student
def _prepare(root: Path, assignment: str) -> None:
    update_gradebook(root / "gradebook.db", read_source(root / "source" / assignment).assignment)


def keep_pages(assignment: str, **_: Any) -> None:
    """Remove from `feedback/` what `nbgrader generate_feedback` copied there and isn't a page.

    That is settings, images and weights.

    Args:
        assignment: the assignment's name.
    """
    for folder in (Path.cwd() / "feedback").glob(f"*/{assignment}"):
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.suffix != ".html":
                path.unlink()
