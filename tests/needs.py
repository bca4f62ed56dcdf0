"""What tests need from the machine, in one place: each by name, with what says whether it is there.

A test asks by ``@pytest.mark.needs("bubblewrap")``, a fixture by ``require("bubblewrap")``. Where the thing is missing, the
test is skipped with its name, and pytest's summary counts what was skipped for want of what (`tests/conftest.py`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from autograder.doctor.programs import CHROMIUM
from autograder.sandbox.isolation import probe_bubblewrap, probe_user
from tests.execute.open_python import closed_folder

__all__ = ["NEEDS", "PREFIX", "chromium", "missing", "require", "strongest_level"]

PREFIX = "needs "
"""What the reason of each such skip begins with."""


def chromium() -> str | None:
    """Return the path of a browser, None where there is none."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


def strongest_level() -> str:
    """Return the strongest sandbox that works here; "process", which is none, where there is none."""
    return next(
        (level for level, probe in (("bubblewrap", probe_bubblewrap()), ("user", probe_user())) if probe.works),
        "process",
    )


def _bubblewrap() -> str:
    probe = probe_bubblewrap()
    return "" if probe.works else probe.reason


def _user_level() -> str:
    probe = probe_user()
    return "" if probe.works else probe.reason


def _root() -> str:
    return "" if os.geteuid() == 0 else "this is an ordinary user"


def _chromium() -> str:
    if find_spec("playwright") is None:
        return "the Python package `playwright`, which drives it, is not installed"
    return "" if chromium() else "no Chromium is on PATH"


def _mounts() -> str:
    """Mounts in a namespace of one's own, as root."""
    command = [
        "unshare",
        "--mount",
        "--pid",
        "--ipc",
        "--fork",
        "--propagation",
        "private",
        "mount",
        "-t",
        "tmpfs",
        "tmpfs",
        "/mnt",
    ]
    return _root() or _failure(command)


def _closed_network() -> str:
    """A network namespace of one's own, as root."""
    return _root() or _failure(["unshare", "--net", "true"])


def _torch() -> str:
    return "" if find_spec("torch") else "it is not installed; `make test-torch` has an environment with it"


def _closed_python() -> str:
    return "every user can read this Python" if closed_folder() is None else ""


def _failure(command: list[str]) -> str:
    """Return why a command fails, "" where it doesn't."""
    try:
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    return "" if tried.returncode == 0 else (tried.stderr.strip() or f"{command[0]} fails").splitlines()[-1]


def _large_pages() -> str:
    """Pages of 2 MB, for whoever asks."""
    setting = Path("/sys/kernel/mm/transparent_hugepage/enabled")
    try:
        text = setting.read_text("ascii")
    except OSError:
        return "this system has no such setting"
    return "this Linux gives them to nobody" if "[never]" in text else ""


NEEDS: dict[str, Callable[[], str]] = {
    "bubblewrap": _bubblewrap,
    "user level": _user_level,
    "root": _root,
    "Chromium": _chromium,
    "mounts": _mounts,
    "network namespaces": _closed_network,
    "a Python that others can't read": _closed_python,
    "large pages": _large_pages,
    "PyTorch": _torch,
}
"""By name: what returns why the thing is missing, "" where it is there."""


@cache
def missing(name: str) -> str:
    """Return why something is missing here, "" where it is there.

    Raises:
        KeyError: nothing of that name is in the list.
    """
    return NEEDS[name]()


def require(name: str) -> None:
    """Skip the test, or every test of the fixture, that asks, where something is missing."""
    if why := missing(name):
        pytest.skip(f"{PREFIX}{name}: {why}")
