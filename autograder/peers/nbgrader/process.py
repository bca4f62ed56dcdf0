"""Run an nbgrader command in a process of its own, within limits, and leave nothing of it behind.

nbgrader takes four seconds to import. A forkserver imports it once, and each command is forked from there.
"""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import resource
import signal
import sysconfig
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from time import monotonic

import psutil

__all__ = ["Command", "Exit", "run"]

POLL_SECONDS = 0.2
"""How often new processes of the command are looked for."""

FILE_BYTES = 2 * 1024**3
"""The largest single file that anything started here may write."""


@dataclass(frozen=True)
class Command:
    """One nbgrader command line, and where it runs.

    Attributes:
        arguments: what follows `nbgrader`.
        folder: the current folder.
        log: the file that takes what it prints.
        environment: variables set for it and for the kernels that it starts.
    """

    arguments: Sequence[str]
    folder: Path
    log: Path
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Exit:
    """How a command ended.

    Attributes:
        code: its exit code; negative for a signal.
        late: whether it had to be killed at its time limit.
    """

    code: int
    late: bool


def run(command: Command, seconds: float) -> Exit:
    """Run a command and return how it ended, with every process that it started gone.

    Args:
        command: what to run.
        seconds: wall time; past it, everything is killed.
    """
    process = _context().Process(target=_nbgrader, args=(command,))
    process.start()
    try:
        late = _watch(process, monotonic() + seconds)
    finally:
        _kill_group(process)
    return Exit(process.exitcode if process.exitcode is not None else -signal.SIGKILL, late)


@functools.cache
def _context() -> ForkServerContext:
    """Return the forkserver that has nbgrader imported. Preloading starts with the first command."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["autograder.peers.nbgrader.preprocessors", "nbgrader.apps.nbgraderapp"])
    return context


def _watch(process: ForkServerProcess, deadline: float) -> bool:
    """Wait for a process, kill all below it, and return whether the deadline came first."""
    descendants: set[psutil.Process] = set()
    while process.is_alive() and monotonic() <= deadline:
        descendants |= _descendants(process.pid)
        process.join(POLL_SECONDS)
    late = process.is_alive()
    for descendant in descendants | _descendants(process.pid):
        with contextlib.suppress(psutil.Error):  # psutil refuses a number that another process has now
            descendant.kill()
    return late


def _descendants(pid: int | None) -> set[psutil.Process]:
    """Return the processes below one; a process group misses kernels, which lead sessions of their own."""
    try:
        return set(psutil.Process(pid).children(recursive=True))
    except psutil.Error:
        return set()


def _kill_group(process: ForkServerProcess) -> None:
    """Kill the command's process group, and wait for its leader."""
    if process.pid is not None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.join(10)


def _nbgrader(command: Command) -> None:
    """Be `nbgrader ...`: runs in the forked process and ends it."""
    os.setsid()
    threading.Thread(target=_die_with_parent, daemon=True).start()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_BYTES, FILE_BYTES))
    os.environ.update(_environment(command.environment))
    os.chdir(command.folder)
    with command.log.open("ab", buffering=0) as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    from nbgrader.apps.nbgraderapp import NbGraderApp  # the forkserver has imported it already

    NbGraderApp.launch_instance(argv=list(command.arguments))


def _die_with_parent() -> None:
    """End this process group when the grader is killed; its kernels look after their own parent."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.killpg(0, signal.SIGKILL)


def _environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of nbgrader and its kernels: `alembic` on PATH, and this package importable."""
    package = str(Path(__file__).parents[3])
    return {
        "PATH": os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")])),
        # TensorFlow's C++ log lands on a test cell's stderr: for nbgrader a failed test.
        "TF_CPP_MIN_LOG_LEVEL": "3",
        **extra,
    }
