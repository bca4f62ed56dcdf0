"""Grade a class of a tiny assignment on Dask workers of which some are killed, and see what it costs.

Usage, from the repository's root:

    python tools/bench_cluster.py [--class 10000] [--workers 2] [--kill 3] [--isolation process]

A real scheduler, workers and `autograder grade` run here, each a process of its own. Each time a part of the class is done a
worker is killed, and another one takes its place. Printed are the time for each tenth of the class, and the memory (RSS)
of the scheduler and of the process that runs `grade`. The command fails where a result is missing, there twice or wrong.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.grade.tiny import NAME, submission, write_course  # noqa: E402 (the path comes first)

ANSWERS = {42: 3.0, -1: 0.0, 41: 0.0, 7: 3.0}
"""What students answer, with what that gives."""
_LOOK_SECONDS = 0.5
_MIB = 2**20


@dataclass(frozen=True)
class Look:
    """One look at a run.

    Attributes:
        done: how many results there were.
        seconds: since the start.
        client: MiB that the process has that runs `grade`.
        scheduler: MiB that the scheduler has.
    """

    done: int
    seconds: float
    client: float
    scheduler: float


@dataclass
class Bench:
    """What came of a run.

    Attributes:
        looks: in order.
        killed: how many workers were killed.
        problems: sentences on results that are missing, there twice or wrong.
    """

    looks: list[Look] = field(default_factory=list)
    killed: int = 0
    problems: list[str] = field(default_factory=list)

    def tenths(self) -> Iterator[Look]:
        """Yield the first look behind each tenth of the class."""
        most = self.looks[-1].done
        for tenth in range(1, 11):
            yield next(look for look in self.looks if look.done * 10 >= most * tenth)


def hand_in(folder: Path, count: int) -> dict[str, float]:
    """Write a class's notebooks; return what each student has to get."""
    folder.mkdir()
    answers = list(ANSWERS)
    texts = {answer: nbformat.writes(submission(f"answer = {answer}")) for answer in answers}
    expected = {}
    for number in range(count):
        answer, student = answers[number % len(answers)], f"student{number:05d}"
        (folder / f"{student}.ipynb").write_text(texts[answer], "utf-8")
        expected[student] = ANSWERS[answer]
    return expected


@contextmanager
def program(log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Python module until the context ends, its output in a file."""
    with log.open("ab") as file:
        process = subprocess.Popen([sys.executable, "-m", *arguments], stdout=file, stderr=file, cwd=log.parent)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class WorkerPool:
    """Workers, of which one can be killed and replaced.

    Args:
        folder: takes their files.
        address: the scheduler's.
        stack: ends them.
    """

    def __init__(self, folder: Path, address: str, stack: ExitStack) -> None:
        self._folder, self._address, self._stack = folder, address, stack
        self._processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start one more."""
        options = ("--nthreads=1", "--no-nanny", "--no-dashboard", "--memory-limit=0")
        place = f"--local-directory={self._folder / f'worker{len(self._processes)}'}"
        arguments = ("distributed.cli.dask_worker", self._address, *options, place)
        self._processes.append(self._stack.enter_context(program(self._folder / "workers.log", *arguments)))

    def kill(self) -> None:
        """Kill the one that has been there for longest, and start another one."""
        next(process for process in self._processes if process.poll() is None).kill()
        self.start()


def run_bench(root: Path, count: int, *, workers: int = 2, kill: int = 3, isolation: str = "process") -> Bench:
    """Grade a class, and return what it cost.

    Args:
        root: an empty folder that takes everything.
        count: how many students.
        workers: how many at a time, of one thread each.
        kill: how many are killed on the way.
        isolation: the sandbox level.
    """
    write_course(root)
    expected = hand_in(root / "in", count)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    address, out, bench = f"tcp://127.0.0.1:{port}", root / "out", Bench()
    command = ["autograder", "grade", "in", "--assignment", NAME, "--out", "out", "--cluster", address, "--quiet"]
    with ExitStack() as stack:
        scheduler = ("distributed.cli.dask_scheduler", f"--port={port}", "--host=127.0.0.1", "--no-dashboard")
        watched = stack.enter_context(program(root / "scheduler.log", *scheduler))
        pool = WorkerPool(root, address, stack)
        for _ in range(workers):
            pool.start()
        _wait_for_workers(address, workers)
        client = stack.enter_context(program(root / "grade.log", *command, "--isolation", isolation))
        _watch(
            bench, out / "results.jsonl", client, watched, [count * n // (kill + 1) for n in range(1, kill + 1)], pool
        )
        if client.returncode:
            bench.problems.append(f"grade ended with {client.returncode}: {(root / 'grade.log').read_text()[-2000:]}")
    bench.problems += _problems(out / "results.jsonl", expected)
    return bench


def _wait_for_workers(address: str, count: int) -> None:
    """Wait until the scheduler and its workers are there."""
    from distributed import Client

    with Client(address, timeout=60) as client:
        client.wait_for_workers(count, timeout=60)


def _watch(
    bench: Bench,
    results: Path,
    client: subprocess.Popen[bytes],
    scheduler: subprocess.Popen[bytes],
    deaths: list[int],
    pool: WorkerPool,
) -> None:
    """Look at a run until it ends, and kill a worker whenever so many are done."""
    start, deaths = time.monotonic(), list(deaths)
    processes = [psutil.Process(one.pid) for one in (client, scheduler)]
    while client.poll() is None:
        done = results.read_bytes().count(b"\n") if results.exists() else 0
        with suppress(psutil.Error):
            sizes = [process.memory_info().rss / _MIB for process in processes]
            bench.looks.append(Look(done, time.monotonic() - start, *sizes))
        if deaths and done >= deaths[0]:
            deaths.pop(0)
            pool.kill()
            bench.killed += 1
        time.sleep(_LOOK_SECONDS)
    done = results.read_bytes().count(b"\n") if results.exists() else 0
    last = bench.looks[-1]
    bench.looks.append(Look(done, time.monotonic() - start, last.client, last.scheduler))


def _problems(results: Path, expected: dict[str, float]) -> Iterator[str]:
    """Yield what is wrong with the results."""
    lines = [json.loads(line) for line in results.read_text("utf-8").splitlines()] if results.exists() else []
    counts = Counter(line["student"] for line in lines)
    missing = sorted(expected.keys() - counts.keys())
    if missing:
        yield f"{len(missing)} results are missing, {missing[0]}'s among them."
    yield from (f"{student} has {number} results." for student, number in counts.items() if number > 1)
    for line in lines:
        if line["status"] != "graded" or line["score"] != expected[line["student"]]:
            yield f"{line['student']} has {line['score']:g} points, {line['status']}: {line['message']}"


def main() -> int:
    """Do it, and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--class", dest="count", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kill", type=int, default=3)
    parser.add_argument("--isolation", default="process")
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="autograder-bench-cluster-"))
    try:
        bench = run_bench(root, options.count, workers=options.workers, kill=options.kill, isolation=options.isolation)
        print("| submissions | s | s each since the line before | client MiB | scheduler MiB |")
        print("| ---: | ---: | ---: | ---: | ---: |")
        before = Look(0, 0.0, 0.0, 0.0)
        for look in bench.tenths():
            each = (look.seconds - before.seconds) / max(1, look.done - before.done)
            print(f"| {look.done} | {look.seconds:.0f} | {each:.3f} | {look.client:.0f} | {look.scheduler:.0f} |")
            before = look
        print(f"{bench.killed} workers were killed. " + ("\n".join(bench.problems[:20]) or "Nothing was lost."))
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 1 if bench.problems else 0


if __name__ == "__main__":
    sys.exit(main())
