"""The warm process that kernels are forked from.

Everything is imported, and nothing has been computed.

TensorFlow starts threads with its first operation, and threads do not survive a fork: no operation runs here. It never
runs a student's code, and it ends when the grader's end of its socket is closed.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import signal
import socket
import sys
import traceback
import warnings
from typing import NoReturn

from . import system
from .confine import become_nobody
from .guard import guard_kernel
from .kernel import SERVICE, run_kernel
from .patches.ipykernel import leave_debugger_out
from .patches.matplotlib import draw_quickly
from .patches.predict import join_in_place, remember_predictions
from .patches.table import keep_libraries_as_they_are
from .patches.tensorflow import do_without_threads
from .patches.tsne import remember_maps
from .process_memory import use_large_pages
from .request import GIVEN, PLAIN, THREADS, WARM, KernelRequest
from .shared_cells import read_cells, run_given_cells, write_messages
from .startup import without_collections

__all__ = ["main"]

# What a kernel imports when it starts.
_KERNELS_OWN = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "IPython.terminal.pt_inputhooks",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "jedi",
    "matplotlib_inline.backend_inline",
)


def main(arguments: list[str]) -> None:
    """Serve forks.

    Arguments: FD USER RELEASE WAY MODULE...; USER is -1 where the user stays, WAY is `PLAIN` or
    nothing.
    """
    control = socket.socket(fileno=int(arguments[0]))
    user = int(arguments[1])
    if user >= 0:
        become_nobody(user)
    system.hide_from_others()
    if arguments[3] == PLAIN:
        keep_libraries_as_they_are()
    with without_collections():
        leave_debugger_out()
        _import_all(arguments[4:], arguments[2])
    use_large_pages()
    control.send(WARM)
    with contextlib.suppress(KeyboardInterrupt):
        _serve(control)


def _import_all(modules: list[str], release: str) -> None:
    """Import what notebooks import, replace what `patches` replaces, and look for fonts once."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for module in (*_KERNELS_OWN, *modules):
            try:
                importlib.import_module(module)
            except ImportError:  # what isn't installed is left out
                traceback.print_exc()
    _import_checks(release)
    draw_quickly()
    join_in_place()
    remember_maps(SERVICE)
    remember_predictions(SERVICE)


def _import_checks(release: str) -> None:
    """Import the release's own checks under another name.

    What reads a plot must not be the student's copy.
    """
    folder = f"{release}/checks"
    spec = importlib.util.spec_from_file_location(
        "released_checks", f"{folder}/__init__.py", submodule_search_locations=[folder]
    )
    if spec is None or spec.loader is None or not os.path.exists(f"{folder}/__init__.py"):  # noqa: PTH110 (no Path here)
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules["released_checks"] = module
    sys.dont_write_bytecode = True
    try:
        spec.loader.exec_module(module)
        importlib.import_module("released_checks.read_plot")
    except ImportError:  # then a plot is read by what the sandbox has
        traceback.print_exc()


def _serve(control: socket.socket) -> None:
    """Fork once for each request until the grader is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the guards
    while True:
        message, files, _, _ = socket.recv_fds(control, 65536, 4)
        if not message:
            return
        if os.fork() == 0:
            control.close()
            if message == GIVEN:
                _become_shared_start(files)
            _become_guard(message, files)
        for file in files:
            os.close(file)


def _become_shared_start(files: list[int]) -> NoReturn:
    """Run the given cells, then serve forks of this process until the grader's end is closed."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    own, file, service = socket.socket(fileno=files[0]), files[1], files[2:]
    try:
        if service:
            SERVICE.connect(socket.socket(fileno=service[0]))
        write_messages(file, run_given_cells(read_cells(file)))
        SERVICE.close()
        os.close(file)  # nothing that can be written is open in two kernels
        left_behind = len(os.listdir("/proc/self/task")) > 1  # noqa: PTH208 (no Path here)
        if left_behind:
            do_without_threads()
        own.send(THREADS if left_behind else WARM)
        _serve(own)
    except BaseException as error:  # noqa: BLE001 (the grader is told; notebooks then begin at their beginning)
        with contextlib.suppress(OSError):
            own.send(f"failed {type(error).__name__}: {error}".encode()[:1000])
    finally:
        os._exit(0)


def _become_guard(message: bytes, files: list[int]) -> NoReturn:
    """Become the process that guards one kernel."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    request = KernelRequest.from_bytes(message)
    report = socket.socket(fileno=files[0])
    maps = socket.socket(fileno=files[1]) if len(files) > 1 else None
    guard_kernel(request, report, lambda places: run_kernel(request, places, maps))


if __name__ == "__main__":
    main(sys.argv[1:])
