"""Wait while a disk is full or away, say so once, and go on."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from typing import TypeVar

from autograder.errors import AutograderError
from autograder.log import log_suppressed

__all__ = ["Outage", "is_passing"]

T = TypeVar("T")
_PASSING = frozenset(
    {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.EIO,
        errno.ESTALE,
        errno.ENOTCONN,
        errno.ETIMEDOUT,
        errno.EHOSTDOWN,
    }
)
"""What a disk says that is full, or lies on a server that is away."""


def is_passing(error: BaseException) -> bool:
    """Return whether something failed that may work in a while without anybody calling this command again."""
    if isinstance(error, AutograderError) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, OSError):
        return error.errno in _PASSING
    from sqlalchemy.exc import OperationalError  # whoever raises it has imported it

    return isinstance(error, OperationalError)  # a full disk, or a gradebook that another program holds


class Outage:
    """Tries again what fails for a disk; several threads may use it.

    Args:
        place: what can't be written, for people.
        say: tells a sentence.
        over: is set when nobody waits any more.
        seconds: from one try to the next.
    """

    def __init__(self, place: str, say: Callable[[str], None], over: threading.Event, seconds: float = 1.0) -> None:
        self._place, self._say, self._over, self._seconds = place, say, over, seconds
        self._lock = threading.Lock()
        self._is_told = False

    def keep_trying(self, action: Callable[[], T]) -> T:
        """Return what an action returns, once it doesn't fail for a disk.

        Raises:
            CancelledError: nobody waits any more.
        """
        while True:
            try:
                result = action()
            except Exception as error:
                if not is_passing(error):
                    raise
                log_suppressed(error)
                self._tell(error)
            else:
                self._tell(None)
                return result
            if self._over.wait(self._seconds):
                raise CancelledError

    def _tell(self, error: Exception | None) -> None:
        """Say once that something fails, and once that it works again."""
        with self._lock:
            if self._is_told is (error is not None):
                return
            self._is_told = error is not None
        if error is None:
            self._say(f"{self._place} can be written again: grading goes on.")
            return
        cause = error.__cause__ if isinstance(error, AutograderError) else error
        reason = (cause.strerror if isinstance(cause, OSError) else str(getattr(cause, "orig", cause))) or "it fails"
        self._say(f"{self._place} can't be written ({reason}): grading waits until it can, make room there.")
