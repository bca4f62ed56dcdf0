"""End in time: a deadline before the container's own, and a result when the container is stopped."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Self

__all__ = ["EndedError", "Ending"]

_TEARDOWN_SECONDS = 10  # for taking down what runs, once the result is written
_SIGNALS = (signal.SIGALRM, signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


class EndedError(BaseException):
    """Grading has to end now; no `except Exception` on the way catches this."""


class Ending:
    """Writes the result of a submission that is out of time; no late signal changes one that is there.

    Args:
        seconds: the time for all of it.
        write: writes that result; is told whether it was the deadline, else somebody's signal.
    """

    def __init__(self, seconds: float, write: Callable[[bool], None]) -> None:
        self._seconds = seconds
        self._write = write
        self._written = False

    def __enter__(self) -> Self:
        for number in _SIGNALS:
            signal.signal(number, self._end)
        signal.setitimer(signal.ITIMER_REAL, self._seconds)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold signals back while the result is written; afterwards they only end the process."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            yield
            self._written = True
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _end(self, number: int, frame: FrameType | None) -> None:
        """Write a result that says why there is no other; then take everything down, or be taken down."""
        if self._written:
            os._exit(0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(_TEARDOWN_SECONDS)
        self._written = True
        self._write(number == signal.SIGALRM)
        raise EndedError
