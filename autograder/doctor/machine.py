"""Examine this machine: its Python, its size, its sandboxes, its programs."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from autograder.doctor.findings import MachineFinding
from autograder.doctor.packages import examine_lock
from autograder.doctor.programs import examine_chromium, examine_formgrader, examine_kernel
from autograder.model import Isolation
from autograder.sandbox.bubblewrap import bubblewrap_programs
from autograder.sandbox.isolation import Probe, probe_bubblewrap, probe_user
from autograder.sandbox.namespaces import apparmor_profile

__all__ = ["examine"]

_GIB = 2**30
_MEMORY_BYTES = 6 * _GIB  # the grader's own processes, and one submission at the default limit of 4 GiB
_DISK_BYTES = 2 * _GIB  # the environment's caches and a class's pages


def examine(root: Path, out: Path | None = None) -> tuple[list[MachineFinding], bool]:
    """Return the findings, and whether a class can be graded in a sandbox here.

    Args:
        root: the repository's root.
        out: the folder that `grade` is to write; None where none is named.
    """
    level, sandboxes = _examine_sandboxes()
    kernel = examine_kernel(level)
    written = _examine_out(out) if out is not None else None
    findings = [
        MachineFinding("Python", "good", f"{platform.python_version()}, {sys.executable}"),
        examine_lock(root / "requirements.lock"),
        *_examine_size(out or root),
        *sandboxes,
        kernel,
        examine_formgrader(),
        examine_chromium(),
        *filter(None, [written]),
    ]
    needed = [kernel, *filter(None, [written])]
    return findings, level != "process" and all(finding.state == "good" for finding in needed)


def _examine_size(folder: Path) -> Iterator[MachineFinding]:
    """Yield what the machine has of cores, memory and disk."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    yield MachineFinding("cores", "good", str(cores))
    memory = psutil.virtual_memory()
    enough = memory.available >= _MEMORY_BYTES
    yield MachineFinding(
        "memory",
        "good" if enough else "missing",
        f"{memory.available / _GIB:.1f} of {memory.total / _GIB:.1f} GiB are free",
        "" if enough else "Submissions may use 4 GiB each: give `grade` a smaller --memory, and --jobs 1.",
    )
    free = shutil.disk_usage(_existing(folder)).free
    yield MachineFinding(
        "disk",
        "good" if free >= _DISK_BYTES else "missing",
        f"{free / _GIB:.1f} GiB are free for {folder}",
        ""
        if free >= _DISK_BYTES
        else "A class of 100 takes up to 2 GiB: make room, or name another folder with --out.",
    )


def _examine_sandboxes() -> tuple[Isolation, list[MachineFinding]]:
    """Return the strongest level that works, and a finding on each."""
    bubblewrap, user = probe_bubblewrap(), probe_user()
    level: Isolation = "bubblewrap" if bubblewrap.works else "user" if user.works else "process"
    advice = bubblewrap.remedy
    if "AppArmor" in bubblewrap.reason:
        profile = apparmor_profile(bubblewrap_programs())
        advice += f" The profile, for /etc/apparmor.d/autograder-bwrap (then: systemctl reload apparmor):\n{profile}"
    return level, [
        _of_level("bubblewrap", bubblewrap, advice, wanted=True),
        _of_level("user", user, user.remedy, wanted=not bubblewrap.works),
        MachineFinding("sandbox: process", "note", "always there, and no sandbox: for submissions that you trust"),
    ]


def _of_level(level: Isolation, probe: Probe, advice: str, *, wanted: bool) -> MachineFinding:
    """Return the finding on a level; one that nobody needs is not called missing."""
    if probe.works:
        program = f": {probe.program}, version {probe.version}" if probe.program else ""
        return MachineFinding(f"sandbox: {level}", "good", f"works{program}")
    value = f"does not work: {probe.reason}"
    return MachineFinding(f"sandbox: {level}", "missing" if wanted else "note", value, advice if wanted else "")


def _examine_out(out: Path) -> MachineFinding:
    """Return whether a folder can be written, or made."""
    place = _existing(out)
    try:
        with tempfile.TemporaryFile(dir=place):
            pass
    except OSError as error:
        advice = "Name a folder with --out that you may write to."
        return MachineFinding("OUT", "missing", f"{out} can't be written: {error.strerror}", advice)
    return MachineFinding("OUT", "good", f"{out} can be {'written' if place == out else 'made'}")


def _existing(path: Path) -> Path:
    """Return a path, or the nearest folder above it that exists."""
    return next(place for place in (path, *path.absolute().parents) if place.exists())
