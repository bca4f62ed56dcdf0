"""Compare what is installed with what the lock names."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from autograder.doctor.findings import MachineFinding

__all__ = ["examine_lock"]

_MAX_NAMES = 5  # of distributions; the others are counted


def examine_lock(lock: Path) -> MachineFinding:
    """Return whether every distribution of a lock is installed in the version that it names.

    Args:
        lock: a requirements file with one exact pin for each distribution, with markers and hashes.
    """
    if not lock.is_file():
        return MachineFinding(
            "packages", "note", f"there is no {lock} to compare with", "Call it in the repository's root."
        )
    pins = [Requirement(line) for line in re.findall(r"^(\S+==.*?) *\\?$", lock.read_text("utf-8"), re.MULTILINE)]
    versions = {pin.name: str(pin.specifier)[2:] for pin in pins if pin.marker is None or pin.marker.evaluate()}
    wrong = [f"{name} {_installed(name)}" for name in versions if _installed(name) != versions[name]]
    if not wrong:
        return MachineFinding("packages", "good", f"{len(versions)} distributions, as requirements.lock says")
    more = f" and {len(wrong) - _MAX_NAMES} more" if len(wrong) > _MAX_NAMES else ""
    value = f"not as requirements.lock says: {', '.join(wrong[:_MAX_NAMES])}{more}"
    return MachineFinding("packages", "missing", value, "`make test` or `make demo` brings the environment up to date.")


def _installed(name: str) -> str:
    """Return the installed version of a distribution."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
