"""The grader's side of bounded processes: starts them, hands them tasks, and tells when one went out of bounds."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, Self

from autograder.bounded.messages import Answer, Task
from autograder.log import LoggedProcess
from autograder.threads import thread_limits

__all__ = ["BoundedProcess", "BoundedProcesses", "OutOfBoundsError"]

SECONDS = 60.0
"""Of computing, for one task: the most that an honest notebook of 100 MB needs is a few."""
MEMORY = 2**30
"""Bytes for one task."""


class OutOfBoundsError(Exception):
    """A task took more memory or computing than any honest work needs, or failed as nobody foresaw."""


class BoundedProcess:
    """One bounded process; a context manager that ends it.

    Args:
        connection: the grader's end.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def call(
        self, function: Callable[..., Any], *arguments: Any, seconds: float = SECONDS, memory: int = MEMORY
    ) -> Any:
        """Return what a function returns in that process; its refusal is raised here.

        Args:
            function: one that can be imported.
            arguments: plain data.
            seconds: how long it may compute.
            memory: how many bytes it may take.

        Raises:
            OutOfBoundsError: it took more, or raised something else.
        """
        self._send(Task(function, arguments, converses=False, seconds=seconds, memory=memory))
        return self.result(self.receive())

    def begin(
        self, function: Callable[..., Any], *arguments: Any, seconds: float = SECONDS, memory: int = MEMORY
    ) -> None:
        """Begin a conversation: the function gets the other end of the connection, and the arguments.

        What it says is to be received, its answer too; arguments and errors are those of `call`.
        """
        self._send(Task(function, arguments, converses=True, seconds=seconds, memory=memory))

    def receive(self) -> Any:
        """Return the next word; the last one is an `Answer`.

        Raises:
            OutOfBoundsError: the process has ended.
        """
        try:
            return self.connection.recv()
        except (EOFError, OSError) as error:
            raise OutOfBoundsError(_REASON) from error

    def result(self, word: Any) -> Any:
        """Return the value of an `Answer`; raise its refusal."""
        if not isinstance(word, Answer):
            raise TypeError(f"{type(word).__name__} is no answer")
        if word.error is not None:
            raise word.error
        return word.value

    def _send(self, task: Task) -> None:
        try:
            self.connection.send(task)
        except OSError as error:
            raise OutOfBoundsError(_REASON) from error


_REASON = "it fails, or takes more memory or computing than is allowed"


class BoundedProcesses:
    """Forks bounded processes from one that has imported what they need; several threads may use it.

    Args:
        modules: what is imported before the first fork.
    """

    def __init__(self, *modules: str) -> None:
        self._modules = modules
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._template: LoggedProcess | None = None
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._closed = True
            self._end()

    def warm_up(self) -> None:
        """Start the process that others are forked from, so that the first task doesn't wait for it."""
        with self._lock:
            self._start()

    def start(self) -> BoundedProcess:
        """Return a new process.

        Raises:
            OutOfBoundsError: none can be had any more.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs, self._lock:
                socket.send_fds(self._start(), [b"."], [theirs.fileno()])
        except OSError as error:
            ours.close()
            raise OutOfBoundsError("no process for it can be started") from error
        return BoundedProcess(Connection(ours.detach()))

    def _start(self) -> socket.socket:
        """Return the socket of the process that others are forked from; it is started when it is first needed."""
        if self._closed:
            raise OSError("closed")
        if self._control is None or self._template is None or self._template.poll() is not None:
            self._end()
            self._control, theirs = socket.socketpair()
            with theirs:
                self._template = LoggedProcess(
                    "reading",
                    [sys.executable, "-P", "-m", "autograder.bounded.template", str(theirs.fileno()), *self._modules],
                    env={**os.environ, **thread_limits(1), "PYTHONPATH": os.pathsep.join(sys.path)},
                    pass_fds=[theirs.fileno()],
                )
        return self._control

    def _end(self) -> None:
        """End the process and all that were forked from it."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._template is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._template.pid, signal.SIGKILL)
            self._template.end()
            self._template = None
