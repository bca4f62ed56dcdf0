"""The process that bounded processes are forked from: it imports, once, what their tasks need.

Run as `python -m autograder.bounded.template FD MODULE...`: a process is forked for each socket that comes through FD.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import os
import resource
import signal
import socket
import sys
from multiprocessing.connection import Connection
from typing import NoReturn

from autograder.bounded.memory import address_space, limit_memory
from autograder.bounded.messages import Answer, RefusalError, Task
from autograder.log import log_suppressed, show_log
from autograder.sandbox.inside.process_memory import give_memory_back, hold_little_memory
from autograder.sandbox.inside.startup import without_collections
from autograder.sandbox.inside.system import end_with

__all__ = ["main"]


def main(arguments: list[str]) -> None:
    """Import, then fork for each socket until the grader is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, which closes the sockets
    show_log(2)
    faulthandler.enable()
    hold_little_memory()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with without_collections():
        for module in arguments[1:]:
            importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the processes; what was imported may have had some
    parent = os.getpid()
    with socket.socket(fileno=int(arguments[0])) as control:
        while files := socket.recv_fds(control, 1, 1)[1]:
            if os.fork() == 0:
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                end_with(parent)  # it may be at work when the grader is killed
                control.close()
                _serve(Connection(files[0]))
            os.close(files[0])


def _serve(connection: Connection) -> NoReturn:
    """Do one task after the other until the other side is gone."""
    memory = address_space()
    with contextlib.suppress(EOFError, OSError):
        while True:
            task: Task = connection.recv()
            connection.send(_answer(connection, task, memory))
            del task
            give_memory_back()
    os._exit(0)


def _answer(connection: Connection, task: Task, memory: int) -> Answer:
    """Do one task within its bounds."""
    _bound(task, memory)
    try:
        return Answer(task.function(*((connection,) if task.converses else ()), *task.arguments))
    except RefusalError as error:
        return Answer(error=error)
    except Exception as error:  # noqa: BLE001 (what nobody foresaw, or no memory left: it costs this task alone)
        log_suppressed(error)
        os._exit(1)


def _bound(task: Task, memory: int) -> None:
    """Have the system end this process where it takes more than the task may."""
    times = os.times()
    seconds = int(times.user + times.system + task.seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, resource.RLIM_INFINITY))
    limit_memory(memory + task.memory)


if __name__ == "__main__":
    main(sys.argv[1:])
