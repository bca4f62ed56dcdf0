"""Measure a kernel's memory, and its files where they are in no file system of its own, from outside."""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path

import psutil

from autograder.sandbox.fork import Fork
from autograder.stops import Stop

__all__ = ["Watch"]

_EVERY = 0.1  # seconds between two looks; memory fills at a few GB/s
_FAMILY_EVERY = 0.5  # seconds between two searches for new processes: each goes through all of the machine's
_FILES_EVERY = 1.0  # seconds between two looks at a folder: a disk takes 0.5 GB in that time
# Page tables count: where little of a large room is looked at, its pages take nothing, and their tables gigabytes.
_RESIDENT = re.compile(rb"^Vm(?:RSS|PTE):\s*(\d+) kB$", re.MULTILINE)
# Processes and threads: the system gives each its share, so that hundreds would take their
# neighbours' cores. TensorFlow has a few for each core.
_MOST_TASKS = 64 + 16 * len(os.sched_getaffinity(0))
_CLOSE = 0.8  # of the limit: a kernel that ends by itself here was ended by the system, or by its own limit


class Watch:
    """Look at the memory of every process in a kernel's world, and at its files.

    Args:
        fork: the kernel.
        limit: bytes of memory.
        scratch: bytes of files in each place where it may write.
    """

    def __init__(self, fork: Fork, limit: int, scratch: int) -> None:
        self._fork = fork
        self._limit = limit
        self._scratch = scratch
        self._exceeded: Stop | None = None
        self._next = self._next_family = self._next_files = 0.0
        self._family: list[psutil.Process] = []
        self.peak = 0
        self._guard: psutil.Process | None = None
        self._inherited = 0
        with contextlib.suppress(psutil.Error, OSError, ValueError):
            self._guard = psutil.Process(fork.pid)
            self._inherited = _resident(self._guard)

    def exceeded(self) -> Stop | None:
        """Return the limit that was exceeded, or None; it looks only every so often."""
        if self._exceeded is None and self._uses_too_much_memory():
            self._exceeded = Stop.MEMORY
        if self._exceeded is None and self._has_too_many_files():
            self._exceeded = Stop.DISK
        return self._exceeded

    def _has_too_many_files(self) -> bool:
        """Tell whether the kernel's files take more than is allowed."""
        if time.monotonic() < self._next_files:
            return False
        self._next_files = time.monotonic() + _FILES_EVERY
        return self._fork.stores_more_than(self._scratch)

    def _uses_too_much_memory(self) -> bool:
        """Tell whether the limit on memory is passed."""
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + _EVERY
        processes = self._processes()
        used = sum(map(_resident, processes))
        if used > self._limit and len(processes) > 1:
            # Forked processes share most of what they have.
            used = sum(_proportional(process, self._inherited) for process in processes)
        self.peak = max(self.peak, used)
        return used > self._limit

    @property
    def pids(self) -> list[int]:
        """The numbers of the processes that were found last."""
        return [process.pid for process in self._family]

    def was_close(self) -> bool:
        """Tell whether the last looks came close to the limit."""
        return self.peak > _CLOSE * self._limit

    def _processes(self) -> list[psutil.Process]:
        """Return the guard and everything below it, as far as it was found."""
        if self._guard is not None and time.monotonic() >= self._next_family:
            self._next_family = time.monotonic() + _FAMILY_EVERY
            with contextlib.suppress(psutil.Error):
                self._family = [self._guard, *self._guard.children(recursive=True)]
            _let_others_first(self._family[1:])
        return self._family


def _let_others_first(processes: list[psutil.Process]) -> None:
    """Have many processes and threads run when nobody else wants to; what they fork does so, too."""
    tasks: list[int] = []
    for process in processes:
        with contextlib.suppress(OSError):
            tasks += [int(task.name) for task in Path(f"/proc/{process.pid}/task").iterdir()]
    for task in tasks if len(tasks) > _MOST_TASKS else ():
        with contextlib.suppress(OSError):
            os.sched_setscheduler(task, os.SCHED_IDLE, os.sched_param(0))


def _resident(process: psutil.Process) -> int:
    """Return a process's resident memory and its page tables; 0 when it has ended."""
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{process.pid}/status").read_bytes()
        return 1024 * sum(map(int, _RESIDENT.findall(status)))
    return 0


def _proportional(process: psutil.Process, inherited: int) -> int:
    """Return a process's proportional set size: shared memory is divided among its users.

    A container's root may not look that closely at another user's process: there, what each has from the warm process is
    left out, and everything else counts.
    """
    try:
        return int(process.memory_full_info().pss) + _resident(process) - int(process.memory_info().rss)
    except psutil.AccessDenied:
        return max(0, _resident(process) - inherited)
    except psutil.Error:
        return 0
