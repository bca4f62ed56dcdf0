"""Memory is measured from outside, with whatever rights the grader has."""

import subprocess
import sys

import pytest

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
