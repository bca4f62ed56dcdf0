"""Take files out of an archive that others made.

Nothing lands outside, no link is made, and no bomb goes off. A member that can't be taken out costs
itself alone. Bytes are written under names of our own, in one folder, so that no member's name can be
too long for the disk, mean something to it, or collide with another's.
"""

from __future__ import annotations

import gzip
import os
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import mktime
from typing import IO, BinaryIO

from autograder.collect.limits import ArchiveLimits
from autograder.collect.records import Node
from autograder.collect.tree import MAX_DEPTH, TOO_DEEP, readable, without_twins
from autograder.errors import GradeError
from autograder.log import log_suppressed

__all__ = ["is_archive", "read_archive", "read_archives"]


_CHUNK = 2**20
_ZIP = (".zip",)
_TAR = (".tar.gz", ".tgz", ".tar")
_LONGEST = 500
"""Characters of a name; no disk takes more, and what reads names need not be quick for longer ones."""
_UTF8 = 0x800
"""The flag of a zip's member that says that its name is UTF-8."""


def is_archive(name: str) -> bool:
    """Return whether a name is that of an archive that can be opened here."""
    return name.casefold().endswith(_ZIP + _TAR)


def read_archive(
    archive: Path, folder: Path, limits: ArchiveLimits, wanted: Callable[[str], bool], place: str = ""
) -> list[Node]:
    """Return an archive's members as a tree; those that are wanted are taken out.

    Args:
        archive: a .zip, .tar.gz, .tgz or .tar.
        folder: takes the bytes; may hold those of other archives.
        limits: how large it may be.
        wanted: whether a member of this name is taken out.
        place: what members' places begin with, such as `ada.zip/`.

    Raises:
        GradeError: it is no archive, or a larger one than is allowed.
    """
    read = _read_zip if archive.name.casefold().endswith(_ZIP) or zipfile.is_zipfile(archive) else _read_tar
    try:
        members = list(read(archive, _Store(folder, limits), wanted))
    except GradeError:
        raise
    except Exception as error:  # zipfile and tarfile raise whatever a damaged file makes them hit
        raise GradeError(f"{archive} cannot be unpacked: {error}.", "Download it once more.") from error
    return _tree(_without_copies(members), place, limits.members)


def read_archives(
    archives: Sequence[tuple[Path, str]], folder: Path, limits: ArchiveLimits, wanted: Callable[[str], bool]
) -> list[list[Node] | None]:
    """Return the members of each of several archives; None for one that can't be read.

    Args:
        archives: each with what its members' places begin with.
        folder: takes the bytes; it is empty.
        limits: how large they may be together.
        wanted: whether a member of this name is taken out.
    """
    trees: list[list[Node] | None] = []
    most = limits.total
    for archive, place in archives:
        try:
            tree = read_archive(archive, folder, limits, wanted, place)
        except GradeError as error:
            log_suppressed(error)
            trees.append(None)
        else:
            limits = replace(limits, members=limits.members - _count(tree))
            trees.append(tree)
        left = most - sum(path.stat().st_size for path in folder.iterdir())
        limits = replace(limits, total=max(0, left))
    return trees


def _count(nodes: Sequence[Node]) -> int:
    """Return how many nodes there are with all below them."""
    return sum(1 + _count(node.children) for node in nodes)


@dataclass(frozen=True)
class _Member:
    """One member of an archive, by its parts' names."""

    parts: tuple[str, ...]
    name: str
    is_folder: bool = False
    path: Path | None = None
    fault: str = ""
    changed: float = 0.0
    content: tuple[int, int] = (0, 0)


class _Store:
    """Write members' bytes into a folder, as many as the limits allow."""

    def __init__(self, folder: Path, limits: ArchiveLimits) -> None:
        self.limits = limits
        self._folder = folder
        self._left = limits.total

    def keep(self, source: IO[bytes]) -> Path:
        """Write what can be read from a member into a file of our own.

        Raises:
            OSError: there is more of it than is allowed.
        """
        handle, name = tempfile.mkstemp(dir=self._folder)
        target = Path(name)
        room = min(self.limits.member, self._left)
        try:
            with os.fdopen(handle, "wb") as copy:
                while chunk := source.read(_CHUNK):
                    room -= len(chunk)
                    self._left -= len(chunk)
                    if room < 0:
                        raise OSError("it is larger than is allowed")
                    copy.write(chunk)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        return target


def _read_zip(archive: Path, store: _Store, wanted: Callable[[str], bool]) -> Iterator[_Member]:
    """Yield a zip's members."""
    _check_directory(archive, store.limits)
    with zipfile.ZipFile(archive) as opened:
        members = opened.infolist()
        if len(members) > store.limits.members:
            raise GradeError(f"{archive} has {len(members)} members; {store.limits.members} are allowed.")
        for member in members:
            name = _zip_name(member)
            parts, fault = _split(name)
            if not parts:
                continue
            yield _take_zipped(
                opened,
                member,
                _Member(parts, member.orig_filename, name.endswith(("/", "\\")), fault=fault),
                store,
                wanted,
            )


def _check_directory(archive: Path, limits: ArchiveLimits) -> None:
    """Refuse a zip whose list of members fills the memory, before zipfile reads it."""
    with archive.open("rb") as file:
        record = zipfile._EndRecData(file)  # type: ignore[attr-defined]  # noqa: SLF001 - it has to be what zipfile sees
    if record is not None and record[5] > limits.directory:
        raise GradeError(f"{archive} lists more members than is allowed.")


def _zip_name(member: zipfile.ZipInfo) -> str:
    """Return a member's name: UTF-8 where it is, whether the archive says so or not."""
    if member.flag_bits & _UTF8:
        return member.orig_filename
    try:
        return member.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return member.orig_filename


def _take_zipped(
    opened: zipfile.ZipFile, member: zipfile.ZipInfo, entry: _Member, store: _Store, wanted: Callable[[str], bool]
) -> _Member:
    """Return a zip's member, taken out where it is wanted and can be."""
    entry = replace(entry, changed=_changed(member), content=(member.CRC, member.file_size))
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return replace(entry, fault="is a link or a device; links are not followed")
    if entry.fault or entry.is_folder or not wanted(entry.parts[-1]):
        return entry
    if member.flag_bits & 1:
        return replace(entry, fault="is locked with a password")
    try:
        with opened.open(member) as source:
            return replace(entry, path=store.keep(source))
    except Exception as error:  # noqa: BLE001 - the same, for one member
        return replace(entry, fault=f"can't be unpacked: {error}")


def _changed(member: zipfile.ZipInfo) -> float:
    """Return a member's time of change, which a zip has as local time; 0 where it is no time."""
    try:
        return mktime((*member.date_time, 0, 0, -1))
    except (ValueError, OverflowError):  # a zip may have the month 0
        return 0.0


class _Bounded:
    """Read so many bytes of a stream that is unpacked on the way, and no more."""

    def __init__(self, source: BinaryIO | gzip.GzipFile, most: int) -> None:
        self._source, self._left = source, most

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data = self._source.read(min(size, _CHUNK) if size >= 0 else _CHUNK)
        self._left -= len(data)
        if self._left < 0:
            raise OSError("it is larger than is allowed")
        return data


def _read_tar(archive: Path, store: _Store, wanted: Callable[[str], bool]) -> Iterator[_Member]:
    """Yield a tar archive's members, in one pass."""
    with archive.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        stream = _Bounded(gzip.GzipFile(fileobj=file) if packed else file, store.limits.total)
        with tarfile.open(fileobj=stream, mode="r|", bufsize=_CHUNK) as opened:  # type: ignore[call-overload]
            for number, member in enumerate(opened):
                if number >= store.limits.members:
                    raise GradeError(f"{archive} has more than {store.limits.members} members.")
                if _split(member.name)[0]:
                    yield _take_from_tar(opened, member, store, wanted)
                opened.members = []  # tarfile remembers each


def _take_from_tar(
    opened: tarfile.TarFile, member: tarfile.TarInfo, store: _Store, wanted: Callable[[str], bool]
) -> _Member:
    """Return a tar archive's member, taken out where it is wanted and can be."""
    parts, fault = _split(member.name)
    entry = _Member(
        parts, member.name, member.isdir(), fault=fault, changed=float(member.mtime), content=(id(member), member.size)
    )
    if not (member.isreg() or member.isdir()):
        return replace(entry, fault="is a link or a device; links are not followed")
    if fault or member.isdir() or not wanted(parts[-1]):
        return entry
    try:
        source = opened.extractfile(member)
        return entry if source is None else replace(entry, path=store.keep(source))
    except OSError as error:
        return replace(entry, fault=f"can't be unpacked: {error}")


def _split(name: str) -> tuple[tuple[str, ...], str]:
    """Return a member's name in parts, and why it isn't taken out; "" where it may be.

    The archive's own `./` has no parts.
    """
    written = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    parts = tuple(readable(part[:_LONGEST]) for part in written)
    outside = name.startswith(("/", "\\")) or ".." in parts or (parts and len(parts[0]) == 2 and parts[0][1] == ":")
    if outside:
        return tuple(part for part in parts if part != "..") or ("…",), "points outside the archive"
    if len(parts) > MAX_DEPTH:
        return (*parts[: MAX_DEPTH - 1], parts[-1]), TOO_DEEP
    if any(len(part) > _LONGEST or "\0" in part for part in written):
        return tuple(part.replace("\0", "?") for part in parts), "has no proper name"
    return parts, ""


def _without_copies(members: Sequence[_Member]) -> list[_Member]:
    """Return the members; of several of one name with different contents none is read."""
    seen: dict[str, set[tuple[int, int]]] = {}
    for member in members:
        if not member.is_folder:
            seen.setdefault(member.name, set()).add(member.content)
    fault = "stands in the archive several times, with different contents"
    last = {member.name: member for member in members if not member.is_folder}
    return [
        replace(member, path=None, fault=member.fault or fault) if len(seen.get(member.name, ())) > 1 else member
        for member in members
        if member.is_folder or last[member.name] is member
    ]


def _tree(members: Sequence[_Member], place: str, most: int) -> list[Node]:
    """Return members as a tree; folders that have no entry of their own are added.

    Raises:
        GradeError: there are more than is allowed.
    """
    top: list[Node] = []
    folders: dict[tuple[str, ...], Node] = {}

    def siblings(parts: tuple[str, ...]) -> list[Node]:
        """Return the list that a folder's own entries stand in."""
        if not parts:
            return top
        if parts not in folders:
            if len(members) + len(folders) >= most:
                raise GradeError(f"An archive has more folders than is allowed: {most} with all that is in them.")
            folders[parts] = Node(parts[-1], place + "/".join(parts), None, is_folder=True)
            siblings(parts[:-1]).append(folders[parts])
        return folders[parts].children

    for member in members:
        if member.is_folder and not member.fault:
            siblings(member.parts)
            continue
        name = place + "/".join(member.parts)
        siblings(member.parts[:-1]).append(
            Node(member.parts[-1], name, member.path, fault=member.fault, changed=member.changed)
        )
    for parts, folder in folders.items():
        folder.children[:] = without_twins(folder.children, place + "/".join(parts) + "/")
    return without_twins(top, place)
