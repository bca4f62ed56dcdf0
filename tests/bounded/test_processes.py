"""A task that takes too much ends its process, and costs nothing else."""

import time
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest

from autograder.bounded.processes import BoundedProcess, BoundedProcesses, OutOfBoundsError
from autograder.execute.notebook_file import UnreadableError


@pytest.fixture(scope="module")
def processes() -> Iterator[BoundedProcesses]:
    """Processes that import nothing beforehand."""
    with BoundedProcesses() as processes:
        yield processes


@pytest.fixture
def process(processes: BoundedProcesses) -> Iterator[BoundedProcess]:
    """One process."""
    with processes.start() as process:
        yield process


def test_a_value_comes_back(process: BoundedProcess) -> None:
    """One process does one task after the other."""
    assert process.call(sorted, [3, 1, 2]) == [1, 2, 3]
    assert process.call(len, "four") == 4


def test_a_refusal_is_raised(process: BoundedProcess) -> None:
    """It is an answer: the process goes on."""
    with pytest.raises(UnreadableError, match="no such thing"):
        process.call(fail, "no such thing")
    assert process.call(len, "four") == 4


def fail(text: str) -> None:
    """Raise an exception of ours."""
    raise UnreadableError(text)


@pytest.mark.parametrize("task", ["spin", "fill", "fill_with_objects", "leave", "stumble"])
def test_what_takes_too_much_ends_alone(processes: BoundedProcesses, task: str) -> None:
    """Computing, memory, and whatever ends a process: a neighbour that is at work notices nothing."""
    with processes.start() as neighbour, processes.start() as process:
        assert neighbour.call(len, "one") == 3
        with pytest.raises(OutOfBoundsError):
            process.call(globals()[task], seconds=1, memory=2**28)
        assert neighbour.call(len, "four") == 4
    with processes.start() as another:
        assert another.call(len, "four") == 4


def stumble() -> None:
    """Raise what nobody foresaw, and nobody can read."""

    class Unreadable(Exception):
        pass

    raise Unreadable


def spin() -> None:
    """Compute for ever, where no signal of Python's is heard."""
    sum(range(10**12))


def fill() -> int:
    """Take a gigabyte at once."""
    return len(bytearray(2**30))


def fill_with_objects() -> list[object]:
    """Take gigabytes bit by bit."""
    kept: list[object] = []
    while True:
        kept.append({})


def leave() -> None:
    """End the process."""
    raise SystemExit


def test_bounds_are_each_tasks_own(process: BoundedProcess) -> None:
    """What one task computed is not counted against the next."""
    for _ in range(3):
        assert process.call(busy, 0.6, seconds=1) > 0.5


def busy(seconds: float) -> float:
    """Compute for so long."""
    begin = time.process_time()
    while time.process_time() - begin < seconds:
        pass
    return time.process_time() - begin


def test_a_closed_house_starts_nothing() -> None:
    """Whoever asks after the end is told."""
    with BoundedProcesses() as processes:
        processes.warm_up()
    with pytest.raises(OutOfBoundsError):
        processes.start()


def test_a_process_at_work_ends_with_the_one_it_was_forked_from() -> None:
    """The grader may be killed: nobody else would end it, and it holds what ends its kernel."""
    with BoundedProcesses() as processes, processes.start() as process:
        process.begin(wait)
        assert process.receive() == "waiting"
        assert processes._template is not None
        processes._template.kill()
        with pytest.raises(OutOfBoundsError):
            process.receive()


def wait(connection: Connection) -> None:
    """Wait for longer than a test takes."""
    connection.send("waiting")
    time.sleep(20)
