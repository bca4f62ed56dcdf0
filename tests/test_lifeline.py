"""Who started a process holds its life, however it ends itself, and whatever the process is doing."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from autograder.log import LoggedProcess

# A process that forks, and is deep in compiled code then: no signal handler of Python's runs, nor any thread.
_BUSY = "import os; os.fork(); os.write(2, b'%d\\n' % os.getpid()); sum(range(10**11))"
_GRADER = f"""
import sys, time
from autograder.log import LoggedProcess
process = LoggedProcess("maps", [sys.executable, "-c", {_BUSY!r}])
while len(process._tail) < 2: time.sleep(0.05)
print(*process._tail, flush=True)
time.sleep(600)
"""


def _gone(numbers):
    """Tell whether processes end in time."""
    end = time.monotonic() + 10
    while any(map(_lives, numbers)) and time.monotonic() < end:
        time.sleep(0.05)
    return not any(map(_lives, numbers))


def _lives(number):
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_killed_grader_takes_its_processes_along():
    """Both the process and its fork, in the middle of a long call."""
    with subprocess.Popen([sys.executable, "-c", _GRADER], stdout=subprocess.PIPE, text=True) as grader:
        numbers = [int(word) for word in grader.stdout.readline().split()]
        assert len(numbers) == 2
        assert all(map(_lives, numbers))
        grader.send_signal(signal.SIGKILL)
    assert _gone(numbers)


@pytest.mark.parametrize("way", [LoggedProcess.end, lambda process: None], ids=["ended", "forgotten"])
def test_forks_end_with_their_process(way):
    """Where it is ended, and where nobody holds it any more."""
    process = LoggedProcess("maps", [sys.executable, "-c", _BUSY])
    while len(process._tail) < 2:
        time.sleep(0.05)
    numbers = [int(word) for word in process._tail]
    way(process)
    process._let_go()
    assert _gone(numbers)
    process.wait()


def test_a_process_ends_as_before_where_nobody_ends_it():
    """Its exit code is its own, and its group is not its starter's."""
    code = "import os, sys; print(os.getpgrp(), file=sys.stderr); sys.exit(7)"
    process = LoggedProcess("judging", [sys.executable, "-c", code])
    assert process.wait() == 7
    assert int(process.last_words()) == process.pid != os.getpgrp()
    process.end()


def test_a_sandbox_holds_no_end():
    """Kernels would share it."""
    code = "import os, sys; print(sorted(os.listdir('/proc/self/fd')), file=sys.stderr)"
    process = LoggedProcess("sandbox", [sys.executable, "-c", code])
    process.wait()
    assert process.last_words() == "['0', '1', '2', '3']"
    process.end()
