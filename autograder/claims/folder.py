"""`OUT/claims/`: a record of each submission's run, and the bytes of all answers, equal ones once.

A record is JSON, and is checked as a stranger's when it is read; its form is its owner's.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Collection, Mapping
from pathlib import Path

from autograder.claims.packing import GoneError
from autograder.files import write_file

__all__ = ["ClaimsFolder"]

_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST_RECORD = 2**24  # bytes of a record; usual ones have two thousand
_MOST_KEPT = 2**28  # bytes of one file


class ClaimsFolder:
    """What is kept of a class; several threads may use it.

    Args:
        folder: `OUT/claims`; it is made when something is kept.
        most: how many bytes may be kept in all.

    Attributes:
        size: how many bytes are kept.
        unkept: whose records there was no room for, by student's folder and assignment.
        has_replaced: whether a record went, so that bytes may lie there that none needs.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self._arrays, self._records = folder / "arrays", folder / "students"
        self._most = most
        self._lock = threading.Lock()
        self.unkept: list[tuple[str, str]] = []
        self.has_replaced = False
        self._present = {entry.name: entry.stat().st_size for entry in _entries(self._arrays)}
        self.size = sum(self._present.values())
        self.size += sum(entry.stat().st_size for each in _entries(self._records) for entry in _entries(Path(each)))

    def has(self, digest: str) -> bool:
        """Return whether bytes are kept."""
        return digest in self._present

    def write(self, name: tuple[str, str], record: str, kept: Mapping[str, bytes]) -> None:
        """Keep a record and the bytes that it needs, which come first; nothing where there is no room.

        Args:
            name: the student's folder, and the assignment.
            record: JSON.
            kept: compressed bytes, by digest.
        """
        with self._lock:
            self.forget(name)
            new = {digest: content for digest, content in kept.items() if digest not in self._present}
            size = len(record.encode()) + sum(map(len, new.values()))
            if self.size + size > self._most:
                self.unkept.append(name)
                return
            for digest, content in new.items():
                write_file(self._arrays / digest, content)
                self._present[digest] = len(content)
            write_file(self._path(name), record)
            self.size += size

    def forget(self, name: tuple[str, str]) -> None:
        """Remove a record, if there is one; its bytes stay until `sweep`."""
        path = self._path(name)
        if path.is_file():
            self.size -= path.stat().st_size
            path.unlink()
            self.has_replaced = True

    def read(self, name: tuple[str, str]) -> bytes:
        """Return a record.

        Raises:
            GoneError: none is there.
        """
        return _content(self._path(name), _MOST_RECORD, "none were kept")

    def bytes_of(self, digest: str) -> bytes:
        """Return compressed bytes.

        Raises:
            GoneError: they aren't there.
        """
        if not _DIGEST.fullmatch(digest):
            raise GoneError("the record of its claims is damaged")
        return _content(self._arrays / digest, _MOST_KEPT, "some of them are missing")

    def sweep(self, needed: Collection[str]) -> None:
        """Remove the bytes that no record needs."""
        with self._lock:
            for digest in self._present.keys() - set(needed):
                (self._arrays / digest).unlink(missing_ok=True)
                self.size -= self._present.pop(digest)

    def names(self) -> list[tuple[str, str]]:
        """Return whose records there are: the student's folder, and the assignment."""
        return sorted(
            (each.name, entry.name.removesuffix(".json"))
            for each in _entries(self._records)
            for entry in _entries(Path(each))
        )

    def _path(self, name: tuple[str, str]) -> Path:
        """Return where a record lies."""
        return self._records / name[0] / f"{name[1]}.json"


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what is in a folder; nothing where there is none."""
    try:
        with os.scandir(folder) as entries:
            return [entry for entry in entries if not entry.name.startswith(".")]
    except FileNotFoundError:
        return []


def _content(path: Path, most: int, missing: str) -> bytes:
    """Return a file's bytes; of one that is larger than any of ours nothing."""
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise GoneError(missing) from error
    if len(content) > most:
        raise GoneError("the record of its claims is damaged")
    return content
