"""What runs in a cluster's worker: an engine that is kept for a run, and the tasks that use it."""

from __future__ import annotations

import dataclasses
import io
import os
import tarfile
import tempfile
import threading
from concurrent.futures import Future as LocalFuture
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from distributed import Worker, WorkerPlugin, get_worker

from autograder.assignment.plan import AssignmentPlan
from autograder.execute.engine import Engine, Result
from autograder.grade.workers import Tally, threads_of_each
from autograder.log import log_anew
from autograder.model import MapImages, Submission
from autograder.reuse.service import ReuseService
from autograder.sandbox.limits import Limits

__all__ = ["PLUGIN", "EnginePlugin", "SubmissionPayload", "WorkerReply", "WorkerSetup", "grade_one", "map_images"]

PLUGIN = "autograder"
"""What the engine is called among a worker's plugins."""
_END_SECONDS = 10


@dataclass(frozen=True)
class WorkerSetup:
    """Everything that a worker has to know of an assignment.

    Attributes:
        plan: its folders are those of the sender, and not used.
        files: the release, and the instructor's settings, as a tar archive of ours.
        isolation: the sandbox level asked for.
        limits: what each submission may use.
        plain: whether they are graded the slow way, for appeals.
        keep: whether claims are sent back with the results.
    """

    plan: AssignmentPlan
    files: bytes
    isolation: str
    limits: Limits
    plain: bool = False
    keep: bool = False


@dataclass(frozen=True)
class SubmissionPayload:
    """A submission with its notebook's bytes.

    They are None where there is no notebook, or one that is too large to be read.

    Attributes:
        submission: its path is the sender's.
        notebook: the bytes.
        size: how many there are on the sender's disk.
    """

    submission: Submission
    notebook: bytes | None
    size: int


@dataclass(frozen=True)
class WorkerReply:
    """What a worker sends back: a result, and what its cache of maps has done up to now."""

    result: Result
    worker: str
    tally: Tally


class EnginePlugin(WorkerPlugin):
    """Keeps one engine in a worker, from the first submission until the run's end.

    Args:
        setup: the assignment.
    """

    name = PLUGIN

    def __init__(self, setup: WorkerSetup) -> None:
        self._setup = setup

    def setup(self, worker: Worker) -> None:
        """Get ready; nothing is started before there is work."""
        log_anew()
        self._threads = max(1, worker.state.nthreads)
        self._opening = threading.Lock()
        self._engine: LocalFuture[Engine] | None = None
        self._over = threading.Event()
        self.service = ReuseService(at_once=self._threads)

    def teardown(self, worker: Worker) -> None:
        """End the engine, and whatever it still runs."""
        self._over.set()
        if self._engine is not None and self._engine.done() and not self._engine.exception():
            self._engine.result().stop()
            self._keeper.join(_END_SECONDS)

    def engine(self) -> Engine:
        """Return the engine; the first to ask has it started, in a thread that lives as long as it."""
        with self._opening:
            if self._engine is None:
                self._engine = LocalFuture()
                self._keeper = threading.Thread(target=self._keep, args=(self._engine,), daemon=True)
                self._keeper.start()
        return self._engine.result()

    def _keep(self, promise: LocalFuture[Engine]) -> None:
        """Start the engine, and end it when the run is over."""
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="autograder-worker-"))
                engine = stack.enter_context(self._new_engine(Path(folder)))
            except BaseException as error:  # noqa: BLE001 (whoever waits for the engine raises it)
                promise.set_exception(error)
                return
            promise.set_result(engine)
            self._over.wait()

    def _new_engine(self, folder: Path) -> Engine:
        """Unpack the files, and return an engine for them."""
        setup = self._setup
        folder.chmod(0o755)
        with tarfile.open(fileobj=io.BytesIO(setup.files)) as archive:
            archive.extractall(folder, filter="data")
        plan = dataclasses.replace(setup.plan, release=folder / "release", source=folder / "source")
        threads = threads_of_each(self._threads)
        return Engine(
            plan,
            isolation=setup.isolation,
            limits=setup.limits,
            service=self.service,
            threads=threads,
            plain=setup.plain,
            have=(lambda digest: False) if setup.keep else None,  # what the sender has, nobody here knows
        )


def grade_one(payload: SubmissionPayload, topic: str) -> WorkerReply:
    """Grade one submission, and say under a topic that it was taken up; this runs in a worker."""
    worker = get_worker()
    worker.log_event(topic, payload.submission.student)
    plugin = _plugin(worker)
    with tempfile.TemporaryDirectory(prefix="autograder-submission-") as folder:
        path = Path(folder) / "submission.ipynb"
        if payload.submission.notebook is not None:
            path.write_bytes(payload.notebook or b"")
            os.truncate(path, payload.size)  # what was too large to be sent is a hole, and refused by its size
        notebook = None if payload.submission.notebook is None else path
        result = plugin.engine().run(dataclasses.replace(payload.submission, notebook=notebook))
    maps = plugin.service.maps
    return WorkerReply(result, worker.address, Tally(maps.misses, maps.hits))


def map_images() -> MapImages | None:
    """Return the images whose maps students make; this runs in a worker."""
    return _plugin(get_worker()).engine().images


def _plugin(worker: Worker) -> EnginePlugin:
    """Return the plugin that keeps a worker's engine."""
    plugin = worker.plugins[PLUGIN]
    if not isinstance(plugin, EnginePlugin):
        raise TypeError(f"the plugin {PLUGIN!r} is somebody else's: {type(plugin).__name__}")
    return plugin
