"""One module for each learning management system; a new system is a new module here.

Each has a `SYSTEM`, from which the command line's choices, the table in `docs/export.md` and the tests of every system follow.
It reads or writes its own file, and nothing else.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from autograder.export.systems import System

__all__ = ["find_systems"]


def find_systems() -> dict[str, System]:
    """Return the system of each module in this folder, by the name that `--lms` takes."""
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return {module.SYSTEM.name: module.SYSTEM for module in modules}
