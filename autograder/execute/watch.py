"""Measure a kernel's memory from outside."""

from __future__ import annotations

import contextlib
import time

import psutil

from autograder.execute.forkservers import Fork

__all__ = ["Watch"]

_EVERY = 0.1  # seconds between two looks; memory fills at a few GB/s
_FAMILY_EVERY = 0.5  # seconds between two searches for new processes: each goes through all of the machine's
_CLOSE = 0.8  # of the limit: a kernel that ends by itself here was ended by the system, or by its own limit


class Watch:
    """Look at the memory of every process in a kernel's world.

    Args:
        fork: the kernel.
        limit: bytes.
    """

    def __init__(self, fork: Fork, limit: int) -> None:
        self._limit = limit
        self._next = self._next_family = 0.0
        self._family: list[psutil.Process] = []
        self.peak = 0
        self._guard: psutil.Process | None = None
        with contextlib.suppress(psutil.Error, OSError, ValueError):
            self._guard = psutil.Process(fork.pid)

    def exceeded(self) -> bool:
        """Tell whether the limit is passed; looks only so often."""
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + _EVERY
        processes = self._processes()
        used = sum(map(_resident, processes))
        if used > self._limit and len(processes) > 1:
            used = sum(map(_proportional, processes))  # forked processes share most of what they have
        self.peak = max(self.peak, used)
        return used > self._limit

    def was_close(self) -> bool:
        """Tell whether the last looks came close to the limit."""
        return self.peak > _CLOSE * self._limit

    def _processes(self) -> list[psutil.Process]:
        """Return the guard and everything below it, as far as it was found."""
        if self._guard is not None and time.monotonic() >= self._next_family:
            self._next_family = time.monotonic() + _FAMILY_EVERY
            with contextlib.suppress(psutil.Error):
                self._family = [self._guard, *self._guard.children(recursive=True)]
        return self._family


def _resident(process: psutil.Process) -> int:
    """Return a process's resident memory; 0 when it has ended."""
    with contextlib.suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _proportional(process: psutil.Process) -> int:
    """Return a process's memory, what is shared divided among those who share it."""
    with contextlib.suppress(psutil.Error):
        return int(process.memory_full_info().pss)
    return 0
