"""Write files whole: a reader, or a kill, meets the old file or the new one. Keep others from writing meanwhile."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

__all__ = ["append_line", "cut_half_line", "held", "replacing", "write_file"]

_BLOCK = 2**12


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to, and move what was written there to `path`, unless writing fails.

    Args:
        path: the file; its folder is made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_file(path: Path, content: str | bytes, encoding: str = "utf-8") -> None:
    """Write a file with its line ends as they are; a lone surrogate becomes a question mark."""
    data = content if isinstance(content, bytes) else content.encode(encoding, "replace")
    with replacing(path) as partial:
        partial.write_bytes(data)


def append_line(path: Path, value: Any) -> None:
    """Append a line with a value as JSON, and return when it is on the disk; all of it or nothing.

    A line that a kill cut off is removed before: only who writes may do that, a reader could meet one on its way.
    """
    rest = memoryview(json.dumps(value).encode() + b"\n")
    with path.open("a+b", buffering=0) as file:
        end = _end_of_lines(file)
        file.truncate(end)
        try:
            while rest:
                rest = rest[file.write(rest) :]
            os.fsync(file.fileno())
        except OSError:  # the disk is full
            file.truncate(end)
            raise


def _end_of_lines(file: BinaryIO | FileIO) -> int:
    """Return where the last whole line of a file ends."""
    end = file.seek(0, os.SEEK_END)
    while end > 0:
        start = max(0, end - _BLOCK)
        file.seek(start)
        newline = (file.read(end - start) or b"").rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def cut_half_line(path: Path) -> None:
    """Remove a last line that a kill cut off, so that the next one doesn't go on with it.

    Only who writes the file may call it: to a reader, a line that is being written looks the same.
    """
    if not path.exists():
        return
    data = path.read_bytes()
    if not data.endswith(b"\n"):
        os.truncate(path, data.rfind(b"\n") + 1)


@contextlib.contextmanager
def held(path: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold a file or a folder, so that no other process of ours holds it meanwhile; killed, a process holds nothing.

    Args:
        path: what is held; nothing has to be written into it. What isn't there, or lies where the system can't
            lock, isn't held.
        wait: whether to wait for another process that holds it.

    Raises:
        BlockingIOError: another one holds it.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        yield
        return
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError as error:
            if error.errno == errno.EWOULDBLOCK:
                raise
        yield
    finally:
        os.close(handle)
