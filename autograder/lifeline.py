"""End a process and its forks when whoever started them ends, however that comes about.

A process in the middle of a long call into compiled code reads no socket, and a thread of its own
would wait for the interpreter. So the system does it: it signals a process group when the last
writing end of a pipe is closed, as it is when its only holder is killed (fcntl(2), `F_SETSIG`).
"""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

__all__ = ["lifeline"]


@contextmanager
def lifeline() -> Iterator[tuple[int, int, Callable[[int], None]]]:
    """Make a pipe that a process group lives by.

    Yields:
        The reading end, which a process of the group has to hold; the writing end, which is the caller's
        to close; and what ties the group to them, given its number. The reading end is closed behind it.
    """
    reading, writing = os.pipe()

    def tie(group: int) -> None:
        """Let the system kill a process group once the writing end is closed."""
        with suppress(OSError):  # a system that can't: then the group ends as its sockets close
            fcntl.fcntl(reading, fcntl.F_SETOWN, -group)
            fcntl.fcntl(reading, fcntl.F_SETSIG, signal.SIGKILL)
            fcntl.fcntl(reading, fcntl.F_SETFL, fcntl.fcntl(reading, fcntl.F_GETFL) | os.O_ASYNC)

    try:
        yield reading, writing, tie
    except BaseException:
        os.close(writing)
        raise
    finally:
        os.close(reading)
