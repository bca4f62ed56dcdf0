"""Grade on other machines, through a Dask scheduler.

Each worker has a sandboxed engine of its own and gets everything by wire.

A worker needs this package, and bubblewrap; no folder has to be shared. Whoever can reach the scheduler can run code on
its workers: Dask has it so, and docs/operations.md says what to do about it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import itertools
import tarfile
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any, Self

from distributed import Client, LocalCluster, as_completed, wait
from distributed.scheduler import KilledWorker

from autograder.assignment.plan import AssignmentPlan
from autograder.errors import GradeError
from autograder.execute.engine import Result
from autograder.execute.notebook_file import MAX_BYTES
from autograder.execute.verdicts import not_run
from autograder.grade.cluster_worker import (
    PLUGIN,
    EnginePlugin,
    SubmissionPayload,
    WorkerReply,
    WorkerSetup,
    grade_one,
    map_images,
)
from autograder.grade.workers import Tally
from autograder.log import LOGGER, log_suppressed
from autograder.model import MapImages, Submission, SubmissionResult
from autograder.sandbox.limits import Limits
from autograder.totals import exact_sum

__all__ = ["NO_DASHBOARD", "ClusterWorkers"]

_CONNECT_SECONDS = 30
_PATIENCE_SECONDS = 60.0  # for workers to come back that one submission may have killed: a nanny takes a few
_LOOK_SECONDS = 1.0
_SUBMISSIONS_PER_THREAD = 3  # sent at a time: no thread waits for work, and few lie in its memory

NO_DASHBOARD: dict[str, Any] = {"dashboard_address": "127.0.0.1:0", "scheduler_kwargs": {"dashboard": False}}
"""Options of a cluster of our own: its server takes a free port, since another cluster may have the usual one."""


class ClusterWorkers:
    """The workers of a Dask scheduler.

    Args:
        plan: the assignment.
        address: the scheduler's, such as "tcp://10.0.0.5:8786"; "local" starts one here, with one worker.
        jobs: how many submissions that worker runs side by side.
        isolation: the sandbox level asked for.
        limits: what each submission may use.
        plain: whether they are graded the slow way, for appeals.
        keep: whether claims are kept.
    """

    def __init__(  # noqa: PLR0913 (each of them is a decision of the caller's)
        self,
        plan: AssignmentPlan,
        *,
        address: str,
        jobs: int,
        isolation: str,
        limits: Limits,
        plain: bool = False,
        keep: bool = False,
    ) -> None:
        self._plan = plan
        self._address = address
        self._jobs = jobs
        self._setup = WorkerSetup(plan, _pack(plan), isolation, limits, plain, keep)
        self._tallies: dict[str, Tally] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._client = stack.enter_context(self._connect(stack))
            self._client.forward_logging(LOGGER)  # what workers log is written here, into the same bounded files
            stack.callback(self._client.unforward_logging, LOGGER)
            self._client.register_plugin(EnginePlugin(self._setup))
            stack.callback(self._client.unregister_worker_plugin, PLUGIN)
            self._topic = f"{PLUGIN}-{uuid.uuid4()}"  # of this run alone
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _connect(self, stack: ExitStack) -> Client:
        """Return a client of the scheduler."""
        if self._address == "local":
            cluster = LocalCluster(
                n_workers=1, threads_per_worker=self._jobs, memory_limit=0, processes=True, **NO_DASHBOARD
            )
            return Client(stack.enter_context(cluster))
        try:
            return Client(self._address, timeout=_CONNECT_SECONDS)
        except (OSError, ValueError) as error:
            raise GradeError(
                f"No Dask scheduler answers at {self._address}: {error}.",
                "Start one with `dask scheduler`, or use --cluster local.",
            ) from error

    @property
    def images(self) -> MapImages | None:
        """The images whose maps students make; None where the assignment asks for none."""
        images: MapImages | None = self._client.submit(map_images, pure=False).result()
        return images

    @property
    def sandbox(self) -> str:
        """What submissions run in, for people: each worker finds out for itself."""
        return f"{self._setup.isolation}, on each worker what works there"

    def tally(self) -> Tally:
        """Return how many maps were asked for up to now, on all workers."""
        tallies = self._tallies.values()
        return Tally(sum(tally.misses for tally in tallies), sum(tally.hits for tally in tallies))

    def grade(self, submissions: Sequence[Submission], begin: Callable[[str], None]) -> Iterator[Result]:
        """Yield results as they come, in any order; a submission whose worker died goes to another one.

        As many lie with the cluster as its workers of that moment have use for. Dask gives up a submission when it was with
        several workers that died, though it may have waited there for its turn, or run beside the one that killed
        them: each of these is sent once more at the end, alone.
        """
        queue = iter(submissions)
        in_flight: dict[str, Submission] = {}
        futures, given_up = as_completed(), list[Submission]()
        starts = _Starts(begin)
        self._client.subscribe_topic(self._topic, lambda event: starts.report(event[1]))
        if not self._threads():
            raise GradeError(
                f"The Dask scheduler at {self._address} has no workers.", "Start some with `dask worker ADDRESS`."
            )
        self._fill(queue, in_flight, futures)
        for future in futures:
            submission = in_flight.pop(future.key)
            starts.report(submission.student)  # where its worker's word is late, or the worker died
            result = self._take(future)
            if result is None:
                given_up.append(submission)
            else:
                yield result
            self._fill(queue, in_flight, futures)
        for submission in given_up:
            yield self._alone(submission)

    def stop(self) -> None:
        """End what runs at once: with its plugin, each worker ends its engine."""
        self._client.unregister_worker_plugin(PLUGIN)

    def _threads(self) -> int:
        """Return how many threads the workers of this moment have."""
        return int(sum(self._client.nthreads().values()))

    def _fill(self, queue: Iterator[Submission], in_flight: dict[str, Submission], futures: Any) -> None:
        """Send as many submissions as are wanted; where no worker is left, one waits for the next."""
        most = max(1, _SUBMISSIONS_PER_THREAD * self._threads())
        for submission in itertools.islice(queue, max(0, most - len(in_flight))):
            future = self._send(submission)
            in_flight[future.key] = submission
            futures.add(future)

    def _send(self, submission: Submission) -> Any:
        """Send one submission."""
        return self._client.submit(grade_one, _payload(submission), self._topic, pure=False)

    def _take(self, future: Any) -> Result | None:
        """Return what came of one submission; None where worker after worker died that had it."""
        try:
            answer: WorkerReply = future.result()
        except KilledWorker as error:
            log_suppressed(error)
            return None
        self._tallies[answer.worker] = answer.tally
        return answer.result

    def _alone(self, submission: Submission) -> Result:
        """Grade one submission while no other is with the cluster; it is lost when its workers die."""
        future, without = self._send(submission), 0.0
        while not future.done() and without < _PATIENCE_SECONDS:
            without = 0.0 if self._threads() else without + _LOOK_SECONDS
            with contextlib.suppress(TimeoutError):
                wait(future, _LOOK_SECONDS)
        result = self._take(future) if future.done() else None
        future.release()
        return result or self._lost_result(submission)

    def _lost_result(self, submission: Submission) -> Result:
        """Return the result of a submission under which worker after worker died."""
        message = "Every worker that took this submission died: a person has to look at it."
        checks = tuple(dataclasses.replace(check, status="error") for check in not_run(self._plan.tests, message))
        possible = exact_sum(check.max_score for check in checks)
        # What "auto" came to on those workers, nobody is left to say.
        level, plain = self._setup.isolation if self._setup.isolation != "auto" else "unknown", self._setup.plain
        result = SubmissionResult(
            student=submission.student,
            assignment=submission.assignment,
            status="crashed",
            score=0.0,
            max_score=possible,
            isolation=level,
            seconds=0.0,
            message=message,
            checks=checks,
            plain=plain,
            bonus=self._plan.bonus,
        )
        return Result(result, None)


def _payload(submission: Submission) -> SubmissionPayload:
    """Return a submission as it is sent."""
    if submission.notebook is None:
        return SubmissionPayload(submission, None, 0)
    size = submission.notebook.stat().st_size
    return SubmissionPayload(submission, submission.notebook.read_bytes() if size <= MAX_BYTES else None, size)


class _Starts:
    """Reports the start of each submission once: one whose worker died is taken up again by another.

    Args:
        begin: is called with the student.
    """

    def __init__(self, begin: Callable[[str], None]) -> None:
        self._begin = begin
        self._students: set[str] = set()
        self._lock = threading.Lock()

    def report(self, student: str) -> None:
        """Report a student's submission, unless it was reported before."""
        with self._lock:
            if student not in self._students:
                self._students.add(student)
                self._begin(student)


def _pack(plan: AssignmentPlan) -> bytes:
    """Return the release's files and the instructor's settings as an archive."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
        archive.add(plan.release, "release")
        for settings in plan.source.glob("*.toml"):
            archive.add(settings, f"source/{settings.name}")
    return file.getvalue()
