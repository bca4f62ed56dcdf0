"""Run the cells that a notebook begins with, once for a class.

Kernels that are forked afterwards have run them already.

TensorFlow's threads don't survive the fork: `patches.tensorflow` has what kernels do without them.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import sys
import threading
from typing import Any

from ipykernel.compiler import XCachingCompiler
from ipykernel.zmqshell import ZMQInteractiveShell
from jupyter_client.session import Session

from .confine import RELEASE, is_read_only
from .kernel import kernel_settings
from .patches.ipykernel import no_windows
from .process_memory import give_memory_back, use_large_pages

__all__ = ["read_cells", "run_given_cells", "write_messages"]

_BACKEND = "module://matplotlib_inline.backend_inline"  # what a kernel chooses where nobody has
_FOLDER = "/tmp/given"  # noqa: S108 (inside the sandbox)
_FOLDERS = ("/tmp", "/dev/shm")  # noqa: S108 (the same)
# What libraries write for themselves, and what TensorFlow's own threads wait on.
_HARMLESS = (_FOLDER, "/tmp/matplotlib", "/tmp/__autograph")  # noqa: S108 (the same)


class _Recorder(Session):
    """Keeps the messages that a kernel would send."""

    def __init__(self) -> None:
        super().__init__(key=b"")
        self.messages: list[dict[str, Any]] = []

    def send(self, stream: Any, msg_or_type: Any, content: Any = None, *_: Any, **__: Any) -> None:
        """Keep a message."""
        whole = isinstance(msg_or_type, dict)
        kind, body = (msg_or_type["msg_type"], msg_or_type["content"]) if whole else (msg_or_type, content)
        self.messages.append(_message(kind, body))


class _Stream(io.TextIOBase):
    """Standard output or error, whose text is kept among the messages."""

    def __init__(self, name: str, messages: list[dict[str, Any]]) -> None:
        self._name, self._messages = name, messages

    def write(self, text: str) -> int:
        """Keep a text."""
        self._messages.append(_message("stream", {"name": self._name, "text": text}))
        return len(text)


def _message(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a message."""
    return {"header": {"msg_type": kind}, "msg_type": kind, "content": content}


def run_given_cells(cells: list[str]) -> list[list[dict[str, Any]]]:
    """Run cells as a kernel would, in this process; return the messages that each of them leads to.

    Args:
        cells: their code.

    Raises:
        RuntimeError: a cell fails, or leaves something behind that kernels would share, or lack.
    """
    os.chdir(RELEASE)
    os.environ.setdefault("MPLBACKEND", _BACKEND)
    os.environ.update(HOME=_FOLDER, IPYTHONDIR=f"{_FOLDER}/.ipython")
    sys.path.insert(0, "")
    recorder = _Recorder()
    shell = ZMQInteractiveShell.instance(config=kernel_settings(), user_ns={}, compiler_class=XCachingCompiler)
    shell.displayhook.session = shell.display_pub.session = recorder  # type: ignore[attr-defined]
    before = _left_behind()
    streams = sys.stdout, sys.stderr
    messages_of_cells = []
    try:
        for code in cells:
            recorder.messages = []
            sys.stdout, sys.stderr = (_Stream(name, recorder.messages) for name in ("stdout", "stderr"))
            with no_windows():
                result = shell.run_cell(code, store_history=True)  # type: ignore[no-untyped-call]
            if not result.success:
                error = result.error_before_exec or result.error_in_exec
                raise RuntimeError(f"a given cell fails: {type(error).__name__}: {error}")
            messages_of_cells.append(recorder.messages)
    finally:
        sys.stdout, sys.stderr = streams
    del sys.path[0]
    if more := _left_behind() - before:
        raise RuntimeError(f"a given cell leaves something behind: {sorted(more)}")
    gc.collect()
    give_memory_back()
    gc.freeze()
    use_large_pages()
    return messages_of_cells


def _left_behind() -> set[str]:
    """Return what a kernel that is forked now would share with others, or lack.

    Shared: memory that can be written, and everything that is open but files that are only read, which each kernel opens
    anew. Lacked: Python's threads, and files in /tmp, which each kernel has anew too.
    """
    traces = {f"thread {thread.name}" for thread in threading.enumerate()[1:]}
    traces |= {f"{folder}/{name}" for folder in _FOLDERS for name in os.listdir(folder)}  # noqa: PTH208 (no Path here)
    for number in os.listdir("/proc/self/fd"):  # noqa: PTH208
        with contextlib.suppress(OSError):
            if not is_read_only(int(number)):
                traces.add(f"open {number} {os.readlink(f'/proc/self/fd/{number}')}")  # noqa: PTH115
    with open("/proc/self/maps", encoding="ascii", errors="replace") as lines:  # noqa: PTH123
        traces |= {f"memory {line.split()[0]}" for line in lines if line.split()[1].startswith("rw-s")}
    return {each for each in traces if not each.startswith(_HARMLESS)}


def read_cells(file: int) -> list[str]:
    """Return the code of the cells that the grader's side wrote into a file."""
    return list(json.loads(os.pread(file, os.fstat(file).st_size, 0)))


def write_messages(file: int, messages_of_cells: list[list[dict[str, Any]]]) -> None:
    """Write the cells' messages into the file, from its beginning."""
    with open(file, "w", encoding="utf-8", closefd=False) as stream:
        stream.seek(0)
        stream.truncate()
        json.dump(messages_of_cells, stream)
