"""A class on a Dask scheduler and two workers, each a process of its own."""

import contextlib
import dataclasses
import inspect
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from distributed import Client, LocalCluster
from distributed.scheduler import KilledWorker
from rich.console import Console

from autograder.assignment.plan import make_plan
from autograder.collect.submissions import CollectRequest, collect
from autograder.errors import GradeError
from autograder.execute.engine import Result
from autograder.grade import GradeRequest, Limits, grade
from autograder.grade.cluster import NO_DASHBOARD, ClusterWorkers, _Starts
from autograder.grade.cluster_worker import SubmissionPayload, WorkerReply, WorkerSetup
from autograder.grade.workers import Tally
from autograder.model import Submission, SubmissionResult
from tests.grade.tiny import NAME, submission, write_course
from tests.needs import strongest_level
from tools.bench_cluster import run_bench

STRONGEST = strongest_level()
SLOW = "import time\ntime.sleep(4)\nanswer = 42"


def _page(result: SubmissionResult, executed: nbformat.NotebookNode | None, path: Path, **_: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(result.student)


@contextlib.contextmanager
def _running(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Dask program until the end of the test."""
    process = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def class_of_six(tmp_path: Path) -> GradeRequest:
    """Six students who take four seconds each, one of them wrong."""
    assignment, release = write_course(tmp_path)
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(6):
        code = SLOW if number else SLOW.replace("42", "-1")
        nbformat.write(submission(code), folder / f"student{number}.ipynb")
    (folder / "huge.ipynb").touch()
    os.truncate(folder / "huge.ipynb", 200 * 2**20)
    limits = Limits(60, memory=2)
    return GradeRequest(folder, assignment, release, tmp_path / "out", jobs=1, isolation=STRONGEST, limits=limits)


def _scores(results: tuple[SubmissionResult, ...]) -> dict[str, float]:
    return {result.student: result.score for result in results}


EXPECTED = {"huge": 0.0, "student0": 0.0} | {f"student{number}": 3.0 for number in range(1, 6)}


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_nothing(class_of_six: GradeRequest, tmp_path: Path) -> None:
    """Two workers grade; one of them is killed in the middle of a submission: each result is there, once, and right."""
    address = f"tcp://127.0.0.1:{_free_port()}"
    worker = ["dask_worker", address, "--nthreads=1", "--no-nanny", "--no-dashboard", "--memory-limit=0"]
    with (
        _running("dask_scheduler", f"--port={address.rpartition(':')[2]}", "--host=127.0.0.1", "--no-dashboard"),
        _running(*worker, f"--local-directory={tmp_path / 'one'}") as doomed,
        _running(*worker, f"--local-directory={tmp_path / 'two'}"),
        _killed_when_busy(address, doomed),
    ):
        _wait_for_workers(address, 2)
        results = grade(dataclasses.replace(class_of_six, cluster=address), Console(stderr=True), _page)
        assert doomed.poll() == -signal.SIGKILL, "the worker was to be killed while it graded"
    assert _scores(results) == EXPECTED
    assert {result.isolation for result in results} == {STRONGEST}
    lines = (class_of_six.out / "results.jsonl").read_text().splitlines()
    assert len(lines) == len(EXPECTED)


def _wait_for_workers(address: str, count: int) -> None:
    with Client(address, timeout=30) as client:
        client.wait_for_workers(count, timeout=60)


@contextlib.contextmanager
def _killed_when_busy(address: str, doomed: subprocess.Popen[bytes]) -> Iterator[None]:
    """Kill a worker, by a program of its own, as soon as it has had a submission for two seconds."""
    program = f"""
import os, signal, time
from distributed import Client, LocalCluster
from distributed.scheduler import KilledWorker
with Client({address!r}, timeout=60) as client:
    client.wait_for_workers(2, timeout=60)
    while True:
        busy = client.processing()
        pids = client.run(os.getpid)
        victim = next(w for w, pid in pids.items() if pid == {doomed.pid})
        if busy.get(victim) and any("grade_one" in key for key in busy[victim]):
            time.sleep(2)
            os.kill({doomed.pid}, signal.SIGKILL)
            break
        time.sleep(0.2)
"""
    killer = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        killer.kill()
        killer.wait()


@pytest.mark.slow
def test_a_local_cluster_is_started_and_ended(class_of_six: GradeRequest) -> None:
    """`--cluster local` needs nothing that runs already, leaves no process behind, and its workers' logs are here."""
    before = _children()
    results = grade(dataclasses.replace(class_of_six, cluster="local", jobs=3), Console(stderr=True), _page)
    assert _scores(results) == EXPECTED
    end = time.monotonic() + 10
    while _children() - before and time.monotonic() < end:
        time.sleep(0.2)
    assert not _children() - before
    for name in ("judging", "sandbox"):
        assert re.search(
            r" INFO tcp://\S+ autograder\.\S+: Started as process", (class_of_six.logs / f"{name}.log").read_text()
        )


@pytest.mark.slow
def test_a_submission_is_taken_up_before_it_is_done(class_of_six: GradeRequest) -> None:
    """Whoever watches sees who is being graded: with one job, each is taken up after the one before was done."""
    plan = make_plan(class_of_six.assignment.folder, class_of_six.release)
    limits, told = class_of_six.limits, []
    workers = ClusterWorkers(plan, address="local", jobs=1, isolation=STRONGEST, limits=limits)
    with collect(CollectRequest(class_of_six.path, NAME)) as collection, workers:
        chosen = collection.submissions[1:4]
        graded = workers.grade(chosen, lambda student: told.append(("begin", student, time.monotonic())))
        told.extend(("end", one.result.student, time.monotonic()) for one in graded)
    when = {(what, student): moment for what, student, moment in told}
    assert len(when) == len(told) == 6
    for student in (one.student for one in chosen):
        assert when["end", student] - when["begin", student] > 3, "each takes four seconds"


@pytest.mark.slow
def test_a_class_on_workers_that_die(tmp_path: Path) -> None:
    """Sixty hand-ins on two workers, of which one is killed: each has its result once, and memory stays where it was."""
    bench = run_bench(tmp_path, 60, workers=2, kill=1, isolation=STRONGEST)
    assert (bench.problems, bench.killed) == ([], 1)
    early, *_, late = [look for look in bench.looks if look.done >= 10]
    assert late.client - early.client < 100
    assert late.scheduler - early.scheduler < 50


def _grade_or_die(payload: SubmissionPayload, topic: str) -> WorkerReply:
    """Stand in for a worker: bob's dies each time, and eve's where another one runs beside her."""
    place, student = Path(topic), payload.submission.student
    (place / student).touch()
    time.sleep(0.2)
    beside = len(list(place.iterdir())) > 1
    (place / student).unlink()
    if student == "bob" or (student == "eve" and beside):
        raise KilledWorker(student, SimpleNamespace(address="gone"), 3)
    result = SubmissionResult(student, NAME, "graded", 3.0, 3.0, "process", 0.1)
    return WorkerReply(Result(result, None), "worker", Tally(0, 0))


def test_who_was_only_beside_a_death_is_graded_alone(
    class_of_six: GradeRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dask gives up all that a dying worker had: each gets another try with nobody beside it, and what dies again is lost."""
    plan = make_plan(class_of_six.assignment.folder, class_of_six.release)
    workers = ClusterWorkers(plan, address="local", jobs=4, isolation="process", limits=class_of_six.limits)
    monkeypatch.setattr("autograder.grade.cluster.grade_one", _grade_or_die)
    (tmp_path / "beside").mkdir()
    submissions = [Submission(student, NAME, None, "") for student in ("ada", "bob", "carl", "eve", "fred")]
    cluster = LocalCluster(n_workers=1, threads_per_worker=4, processes=False, **NO_DASHBOARD)
    with cluster, Client(cluster) as workers._client:
        workers._topic = str(tmp_path / "beside")
        results = {one.result.student: one.result.status for one in workers.grade(submissions, lambda _: None)}
    assert results == {"ada": "graded", "bob": "crashed", "carl": "graded", "eve": "graded", "fred": "graded"}


def test_a_submission_that_leaves_no_worker_is_lost(
    class_of_six: GradeRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever for workers that it may have killed."""
    monkeypatch.setattr("autograder.grade.cluster._PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr("autograder.grade.cluster._LOOK_SECONDS", 0.1)
    plan = make_plan(class_of_six.assignment.folder, class_of_six.release)
    workers = ClusterWorkers(plan, address="local", jobs=1, isolation="process", limits=class_of_six.limits)
    cluster = LocalCluster(n_workers=0, processes=False, **NO_DASHBOARD)
    with cluster, Client(cluster) as workers._client:
        workers._topic = "nobody"
        assert workers._alone(Submission("ada", NAME, None, "")).result.status == "crashed"
        with pytest.raises(GradeError, match="has no workers"):
            next(workers.grade([Submission("ada", NAME, None, "")], lambda _: None))


def test_students_are_told_once() -> None:
    """A submission whose worker died begins again, and whoever counts hears of it once."""
    told: list[str] = []
    starts = _Starts(told.append)
    for student in ("ada", "bob", "ada"):
        starts.report(student)
    assert told == ["ada", "bob"]


@pytest.mark.parametrize(("asked", "told"), [("auto", "unknown"), ("process", "process"), ("user", "user")])
def test_a_lost_submission_tells_no_sandbox_that_did_not_run(class_of_six: GradeRequest, asked: str, told: str) -> None:
    """Where workers choose the level themselves and died, nobody knows what it was."""
    plan = make_plan(class_of_six.assignment.folder, class_of_six.release)
    workers = ClusterWorkers(plan, address="local", jobs=1, isolation=asked, limits=class_of_six.limits)
    result = workers._lost_result(Submission("ada", NAME, None, "")).result
    assert (result.isolation, result.status) == (told, "crashed")


def test_records_document_the_fields_that_they_have() -> None:
    """Each field of what goes by wire is described, and no other."""
    for record in (WorkerSetup, SubmissionPayload):
        described = re.findall(r"^    (\w+): ", inspect.getdoc(record) or "", re.MULTILINE)
        assert described == [field.name for field in dataclasses.fields(record)]


def _children() -> set[int]:
    """Return the processes below this one that are no zombies, resource trackers aside."""
    import psutil

    return {
        child.pid
        for child in psutil.Process(os.getpid()).children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and "resource_tracker" not in " ".join(child.cmdline())
    }


def test_a_scheduler_that_is_not_there_is_told(class_of_six: GradeRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong address is a sentence, not a traceback."""
    monkeypatch.setattr("autograder.grade.cluster._CONNECT_SECONDS", 2)
    wrong = dataclasses.replace(class_of_six, cluster=f"tcp://127.0.0.1:{_free_port()}")
    with pytest.raises(GradeError, match="No Dask scheduler answers"):
        grade(wrong, Console(stderr=True), _page)
