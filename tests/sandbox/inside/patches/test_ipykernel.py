"""A kernel of ours has no debugger and no list of modules, and given cells open no windows."""

import subprocess
import sys

import pytest

MAKE = """
import sys
from autograder.sandbox.inside.patches.ipykernel import leave_debugger_out
leave_debugger_out()
from autograder.sandbox.inside.kernel import AnsweringKernel
kernel = AnsweringKernel.instance()
print("debugpy" in sys.modules, kernel._kernel_modules, kernel.shell is not None)
from ipykernel import ipkernel
print(ipkernel.sys is sys)
"""


@pytest.fixture(scope="module")
def made():
    """What a process says that has made a kernel."""
    return subprocess.run([sys.executable, "-c", MAKE], capture_output=True, text=True, check=True).stdout.split()


def test_the_debugger_is_left_out(made):
    """debugpy is not imported, and the kernel is there."""
    assert (made[0], made[2]) == ("False", "True")


def test_a_new_kernel_lists_no_modules(made):
    """The list is empty; afterwards ipykernel has its `sys`."""
    assert (made[1], made[3]) == ("[]", "True")


WINDOWS = """
from ipykernel.zmqshell import ZMQInteractiveShell
from autograder.sandbox.inside.patches.ipykernel import no_windows
before = ZMQInteractiveShell.enable_gui
with no_windows():
    ZMQInteractiveShell.enable_gui(None, "inline")
    ZMQInteractiveShell.enable_gui(None)
    try:
        ZMQInteractiveShell.enable_gui(None, "tk")
    except RuntimeError as error:
        print(error)
print(ZMQInteractiveShell.enable_gui is before)
"""


def test_given_cells_open_no_windows():
    """Pictures in the notebook are nothing to begin, windows are refused."""
    told = subprocess.run([sys.executable, "-c", WINDOWS], capture_output=True, text=True, check=True).stdout
    assert told.splitlines() == ["there is no kernel yet that could show windows of tk", "True"]
