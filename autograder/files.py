"""Write files whole: whoever reads, and whoever comes after a kill, meets the old file or the new one."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["replacing", "write_file"]


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to, and move what stands there into the place of `path`, unless writing it fails.

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
    """Write a file, line ends as they are; what a text's encoding has no place for, such as a lone surrogate, becomes "?"."""
    data = content if isinstance(content, bytes) else content.encode(encoding, "replace")
    with replacing(path) as partial:
        partial.write_bytes(data)
