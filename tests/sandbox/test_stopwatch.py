"""Waiting for the grader, or for a processor, is no time of a notebook's."""

import os
import time

import pytest

from autograder.sandbox import stopwatch
from autograder.sandbox.stopwatch import ServiceClock, Stopwatch

MOST = 5.0


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """A machine whose time, and whose processes' waiting for a processor, the test sets."""
    values = {"now": 100.0, "queued": 0.0, "computed": 0.0}
    monkeypatch.setattr(time, "monotonic", lambda: values["now"])
    monkeypatch.setattr(time, "monotonic_ns", lambda: int(values["now"] * 1e9))
    monkeypatch.setattr(stopwatch, "_queued_nanoseconds", lambda process: int(values["queued"] * 1e9) * (process == 1))
    monkeypatch.setattr(stopwatch, "_computed_nanoseconds", lambda _: int(values["computed"] * 1e9))
    monkeypatch.setattr(stopwatch, "_PROCESSORS", 4)
    return values


def test_it_stands_while_the_service_answers(machine: dict[str, float]) -> None:
    """An answer's time is taken off while it is awaited, and once it is there; whoever has the file sees it."""
    clock = ServiceClock.new()
    watch = Stopwatch(ServiceClock(os.dup(clock.file)), MOST)
    begin = watch.now()
    with clock:
        machine["now"] += 30
        assert watch.now() == pytest.approx(begin)
    machine["now"] += 2
    assert watch.now() == pytest.approx(begin + 2)
    with clock:
        machine["now"] += 5
    assert watch.now() == pytest.approx(begin + 2)
    assert clock.seconds == pytest.approx(35)


def test_it_stands_while_others_have_the_processor(machine: dict[str, float]) -> None:
    """The process that waited longest counts, and no more than has passed."""
    watch = Stopwatch(None, MOST)
    watch.look([1, 2])
    begin = watch.now()
    machine["now"], machine["queued"] = 101.0, 0.75
    watch.look([1, 2])
    assert watch.now() == pytest.approx(begin + 0.25)
    machine["now"], machine["queued"] = 102.0, 9.0
    watch.look([1, 2])
    assert watch.now() == pytest.approx(begin + 0.25)


def test_who_keeps_the_machine_busy_stops_no_clock(machine: dict[str, float]) -> None:
    """Forty of a kernel's own processes wait for each other: on four processors, they compute for four seconds in one."""
    watch = Stopwatch(None, MOST)
    watch.look(range(1, 41))
    begin = watch.now()
    machine["now"], machine["queued"], machine["computed"] = 101.0, 0.9, 0.1
    watch.look(range(1, 41))
    assert watch.now() == pytest.approx(begin + 1)
    machine["now"], machine["queued"], machine["computed"] = 102.0, 1.8, 0.15
    watch.look(range(1, 41))
    assert watch.now() == pytest.approx(begin + 1.5)


def test_it_does_not_stand_for_ever(machine: dict[str, float]) -> None:
    """A notebook that keeps the machine busy itself gets so much more time, and then it counts."""
    watch = Stopwatch(None, MOST)
    watch.look([1])
    begin = watch.now()
    for _ in range(20):
        machine["now"] += 1
        machine["queued"] += 1
        watch.look([1])
    assert watch.now() == pytest.approx(begin + 20 - MOST)


def test_what_a_process_waited_before_it_was_seen_is_not_counted(machine: dict[str, float]) -> None:
    """A process that is new to the watch begins at what it has waited already."""
    watch = Stopwatch(None, MOST)
    machine["queued"] = 50.0
    begin = watch.now()
    machine["now"] += 1
    watch.look([1])
    assert watch.now() == pytest.approx(begin + 1)


def test_the_system_counts() -> None:
    """Linux says how long a process was ready to run; of one that is gone, nothing."""
    assert stopwatch._queued_nanoseconds(os.getpid()) >= 0
    assert stopwatch._queued_nanoseconds(2**30) == 0
    begin = stopwatch._computed_nanoseconds(os.getpid())
    while time.process_time() < begin / 1e9 + 0.1:
        pass
    assert stopwatch._computed_nanoseconds(os.getpid()) > begin
    assert stopwatch._computed_nanoseconds(2**30) == 0
