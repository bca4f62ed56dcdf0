"""Read versions from the project's lock, for releases and grading containers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from autograder.errors import BuildError

__all__ = ["pins", "pins_for"]

_PIN = re.compile(r"^(?P<requirement>[A-Za-z0-9][^\\#]*==[^\\#]*?)\s*\\?\s*$")


def pins(lock: Path, names: Iterable[str]) -> tuple[str, ...]:
    """Return the lock's lines for these distributions, such as "numpy==2.4.6", markers included.

    Raises:
        BuildError: the lock is missing, or lacks one of the names.
    """
    return tuple(str(pin) for name in names for pin in _find(lock, name))


def pins_for(lock: Path, names: Iterable[str], python: str) -> tuple[str, ...]:
    """Return one pin without a marker for each name: the one that holds for this Python on Linux."""
    target = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    target |= {"platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"}
    return tuple(
        f"{pin.name}{pin.specifier}"
        for name in names
        for pin in _find(lock, name)
        if pin.marker is None or pin.marker.evaluate(target)
    )


def _find(lock: Path, name: str) -> tuple[Requirement, ...]:
    """Return the lock's lines for a distribution; what has a version of its own is taken as it is."""
    if "==" in name:
        return (Requirement(name),)
    if not lock.is_file():
        raise BuildError(f"{lock} is missing: versions are taken from it.", tip="Run `make lock`.")
    lines = lock.read_text(encoding="utf-8").splitlines()
    all_pins = [Requirement(match["requirement"]) for line in lines if (match := _PIN.match(line))]
    matches = tuple(pin for pin in all_pins if canonicalize_name(pin.name) == canonicalize_name(name))
    if not matches:
        raise BuildError(
            f"{name} is not in {lock}: a release can't pin it.", tip="Add it to pyproject.toml, then `make lock`."
        )
    return matches
