"""Write what a system takes back: the same files make the same bytes, and a zip is there whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from autograder.files import replacing, write_file

__all__ = ["read_small", "write_folder", "write_private", "write_zip"]

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644
_MAX_SMALL_BYTES = 4096


def write_zip(path: Path, sources: Mapping[str, Path]) -> None:
    """Write a zip of files, each under its name, without times and owners."""
    with replacing(path) as partial, ZipFile(partial, "w", ZIP_DEFLATED) as packed:
        for name in sorted(sources):
            member = ZipInfo(name, _EPOCH)
            member.compress_type, member.external_attr = ZIP_DEFLATED, (stat.S_IFREG | _MODE) << 16
            packed.writestr(member, sources[name].read_bytes())


def write_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write files below a folder, each whole."""
    for name in sorted(contents):
        write_file(folder / name, contents[name])


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone may read."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with replacing(path) as partial, os.fdopen(os.open(partial, flags, 0o600), "wb") as file:
        file.write(text.encode("utf-8", "replace"))


def read_small(path: Path) -> bytes | None:
    """Return the bytes of a small file that a student handed in; None for a link, or what is none or too large."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return None
            content = file.read(_MAX_SMALL_BYTES + 1)
    except (OSError, ValueError):
        return None
    return content if len(content) <= _MAX_SMALL_BYTES else None
