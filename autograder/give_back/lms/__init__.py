"""One module for each system that feedback goes back to; each has a `SYSTEM`."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from autograder.give_back.systems import System

__all__ = ["find_systems"]


def find_systems() -> dict[str, System]:
    """Return the system of each module in this folder, by the name that `--lms` takes."""
    modules = (import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return {module.SYSTEM.name: module.SYSTEM for module in modules}
