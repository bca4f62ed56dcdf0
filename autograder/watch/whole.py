"""Tell by its content whether a notebook or an archive is whole; half of one is still being written."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import BinaryIO

from autograder.collect.archives import is_archive
from autograder.collect.kinds import notebook_stem
from autograder.execute.notebook_file import MAX_BYTES
from autograder.log import log_suppressed
from autograder.watch.stamps import Stamp, opened

__all__ = ["is_partial", "is_whole"]

_PARTIAL = re.compile(
    r".*\.(?:part|partial|filepart|crdownload|te?mp)|.*~|~.*|\.(?!_).*\.(?:ipynb|zip|tar|tgz)\b.*",
    re.IGNORECASE | re.DOTALL,
)
"""What programs call a file until it is whole: browsers, rsync, Nextcloud, editors."""
_TEXT = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_AROUND = b"\xef\xbb\xbf \t\r\n"
_UNPACKED_BYTES = 2**26  # of a packed archive: what has more is taken for whole
_CHUNK = 2**20
_BLOCKS = 1024  # bytes of zeros that a tar archive ends with


def is_partial(name: str) -> bool:
    """Return whether a file's name says that it is not whole yet."""
    return _PARTIAL.fullmatch(name) is not None


def is_whole(path: str, stamp: Stamp) -> bool:
    """Return whether a notebook or an archive ends where it should; what is neither is whole.

    Args:
        path: the file.
        stamp: what it was when it was seen; one that has changed since is not whole.
    """
    name = path.rpartition("/")[2]
    notebook = notebook_stem(name) is not None
    if not stamp.is_file or not (notebook or is_archive(name)) or (notebook and stamp.size > MAX_BYTES):
        return True
    try:
        with opened(path, stamp) as file:
            return _closes(file.read()) if notebook else _is_whole_archive(file, stamp.size)
    except (OSError, zlib.error) as error:
        log_suppressed(error)
        return False


def _closes(data: bytes) -> bool:
    """Return whether a notebook's brackets close: of what was cut off, the first one never does.

    Nothing is parsed, since it may be built to take a grader's memory.
    """
    bare = _TEXT.sub(b"", data.strip(_AROUND))
    if not (bare.startswith(b"{") and bare.endswith(b"}")) or b'"' in bare or b"\0" in bare:
        return False
    return bare.count(b"{") == bare.count(b"}") and bare.count(b"[") == bare.count(b"]")


def _is_whole_archive(file: BinaryIO, size: int) -> bool:
    """Return whether an archive has its end."""
    begin = file.read(2)
    file.seek(0)
    if begin == b"\x1f\x8b":
        return _unpacks(file)
    if begin == b"PK":
        return zipfile.is_zipfile(file)
    file.seek(max(0, size - _BLOCKS))
    return size % 512 == 0 and file.read() == bytes(_BLOCKS)


def _unpacks(file: BinaryIO) -> bool:
    """Return whether packed bytes end as they should; of many the first ones have to do."""
    packed, left = zlib.decompressobj(wbits=31), _UNPACKED_BYTES
    while left > 0 and not packed.eof:
        chunk = packed.unconsumed_tail or file.read(_CHUNK)
        if not chunk:
            return False
        left -= len(packed.decompress(chunk, _CHUNK))
    return True
