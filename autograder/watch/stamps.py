"""See that files have changed, and read one as it was seen.

No link is followed, however quickly somebody puts one in a file's or a folder's place.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple

from autograder.collect.tree import MAX_DEPTH, MAX_ENTRIES

__all__ = ["ChangedError", "Stamp", "opened", "scan"]

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a pipe under a file's name would wait


class ChangedError(OSError):
    """A file is another one than was seen."""


class Stamp(NamedTuple):
    """One state of a file or folder.

    Attributes:
        mode: what it is, and who may read it.
        size: its bytes.
        changed: its time of change, in nanoseconds since 1970.
        inode: its number.
    """

    mode: int
    size: int
    changed: int
    inode: int

    @property
    def is_file(self) -> bool:
        """Whether it is an ordinary file."""
        return stat.S_ISREG(self.mode)

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.mode)


def scan(folder: Path) -> dict[str, Stamp]:
    """Return the stamp of all that lies in a folder, by path.

    It looks as deep, and at as many files, as `read_tree` does.

    Raises:
        OSError: the folder can't be listed.
    """
    stamps: dict[str, Stamp] = {}
    with _handle(os.open(folder, _FOLDER)) as handle:
        for name, stamp in _entries(handle):
            path = f"{folder}/{name}"
            stamps[path] = stamp
            if stamp.is_folder:
                _scan_below(handle, name, path, 1, stamps, len(stamps) + MAX_ENTRIES)
    return stamps


def _scan_below(parent: int, name: str, place: str, depth: int, stamps: dict[str, Stamp], most: int) -> None:
    """Add what lies in a folder; one that is gone, or can't be listed, has nothing in it."""
    with suppress(OSError), _handle(os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=parent)) as handle:
        for inner, stamp in _entries(handle):
            if len(stamps) >= most:
                return
            path = f"{place}/{inner}"
            stamps[path] = stamp
            if stamp.is_folder and depth <= MAX_DEPTH:
                _scan_below(handle, inner, path, depth + 1, stamps, most)


@contextmanager
def _handle(number: int) -> Iterator[int]:
    """Close an open folder at the end."""
    try:
        yield number
    finally:
        os.close(number)


def _entries(handle: int) -> Iterator[tuple[str, Stamp]]:
    """Yield a folder's entries; what vanishes meanwhile is left out."""
    with os.scandir(handle) as entries:
        for entry in entries:
            with suppress(OSError):
                yield entry.name, _stamp(entry.stat(follow_symlinks=False))


def _stamp(about: os.stat_result) -> Stamp:
    """Return the stamp in what the system says of a file."""
    return Stamp(about.st_mode, about.st_size, about.st_mtime_ns, about.st_ino)


@contextmanager
def opened(path: Path | str, stamp: Stamp) -> Iterator[BinaryIO]:
    """Open a file that was seen, to be read.

    Raises:
        ChangedError: it is another one now, or became one while it was read.
        OSError: it can't be read.
    """
    with os.fdopen(os.open(path, _FILE), "rb") as file:
        _refuse_changed(file, stamp)
        yield file
        _refuse_changed(file, stamp)


def _refuse_changed(file: BinaryIO, stamp: Stamp) -> None:
    """Raise where an open file is not the one that was seen."""
    if _stamp(os.fstat(file.fileno())) != stamp:
        raise ChangedError(f"{file.name} has changed")
