"""The process that stands between the forkserver and one kernel: process 1 of the kernel's own world.

When it ends, the system ends every process in that world. It never runs a student's code.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
from collections.abc import Callable
from typing import NoReturn

from . import system
from .confine import Places, build_room, enter_namespaces
from .request import KernelRequest

__all__ = ["guard_kernel"]

INTERRUPT = b"interrupt"
"""What the grader sends to have the running cell interrupted."""


def guard_kernel(request: KernelRequest, report: socket.socket, kernel: Callable[[Places], None]) -> NoReturn:
    """Confine this process, start the kernel, and end with it.

    Args:
        request: what the grader asked for.
        report: the grader's end of this kernel.
        kernel: becomes the kernel; runs in a process of its own.
    """
    code = 1
    try:
        if request.confinement == "namespaces":
            enter_namespaces()
            _split()
        else:
            system.adopt_orphans()
            if request.confinement == "user":
                with contextlib.suppress(OSError):  # containers mostly don't allow it
                    system.leave_network()
        code = _guard(request, report, kernel)
    except BaseException as error:  # noqa: BLE001 (whatever it is, the grader is told, and nothing else may go on)
        with contextlib.suppress(OSError):
            report.send(f"failed {type(error).__name__}: {error}".encode()[:1000])
    finally:
        os._exit(code)


def _split() -> None:
    """Continue as process 1 of the new namespace; the first process only waits."""
    child = os.fork()
    if child:
        os.closerange(3, 4096)
        os.waitpid(child, 0)
        os._exit(0)


def _guard(request: KernelRequest, report: socket.socket, kernel: Callable[[Places], None]) -> int:
    """Build the room, start the kernel in it, and return its exit code."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    places = Places(request.folder)
    build_room(request, places)
    system.hide_from_others()
    child = os.fork()
    if not child:
        _become(kernel, report, places)
    answers = os.open(places.answers, os.O_PATH | os.O_DIRECTORY)
    itself = os.pidfd_open(os.getpid())
    socket.send_fds(report, [b"ready"], [answers, itself])
    os.close(answers)
    os.chdir("/")
    return _wait(child, report)


def _become(kernel: Callable[[Places], None], report: socket.socket, places: Places) -> NoReturn:
    """Become the kernel."""
    code = 1
    try:
        report.close()
        system.show_to_self()
        os.setsid()
        kernel(places)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    finally:
        os._exit(code)


def _wait(kernel: int, report: socket.socket) -> int:
    """Pass interrupts on, reap whatever ends, and return the kernel's exit code.

    A closed report ends everything.
    """
    ended = os.pidfd_open(kernel)
    code = None
    while code is None:
        ready, _, _ = select.select([report.fileno(), ended], [], [], 1.0)
        if report.fileno() in ready:
            order = report.recv(64)
            if not order:
                return 1
            if order == INTERRUPT:
                os.kill(kernel, signal.SIGINT)
        code = _bury(kernel)
    with contextlib.suppress(OSError):
        report.send(f"ended {code}".encode())
    return 0


def _bury(kernel: int) -> int | None:
    """Reap every child that has ended; return the kernel's exit code if it is one."""
    code = None
    with contextlib.suppress(ChildProcessError):
        while True:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                break
            if child == kernel:
                code = os.waitstatus_to_exitcode(status)
    return code
