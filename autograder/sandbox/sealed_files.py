"""Bytes in sealed memory, which nobody can change.

They pass from process to process without a copy.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import math
import mmap
import os
import socket
import stat
import weakref
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["HEADER_BYTES", "SealedFile", "StoredArray", "read_claims", "socket_of"]

HEADER_BYTES = 20_000_000
"""At most, of a description of the answers."""
_SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
_MAPPED = 2**16  # bytes: less is read
_ALIGNED = 64  # bytes


class SealedFile:
    """A sealed file in memory; it is closed when nobody holds it any more.

    Args:
        file: the file, open; it is this object's from here on.
    """

    def __init__(self, file: int) -> None:
        self.file = file
        self.size = os.fstat(file).st_size
        weakref.finalize(self, os.close, file)

    @classmethod
    def from_bytes(cls, content: bytes | memoryview) -> Self:
        """Return a file with this content."""
        file = _new_file()
        _write(file, 0, content)
        fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
        return cls(file)

    @classmethod
    def copied(cls, source: int, size: int) -> Self:
        """Return a copy of so many bytes of an open file, or of as many as there are."""
        file = _new_file()
        try:
            _copy(source, file, size)
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
        except BaseException:
            os.close(file)
            raise
        return cls(file)

    @classmethod
    def filled(cls, size: int, fill: Callable[[memoryview], None]) -> Self:
        """Return a file of so many bytes that a function fills, without a copy anywhere."""
        file = _new_file()
        try:
            os.ftruncate(file, size)
            if size:
                with mmap.mmap(file, size) as mapped, memoryview(mapped) as room:
                    fill(room)
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
        except BaseException:
            os.close(file)
            raise
        return cls(file)

    @classmethod
    def joined(cls, size: int, pieces: Mapping[int, bytes | StoredArray]) -> Self:
        """Return a file of so many bytes.

        Args:
            size: how many; where no piece lies, they are 0.
            pieces: what it is made of, by where each begins; no two of them overlap.

        Raises:
            OSError: an array's file is not there any more, or shorter than it was.
        """
        file = _new_file()
        try:
            os.ftruncate(file, size)
            for start, piece in pieces.items():
                if isinstance(piece, StoredArray):
                    piece.copy_into(file, start)
                else:
                    _write(file, start, piece)
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
        except BaseException:
            os.close(file)
            raise
        return cls(file)

    @classmethod
    def receive(cls, peer: socket.socket) -> Self:
        """Return the file that the other side sends next.

        Raises:
            EOFError: it sends none.
        """
        files = socket.recv_fds(peer, 1, 1)[1]
        if not files:
            raise EOFError("no file follows")
        return cls(files[0])

    def read_only(self) -> Self:
        """Return the same file, open for reading alone; whoever isn't its owner can't change its attributes either."""
        os.fchmod(self.file, 0o444)
        return type(self)(os.open(f"/proc/self/fd/{self.file}", os.O_RDONLY | os.O_CLOEXEC))

    def send(self, peer: socket.socket) -> None:
        """Send the file to a process on this machine; it stays open here."""
        socket.send_fds(peer, [b"."], [self.file])

    def read(self, start: int, count: int) -> bytes:
        """Return so many bytes from a place on, or as many as there are."""
        return os.pread(self.file, count, start)

    def numbers(self, start: int, shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> NDArray[np.generic]:
        """Return an array over its own part of the bytes, which must be there.

        Whoever changes the array changes nothing else.
        """
        count = int(np.prod(shape, dtype=np.int64))
        size = count * dtype.itemsize
        if size < _MAPPED or start % _ALIGNED:
            return np.frombuffer(bytearray(self.read(start, size)), dtype, count).reshape(shape)
        before = start % mmap.ALLOCATIONGRANULARITY
        mapped = mmap.mmap(self.file, before + size, access=mmap.ACCESS_COPY, offset=start - before)
        return np.frombuffer(mapped, dtype, count, before).reshape(shape)


@dataclass(frozen=True)
class StoredArray:
    """An array in a file on disk.

    Attributes:
        path: has its numbers, row by row, and nothing else.
        dtype: their type, as NumPy writes it.
        shape: the array's.
    """

    path: Path
    dtype: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize

    def sealed(self) -> SealedFile:
        """Return a copy of the numbers.

        Raises:
            OSError: the file is not there any more.
        """
        with self.path.open("rb") as file:
            return SealedFile.copied(file.fileno(), self.size)

    def copy_into(self, file: int, start: int) -> None:
        """Write the numbers into an open file, from a place on.

        Raises:
            OSError: the file is not there any more, or shorter than it was.
        """
        with self.path.open("rb") as source:
            os.lseek(file, start, os.SEEK_SET)
            if _copy(source.fileno(), file, self.size) < self.size:
                raise OSError(errno.EIO, "it is shorter than it was", str(self.path))


@contextlib.contextmanager
def socket_of(connection: Connection) -> Iterator[socket.socket]:
    """Yield the socket of a connection, which files are sent over."""
    with socket.socket(fileno=os.dup(connection.fileno())) as peer:
        yield peer


def _new_file() -> int:
    """Return a new file in memory that can be sealed, open."""
    return os.memfd_create("sealed", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)


def _write(file: int, start: int, content: bytes | memoryview) -> None:
    """Write all of the content, from a place on."""
    left = memoryview(content)
    while left:
        count = os.pwrite(file, left, start)
        left, start = left[count:], start + count


def _copy(source: int, file: int, size: int) -> int:
    """Copy so many bytes from a file's beginning to where the other one stands, or as many as there are; return how many."""
    done = 0
    while done < size and (count := os.sendfile(file, source, done, size - done)):
        done += count
    return done


def read_claims(folder: int, name: str, most: int) -> SealedFile | None:
    """Copy a file out of the folder that is shared with a kernel, and delete it there.

    Args:
        folder: the folder, open.
        name: the file; a link, a pipe or a device is not read.
        most: bytes of numbers that are read, beside a header.

    Returns:
        The copy; None when there is no such file, or it is too large.
    """
    try:
        file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return None
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_size > most + HEADER_BYTES:
            return None
        return SealedFile.copied(file, status.st_size)
    finally:
        os.close(file)
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=folder)
