"""Where kernels come from: a warm process, and a fork of it in which the given cells have run."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Self

from autograder.assignment.plan import PlannedCell
from autograder.execute.messages import OpenedNotebook
from autograder.execute.notebook_run import SharedOutputs
from autograder.execute.shared_start import SharedStart, start_shared
from autograder.log import log_suppressed
from autograder.reuse.service import ServiceEnd
from autograder.sandbox.fork import Fork, ForkFailedError
from autograder.sandbox.forkserver import Forkserver
from autograder.sandbox.inside.request import KernelRequest
from autograder.sandbox.limits import Limits

__all__ = ["Connect", "KernelSource", "KernelSources"]

Connect = Callable[[], AbstractContextManager[ServiceEnd | None]]
"""Yields a kernel's end of what answers for maps and predictions; None where nothing does."""


@dataclass(frozen=True)
class KernelSource:
    """A process from which kernels are forked.

    Attributes:
        fork: makes a kernel.
        shared_outputs: what the cells that have run in it showed, by their index in the notebook.
        may_lack_threads: whether its kernels may lack threads that a notebook needs.
    """

    fork: Callable[[KernelRequest, socket.socket | None], Fork]
    shared_outputs: SharedOutputs = field(default_factory=dict)
    may_lack_threads: bool = False


class KernelSources:
    """Keeps the warm process and the shared start, for several threads; a context manager.

    Args:
        new_forkserver: makes a warm process, first and after each death of one.
        cells: the given cells that every notebook begins with and that run once for all; () where each kernel runs them.
        limits: how long the given cells may take.
        connect: what answers for maps and predictions while they run.
    """

    def __init__(
        self,
        new_forkserver: Callable[[], Forkserver],
        cells: tuple[PlannedCell, ...],
        limits: Limits,
        connect: Connect,
    ) -> None:
        self._new_forkserver = new_forkserver
        self._cells = cells
        self._limits = limits
        self._connect = connect
        self._restarting, self._sharing = threading.Lock(), threading.Lock()
        self._stopped = threading.Event()
        self._shared_start: SharedStart | None = None
        self._stack = ExitStack()  # of the forkserver that there is now

    def __enter__(self) -> Self:
        self._forkserver = self._stack.enter_context(self._new_forkserver())
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        # Behind it: whoever runs the given cells at this moment fails, and lets go of the lock.
        self.forget_shared_start()

    @property
    def stopped(self) -> bool:
        """Whether `stop` was called."""
        return self._stopped.is_set()

    @property
    def alive(self) -> bool:
        """Whether the warm process runs."""
        return self._forkserver.alive

    def warm_up(self) -> None:
        """Run the given cells before the first notebook asks for it."""
        self._shared_start_on(self._forkserver)

    def stop(self) -> None:
        """End every kernel at once; no new warm process is started."""
        self._stopped.set()
        self._stack.close()  # kernels end with the warm process's sockets, not with the process

    def forkserver(self) -> Forkserver:
        """Return the warm process; a new one where the old one has ended."""
        with self._restarting:
            if not self.alive and not self.stopped:
                self.forget_shared_start()
                self._stack.close()
                self._forkserver = self._stack.enter_context(self._new_forkserver())
            return self._forkserver

    def past_given_cells(self, opened: OpenedNotebook, forkserver: Forkserver) -> KernelSource | None:
        """Return the source of kernels that are past a notebook's given cells; None where there is none."""
        shared_start = self._shared_start_on(forkserver) if self._cells else None
        shared_outputs = shared_start.covers(opened) if shared_start is not None else {}
        if shared_start is None or not shared_outputs:
            return None
        return KernelSource(shared_start.fork, shared_outputs, may_lack_threads=not shared_start.whole)

    def forget_shared_start(self) -> None:
        """Let the process go in which the given cells have run."""
        with self._sharing:
            if self._shared_start is not None:
                self._shared_start.close()
            self._shared_start = None

    def _shared_start_on(self, forkserver: Forkserver) -> SharedStart | None:
        """Return the process in which the given cells have run; None where they can't, or no longer."""
        with self._sharing:
            if self._shared_start is None and self._cells:
                try:
                    with self._connect() as service:
                        peer = service and service.peer
                        self._shared_start = start_shared(forkserver, self._cells, peer, self._limits)
                except ForkFailedError as error:
                    log_suppressed(error)
                    self._cells = ()  # not tried again: every notebook begins at its beginning
            return self._shared_start
