"""Count the time that a notebook takes: not what it waits for the grader, or for a processor that others use."""

from __future__ import annotations

import mmap
import os
import struct
import time
import weakref
from collections.abc import Iterable
from pathlib import Path
from typing import Self

__all__ = ["ServiceClock", "Stopwatch"]

_FORMAT = struct.Struct("qq")  # nanoseconds of answers that were given; when the one began that is being given, or 0


_PROCESSORS = len(os.sched_getaffinity(0))
_TICK = 10**9 // os.sysconf("SC_CLK_TCK")  # nanoseconds


class ServiceClock:
    """How long the service has kept a kernel waiting; shared by the grader and who runs the notebook.

    Args:
        file: memory that both have open; it is this object's from here on.
    """

    def __init__(self, file: int) -> None:
        self.file = file
        self._shared = mmap.mmap(file, _FORMAT.size)
        weakref.finalize(self, os.close, file)

    @classmethod
    def new(cls) -> Self:
        """Return a clock that stands at zero."""
        file = os.memfd_create("clock", os.MFD_CLOEXEC)
        os.ftruncate(file, _FORMAT.size)
        return cls(file)

    def __enter__(self) -> None:
        """Begin to answer."""
        done, _ = _FORMAT.unpack_from(self._shared)
        _FORMAT.pack_into(self._shared, 0, done, time.monotonic_ns())

    def __exit__(self, *_: object) -> None:
        done, since = _FORMAT.unpack_from(self._shared)
        _FORMAT.pack_into(self._shared, 0, done + time.monotonic_ns() - since, 0)

    @property
    def seconds(self) -> float:
        """How long answers have taken up to now."""
        done, since = _FORMAT.unpack_from(self._shared)
        return float(done + (time.monotonic_ns() - since if since else 0)) / 1e9


class Stopwatch:
    """A clock that stands while a kernel waits for the grader, and while others have its processor.

    A busy machine takes nobody's time, so. What a kernel's own processes computed is no waiting for others, and what it
    waited for a processor is taken off up to a bound.

    Args:
        clock: how long the service keeps it waiting; None where none answers.
        most: seconds of waiting for a processor that are taken off.
    """

    def __init__(self, clock: ServiceClock | None, most: float) -> None:
        self._clock = clock
        self._most = most
        self._queued = 0.0
        self._seen: dict[int, tuple[int, int]] = {}
        self._looked = time.monotonic()

    def look(self, processes: Iterable[int]) -> None:
        """Look how long all of a kernel's processes have waited for a processor; to be called several times a second."""
        before, self._looked = self._looked, time.monotonic()
        seen, self._seen = (
            self._seen,
            {one: (_queued_nanoseconds(one), _computed_nanoseconds(one)) for one in processes},
        )
        waited = max((queued - seen.get(one, (queued, 0))[0] for one, (queued, _) in self._seen.items()), default=0)
        computed = sum(computed - seen.get(one, (0, computed))[1] for one, (_, computed) in self._seen.items())
        others = self._looked - before - computed / 1e9 / _PROCESSORS
        self._queued = min(self._most, self._queued + max(0.0, min(waited / 1e9, others)))

    def now(self) -> float:
        """Return the time in seconds, from any moment on."""
        served = 0.0 if self._clock is None else self._clock.seconds
        return time.monotonic() - served - self._queued


def _queued_nanoseconds(process: int) -> int:
    """Return how long a process's first thread was ready to run and had no processor; 0 where nobody counts it."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text("ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def _computed_nanoseconds(process: int) -> int:
    """Return how long all of a process's threads have computed; 0 where nobody counts it."""
    try:
        times = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[11:13]
        return sum(map(int, times)) * _TICK
    except (OSError, ValueError):
        return 0
