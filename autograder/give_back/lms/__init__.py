"""One module for each system that takes feedback; a new system is a new module here.

Each has a `SYSTEM`, from which the command line's choices and the tests of every system follow.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

from autograder.give_back.systems import ReturnSystem

__all__ = ["find_systems"]


def find_systems() -> dict[str, ReturnSystem]:
    """Return the system of each module in this folder, by the name that `--lms` takes."""
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return {module.SYSTEM.name: module.SYSTEM for module in modules}
