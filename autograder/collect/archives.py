"""Unpack a .zip that an LMS made: nothing lands outside, no link is made, and no bomb goes off."""

from __future__ import annotations

import shutil
import stat
import zipfile
from os import utime
from pathlib import Path
from time import mktime

from autograder.errors import GradeError

__all__ = ["unpack"]

MAX_MEMBERS = 100_000
MAX_MEMBER_BYTES = 500 * 1024**2
MAX_BYTES = 20 * 1024**3
"""A class of 1000 that hands in data and weights with each notebook stays under 10 GiB."""


def unpack(archive: Path, folder: Path) -> None:
    """Unpack an archive into a folder.

    Args:
        archive: a .zip file.
        folder: exists, and is empty.

    Raises:
        GradeError: it is no archive, a member points outside or is a link, or it is
            larger than a class can be.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            _check_sizes(archive, members)
            targets = [(member, _target(archive, folder, member)) for member in members]
            for member, target in targets:
                _unpack_one(opened, member, target)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise GradeError(f"{archive} cannot be unpacked: {error}.", "Download it once more.") from error


def _check_sizes(archive: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive that would fill the disk; zipfile reads no more than a member declares."""
    if len(members) > MAX_MEMBERS:
        raise GradeError(f"{archive} has {len(members)} members; {MAX_MEMBERS} are allowed.")
    for member in members:
        if member.file_size > MAX_MEMBER_BYTES:
            raise GradeError(
                f"{archive}: {member.filename!r} has {member.file_size} bytes; {MAX_MEMBER_BYTES} are allowed."
            )
    total = sum(member.file_size for member in members)
    if total > MAX_BYTES:
        raise GradeError(f"{archive} has {total} bytes unpacked; {MAX_BYTES} are allowed.")


def _target(archive: Path, folder: Path, member: zipfile.ZipInfo) -> Path:
    """Return where a member goes, or refuse it."""
    root = folder.resolve()
    target = (root / member.filename.replace("\\", "/")).resolve()
    if not target.is_relative_to(root):
        raise GradeError(
            f"{archive}: {member.filename!r} points outside the archive.", "No LMS writes such an archive."
        )
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise GradeError(f"{archive}: {member.filename!r} is a link or a device.", "No LMS writes such an archive.")
    return target


def _unpack_one(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Write one member, with its time of change: it tells the later of two submissions."""
    if member.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with opened.open(member) as source, target.open("xb") as copy:
        shutil.copyfileobj(source, copy)
    try:
        changed = mktime((*member.date_time, 0, 0, -1))  # a zip has local times
    except (ValueError, OverflowError):  # and may have the month 0
        return
    utime(target, (changed, changed))
