"""Run notebooks in kernels of a warm sandbox, again where something of ours failed, and on where a cell ends its kernel."""

from __future__ import annotations

import dataclasses
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from autograder.assignment.plan import AssignmentPlan
from autograder.errors import AutograderError
from autograder.execute.notebook_run import Execution, Shown, run_notebook
from autograder.execute.shared_start import SharedStart, leading_given_cells, start_shared
from autograder.execute.submission import Prepared
from autograder.log import log_suppressed
from autograder.model import Isolation
from autograder.reuse.map_cache import MapCache
from autograder.reuse.prediction_cache import PredictionCache
from autograder.sandbox.fork import Fork, ForkFailedError
from autograder.sandbox.forkserver import MODULES, Forkserver
from autograder.sandbox.inside.request import KernelRequest
from autograder.sandbox.kernel import Kernel, kernel_request, new_key
from autograder.sandbox.limits import Limits
from autograder.stops import Stop

__all__ = ["Executor"]

_ATTEMPTS = 2  # for one submission, where the warm process dies under it
_CONTINUATIONS = 2  # kernels after the first, where cells end theirs


class _GivenUpError(Exception):
    """A kernel lacks the threads that a notebook needs, or seems to."""


@dataclass(frozen=True)
class _Way:
    """Where kernels come from.

    Attributes:
        fork: makes one.
        shown: what the cells that have run in it showed, by their index in the notebook.
        may_give_up: whether it may lack threads.
    """

    fork: Callable[[KernelRequest, socket.socket], Fork]
    shown: Shown = field(default_factory=dict)
    may_give_up: bool = False


class Executor:
    """Runs notebooks, several at a time from several threads; a context manager that leaves nothing behind.

    Args:
        plan: the assignment.
        isolation: how kernels are cut off.
        limits: what each notebook may use.
        memory: what answers for maps.
        predictions: what answers for predictions.
        threads: how many threads the numerical libraries of one kernel start; 0 for one a core. With one, and a sandbox
            of its own, the cells that every notebook begins with run once for all.
        modules: what is imported before the first kernel is forked.
    """

    def __init__(  # noqa: PLR0913 (each of them is a decision of the caller's)
        self,
        plan: AssignmentPlan,
        *,
        isolation: Isolation,
        limits: Limits,
        memory: MapCache,
        predictions: PredictionCache,
        threads: int = 0,
        modules: tuple[str, ...] = MODULES,
    ) -> None:
        self._plan = plan
        self._isolation: Isolation = isolation
        self._limits = limits
        self._memory = memory
        self._predictions = predictions
        self._threads = threads
        self._modules = modules
        self._restart, self._beginning = threading.Lock(), threading.Lock()
        self._stopped = threading.Event()
        self._forked = False
        self._shared_start: SharedStart | None = None
        self._given = leading_given_cells(plan) if threads == 1 and isolation == "bubblewrap" else ()

    def __enter__(self) -> Self:
        self._forkserver = self._new_forkserver()
        return self

    def __exit__(self, *_: object) -> None:
        self._forkserver.__exit__()  # the one there is now: it may have been replaced
        self._forget_begun()  # behind it: who runs the given cells at this moment hears of it so

    def warm_up(self) -> None:
        """Run the cells that every notebook begins with, before the first notebook asks for it."""
        self._shared_start_on(self._forkserver)

    def stop(self) -> None:
        """End what runs at once: each notebook that is being run ends as if its kernel had died."""
        self._stopped.set()
        self._forkserver.__exit__()

    def execute(self, prepared: Prepared) -> tuple[Execution, int]:
        """Run a notebook in a kernel of its own; a second time where the warm process died under it.

        Returns:
            What came of it, and the most memory that was seen, in bytes.

        Raises:
            ForkFailedError: no kernel could be started for this notebook.
            AutograderError: no kernel can be started at all.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            forkserver = self._living_forkserver()
            try:
                execution, peak = self._begun_or_whole(prepared, forkserver)
            except ForkFailedError as error:
                log_suppressed(error)
                if self._stopped.is_set():
                    return Execution(prepared.notebook, stop=Stop.CRASHED), 0
                if attempt == _ATTEMPTS:
                    if self._forked:
                        raise
                    raise AutograderError(f"The sandbox cannot start a kernel: {error}") from error
                continue
            if execution.stop is not Stop.CRASHED or forkserver.alive or attempt == _ATTEMPTS:
                return execution, peak
        raise AssertionError("one of the attempts returns or raises")

    def _begun_or_whole(self, prepared: Prepared, forkserver: Forkserver) -> tuple[Execution, int]:
        """Run a notebook in a kernel that is past the given cells; from its beginning where that can't be, or isn't enough."""
        shared_start = self._shared_start_on(forkserver) if self._given else None
        shown = shared_start.covers(prepared) if shared_start is not None else {}
        if shared_start is not None and shown:
            try:
                return self._execute_on(prepared, _Way(shared_start.fork, shown, may_give_up=not shared_start.whole))
            except ForkFailedError as error:
                log_suppressed(error)
                self._forget_begun()
            except _GivenUpError:
                pass
        return self._execute_on(prepared, _Way(forkserver.fork))

    def _execute_on(self, prepared: Prepared, way: _Way) -> tuple[Execution, int]:
        """Run a notebook; what stands behind a cell that ended the kernel runs in another one, in the time that is left."""
        end = time.monotonic() + self._limits.seconds
        execution, peak, fit = self._execute_once(prepared, way, self._limits)
        # A thread that is missing can also keep a cell waiting.
        if way.may_give_up and (not fit or execution.slow or execution.stop) and not self._stopped.is_set():
            raise _GivenUpError
        for _ in range(_CONTINUATIONS):
            left = end - time.monotonic()
            if execution.stop is None or left < 1 or self._stopped.is_set() or not self._forkserver.alive:
                break
            cell_seconds = self._limits.seconds_of_a_cell
            limits = dataclasses.replace(self._limits, seconds=left, cell_seconds=cell_seconds)
            try:
                again, used, _ = self._execute_once(prepared, way, limits, execution)
            except ForkFailedError as error:
                log_suppressed(error)
                break  # what there is counts
            finished = len(again.fatal) == len(execution.fatal)
            execution, peak = again, max(peak, used)
            if finished:
                break
        return execution, peak

    def _execute_once(
        self, prepared: Prepared, way: _Way, limits: Limits, before: Execution | None = None
    ) -> tuple[Execution, int, bool]:
        """Run a notebook in a fresh kernel; tell the memory that was seen, and whether the kernel could do what it wants."""
        key = new_key()
        with self._memory.service(self._predictions) as maps:
            fork = way.fork(kernel_request(key, limits), maps)
            with Kernel(fork, key, limits) as kernel:
                if not kernel.wait_until_ready():
                    raise ForkFailedError("the kernel does not answer")
                self._forked = True
                execution = run_notebook(prepared, kernel, limits, before, way.shown)
                return execution, kernel.peak, execution.stop is not Stop.CRASHED or not fork.unfit

    def _shared_start_on(self, forkserver: Forkserver) -> SharedStart | None:
        """Return the process in which the given cells have run; None where they can't, or no longer."""
        with self._beginning:
            if self._shared_start is None and self._given:
                try:
                    with self._memory.service(self._predictions) as service:
                        self._shared_start = start_shared(forkserver, self._given, service, self._limits)
                except ForkFailedError as error:
                    log_suppressed(error)
                    self._given = ()  # not tried again: every notebook begins at its beginning
            return self._shared_start

    def _forget_begun(self) -> None:
        """Let the process go in which the given cells have run."""
        with self._beginning:
            if self._shared_start is not None:
                self._shared_start.close()
            self._shared_start = None

    def _living_forkserver(self) -> Forkserver:
        """Return the forkserver; a new one where the old one has ended."""
        with self._restart:
            if not self._forkserver.alive and not self._stopped.is_set():
                self._forget_begun()
                self._forkserver.__exit__()
                self._forkserver = self._new_forkserver()
            return self._forkserver

    def _new_forkserver(self) -> Forkserver:
        """Return a forkserver that has started."""
        return Forkserver(
            self._plan.release, isolation=self._isolation, modules=self._modules, threads=self._threads
        ).__enter__()
