"""A full disk is told once, waited for, and forgotten."""

import errno
import threading
from concurrent.futures import CancelledError

import pytest

from autograder.errors import GradeError
from autograder.watch.outage import Outage


def _failing(times: int, error: Exception):
    """Return an action that fails so many times."""
    left = [times]

    def action() -> str:
        if left[0]:
            left[0] -= 1
            raise error
        return "done"

    return action


def test_a_full_disk_is_told_once() -> None:
    """And once more when it is over."""
    said: list[str] = []
    outage = Outage("out", said.append, threading.Event(), seconds=0.001)
    assert outage.keep_trying(_failing(3, OSError(errno.ENOSPC, "No space left on device"))) == "done"
    assert said == [
        "out can't be written (No space left on device): grading waits until it can, make room there.",
        "out can be written again: grading goes on.",
    ]
    assert outage.keep_trying(lambda: 3) == 3
    assert len(said) == 2


def test_a_gradebook_that_is_full_or_held_is_waited_for() -> None:
    """SQLite has words of its own for it."""
    from sqlalchemy.exc import OperationalError

    outage = Outage("out", lambda _: None, threading.Event(), seconds=0.001)
    assert outage.keep_trying(_failing(2, OperationalError("INSERT", {}, Exception("database is locked")))) == "done"


def test_a_sentence_about_a_full_disk_is_one() -> None:
    """What was made a sentence on its way is looked behind."""
    said: list[str] = []

    def action() -> str:
        """Fail once."""
        if not said:
            raise GradeError("out cannot be written.") from OSError(errno.EDQUOT, "Disk quota exceeded")
        return "done"

    outage = Outage("out", said.append, threading.Event(), seconds=0.001)
    assert outage.keep_trying(action) == "done"
    assert "(Disk quota exceeded)" in said[0]
    with pytest.raises(GradeError):
        outage.keep_trying(_failing(1, GradeError("line 3 is no result.")))


def test_other_failures_come_out() -> None:
    """Nobody waits for what does not pass."""
    outage = Outage("out", lambda _: None, threading.Event())
    for error in (PermissionError(errno.EACCES, "denied"), ValueError("x")):
        with pytest.raises(type(error)):
            outage.keep_trying(_failing(1, error))


def test_who_stops_does_not_wait() -> None:
    """An end comes at once."""
    over = threading.Event()
    over.set()
    outage = Outage("out", lambda _: None, over, seconds=60)
    with pytest.raises(CancelledError):
        outage.keep_trying(_failing(9, OSError(errno.ENOSPC, "full")))
