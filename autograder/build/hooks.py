"""What nbgrader calls at the repository's root, so that its own buttons and commands make the release that the build makes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.build.releases import add_student_files
from autograder.build.source import read_source

__all__ = ["complete_release"]


def complete_release(assignment: str, **_: Any) -> None:
    """Add the students' files to the release that `nbgrader generate_assignment` has just made in the current course.

    Args:
        assignment: the assignment's name; nbgrader changes to the course's root before it calls a hook.
    """
    root = Path.cwd()
    source = read_source(root / "source" / assignment)
    add_student_files(source, root / "release" / "nbgrader" / assignment, root / "requirements.lock")
