"""Run a notebook in a forked kernel.

Retry when our side fails; continue after a cell that kills its kernel.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from autograder.errors import AutograderError
from autograder.execute.kernel_sources import Connect, KernelSource, KernelSources
from autograder.execute.messages import OpenedNotebook, RunReport, RunRequest
from autograder.execute.notebook_run import Execution
from autograder.execute.submission_process import SubmissionProcess
from autograder.log import log_suppressed
from autograder.sandbox.fork import Fork, ForkFailedError
from autograder.sandbox.forkserver import Forkserver
from autograder.sandbox.kernel import kernel_request, new_key
from autograder.sandbox.limits import Limits
from autograder.stops import Stop

__all__ = ["Executor"]

_ATTEMPTS = 2  # for one submission, where the warm process dies under it
_CONTINUATIONS = 2  # kernels after the first, where cells end theirs


class _LacksThreadsError(Exception):
    """A kernel lacks the threads that a notebook needs, or seems to."""


class Executor:
    """Runs notebooks, several at a time from several threads.

    Args:
        sources: where kernels come from; open as long as this is used.
        limits: what each notebook may use.
        connect: what answers each kernel for maps and predictions.
    """

    def __init__(self, sources: KernelSources, limits: Limits, connect: Connect) -> None:
        self._sources = sources
        self._limits = limits
        self._connect = connect
        self._forked = False
        self._running: set[Fork] = set()
        self._lock = threading.Lock()  # of the set

    def stop(self) -> None:
        """End every notebook at once, as if its kernel had died."""
        self._sources.stop()
        with self._lock:
            for fork in self._running:
                fork.kill()

    @contextmanager
    def _stoppable(self, fork: Fork) -> Iterator[None]:
        """Let a kernel be ended by `stop`, which may have been called before."""
        with self._lock:
            self._running.add(fork)
        try:
            if self._sources.stopped:
                fork.kill()
            yield
        finally:
            with self._lock:
                self._running.discard(fork)

    def execute(self, process: SubmissionProcess, opened: OpenedNotebook) -> RunReport:
        """Run a notebook in a kernel; a second time where the warm process died under it.

        Args:
            process: has the notebook, and runs it.
            opened: what it said of it.

        Raises:
            ForkFailedError: no kernel could be started for this notebook.
            AutograderError: no kernel can be started at all.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            forkserver = self._sources.forkserver()
            try:
                report = self._execute_on(process, opened, forkserver)
            except ForkFailedError as error:
                log_suppressed(error)
                if self._sources.stopped:
                    return RunReport(ready=False, execution=Execution(stop=Stop.CRASHED))
                if attempt == _ATTEMPTS:
                    if self._forked:
                        raise
                    raise AutograderError(f"The sandbox cannot start a kernel: {error}") from error
                continue
            if report.execution.stop is not Stop.CRASHED or forkserver.alive or attempt == _ATTEMPTS:
                return report
        raise AssertionError("one of the attempts returns or raises")

    def _execute_on(self, process: SubmissionProcess, opened: OpenedNotebook, forkserver: Forkserver) -> RunReport:
        """Run a notebook behind the given cells; from its beginning where that can't be, or fails."""
        past = self._sources.past_given_cells(opened, forkserver)
        if past is not None:
            try:
                return self._execute_from(past, process)
            except ForkFailedError as error:
                log_suppressed(error)
                self._sources.forget_shared_start()
            except _LacksThreadsError:
                pass
        return self._execute_from(KernelSource(forkserver.fork), process)

    def _execute_from(self, source: KernelSource, process: SubmissionProcess) -> RunReport:
        """Run a notebook; cells behind one that ended the kernel run in another, in the time left."""
        report, fit = self._execute_once(source, process, self._limits)
        execution = report.execution
        # A thread that is missing can also keep a cell waiting.
        if source.may_lack_threads and (not fit or execution.slow or execution.stop) and not self._sources.stopped:
            raise _LacksThreadsError
        for _ in range(_CONTINUATIONS):
            left = self._limits.seconds - report.seconds
            if report.execution.stop is None or left < 1 or self._sources.stopped or not self._sources.alive:
                break
            cell_seconds = self._limits.seconds_of_a_cell
            limits = dataclasses.replace(self._limits, seconds=left, cell_seconds=cell_seconds)
            try:
                again, _ = self._execute_once(source, process, limits, onward=True)
            except ForkFailedError as error:
                log_suppressed(error)
                break  # what there is counts
            finished = len(again.execution.fatal) == len(report.execution.fatal)
            report = dataclasses.replace(
                again, peak=max(report.peak, again.peak), seconds=report.seconds + again.seconds
            )
            if finished:
                break
        return report

    def _execute_once(
        self, source: KernelSource, process: SubmissionProcess, limits: Limits, *, onward: bool = False
    ) -> tuple[RunReport, bool]:
        """Run a notebook in a fresh kernel; return whether it lacked nothing, too."""
        key = new_key()
        with self._connect() as service:
            fork = source.fork(kernel_request(key, limits), service and service.peer)
            try:
                with self._stoppable(fork):
                    run = RunRequest(key, limits, source.shared_outputs, onward, fork.files, waits=service is not None)
                    report = process.run(fork, run, service and service.clock)
                    if not report.ready:
                        raise ForkFailedError("the kernel does not answer")
                    self._forked = True
                    return report, report.execution.stop is not Stop.CRASHED or not fork.unfit
            finally:
                fork.close()
