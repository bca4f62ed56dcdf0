"""Memory is measured from outside, with whatever rights the grader has."""

import os
import subprocess
import sys

import psutil
import pytest

from autograder.sandbox import watch
from autograder.sandbox.watch import _let_others_first, _proportional, _resident

_TABLES = """
import mmap
room = mmap.mmap(-1, 2**34, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ)
room.madvise(mmap.MADV_NOHUGEPAGE)
print("ready", room[:: 2**21].count(0), flush=True)
input()
"""


def test_page_tables_count():
    """A room of 16 GB, a byte of each 2 MB looked at: its pages take nothing, and their tables 32 MB."""
    command = [sys.executable, "-c", _TABLES]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline().split() == [b"ready", b"8192"]
        process = psutil.Process(child.pid)
        used, plain = process.memory_info().rss, process.memory_full_info().pss
        assert 32 * 2**20 < _resident(process) - used < 40 * 2**20
        assert _proportional(process, 0) - plain > 32 * 2**20
        child.communicate(b"\n")
    assert _resident(process) == 0


def test_many_processes_let_others_go_first(monkeypatch):
    """Each process has its share of the cores: hundreds would leave a neighbour a hundredth."""
    monkeypatch.setattr(watch, "_MOST_TASKS", 5)
    children = [subprocess.Popen(["sleep", "60"]) for _ in range(6)]
    try:
        processes = [psutil.Process(child.pid) for child in children]
        _let_others_first(processes[:5])
        assert {os.sched_getscheduler(child.pid) for child in children} == {os.SCHED_OTHER}
        _let_others_first(processes)
        assert {os.sched_getscheduler(child.pid) for child in children} == {os.SCHED_IDLE}
    finally:
        for child in children:
            child.kill()
            child.wait()


_LOOK = """
import subprocess, psutil
from autograder.sandbox.watch import _proportional
command = ["sh", "-c", "x=$(head -c 30000000 /dev/zero | tr '\\\\000' x); echo ready; read end"]
with subprocess.Popen(command, user=23456, group=23456, extra_groups=[], cwd="/", stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
    child.stdout.readline()
    process = psutil.Process(child.pid)
    try:
        process.memory_full_info()
        print("CLOSE")
    except psutil.AccessDenied:
        print("DENIED")
    print(_proportional(process, 0) > 20_000_000, _proportional(process, 10**9))
"""


@pytest.mark.needs("root")
def test_memory_of_another_users_process_counts_in_a_container():
    """A container's root lacks CAP_SYS_PTRACE: what can't be measured closely is not taken for nothing."""
    # What allows it leaves the bounding set, and with the next program the process: CAP_SYS_PTRACE, _SYS_ADMIN, _PERFMON.
    drop = "import ctypes, os, sys; [ctypes.CDLL(None).prctl(24, right, 0, 0, 0) for right in (19, 21, 38)]; "
    drop += f"os.execv(sys.executable, [sys.executable, '-c', {_LOOK!r}])"
    ran = subprocess.run([sys.executable, "-c", drop], capture_output=True, text=True, timeout=120, check=False)
    assert ran.stdout.split() == ["DENIED", "True", "0"], ran.stderr[-2000:]
