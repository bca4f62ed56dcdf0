"""Find the repository that a command works on."""

from __future__ import annotations

import argparse
from pathlib import Path

from autograder.errors import AutograderError

__all__ = ["root_of"]


def root_of(options: argparse.Namespace) -> Path:
    """Return the repository's root.

    Raises:
        AutograderError: there is no assignment in it.
    """
    from autograder.assignment.settings import find_sources

    root: Path = (options.root or Path.cwd()).resolve()
    if not find_sources(root):
        raise AutograderError(
            f"{root} holds no assignment: there is no folder in its source/ with an assignment.toml.",
            "Run it at the repository's root, or give --root DIR.",
        )
    return root
