"""Read Gradescope's container: its folders, its memory, its cores, and who handed in."""

from __future__ import annotations

import contextlib
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from autograder.log import logged_suppress
from autograder.texts import printable

__all__ = ["Container", "cores", "memory_bytes"]

_CGROUP = Path("/sys/fs/cgroup")
_MAX_CORES = 4  # Gradescope's largest container; a machine's whole number is often seen inside
_MAX_METADATA_BYTES = 10 * 2**20  # it repeats every earlier submission's results
_MAX_NAME_CHARACTERS = 200


@dataclass(frozen=True)
class Container:
    """Where things lie, as Gradescope lays them out.

    Attributes:
        root: the folder of everything, `/autograder`.
    """

    root: Path

    @property
    def submission(self) -> Path:
        """What the student handed in, archives unpacked."""
        return self.root / "submission"

    @property
    def results(self) -> Path:
        """What Gradescope reads."""
        return self.root / "results" / "results.json"

    @property
    def unfinished(self) -> Path:
        """The result that stands as long as there is no other."""
        return self.root / "source" / "unfinished.json"

    @property
    def source(self) -> Path:
        """The assignment as its instructor wrote it, hidden tests included."""
        return self.root / "source" / "assignment" / "source" / self.assignment

    @property
    def release(self) -> Path:
        """The assignment as students got it."""
        return self.root / "source" / "assignment" / "release" / self.assignment

    @property
    def assignment(self) -> str:
        """The assignment's name."""
        return str(self._settings()["assignment"])

    @property
    def seconds(self) -> float:
        """The time that grading may take: the environment's word, else the assignment's."""
        with logged_suppress(ValueError):
            seconds = float(os.environ.get("AUTOGRADER_SECONDS") or "nan")
            if seconds >= 1:
                return seconds
        return float(self._settings()["seconds"])

    @property
    def student(self) -> str:
        """Who handed in, as Gradescope tells it; a student can choose what is in it."""
        with logged_suppress(OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            path = self.root / "submission_metadata.json"
            if path.is_file() and path.stat().st_size <= _MAX_METADATA_BYTES:
                users = json.loads(path.read_text(encoding="utf-8"))["users"]
                names = ", ".join(str(user.get("name") or user.get("email") or user["id"]) for user in users[:10])
                return printable(names[:_MAX_NAME_CHARACTERS], "") or "student"
        return "student"

    def _settings(self) -> dict[str, Any]:
        """Return what the build wrote for this container."""
        settings: dict[str, Any] = json.loads((self.root / "source" / "container.json").read_text(encoding="utf-8"))
        return settings


def memory_bytes(cgroup: Path = _CGROUP) -> int:
    """Return this container's memory: its control group's limit, or all that the machine has."""
    most = int(psutil.virtual_memory().total)
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            most = min(most, int((cgroup / name).read_text(encoding="ascii")))
    return most


def cores(cgroup: Path = _CGROUP) -> int:
    """Return this container's cores, at least one: its control group's share, or the machine's."""
    most = min(os.cpu_count() or 1, _MAX_CORES)
    with contextlib.suppress(OSError, ValueError):
        quota, period = (cgroup / "cpu.max").read_text(encoding="ascii").split()
        most = min(most, math.ceil(int(quota) / int(period)))
    return max(1, most)
