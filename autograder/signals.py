"""Stop on the signals of a system that shuts down, or of a terminal that closes, as on Ctrl-C."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

__all__ = ["StoppedBySignal", "stopped_by_signals"]

_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class StoppedBySignal(KeyboardInterrupt):
    """Somebody ends this program; it is cleaned up as after Ctrl-C.

    Args:
        number: the signal's.
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"signal {number}")
        self.number = number


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Raise `StoppedBySignal` at the first of these signals inside; the next ones don't disturb the cleaning up.

    One that is ignored already, as `nohup` has it, stays so. Threads other than the first leave everything as it is.
    """
    ours = [number for number in _SIGNALS if signal.getsignal(number) == signal.SIG_DFL]
    if threading.current_thread() is not threading.main_thread():
        ours = []

    def stop(number: int, _: FrameType | None) -> None:
        """Stop, once."""
        for each in ours:
            signal.signal(each, signal.SIG_IGN)
        raise StoppedBySignal(number)

    for number in ours:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
