"""Files that are written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from autograder.export.records import ExportError

__all__ = ["write_file"]


def write_file(path: Path, data: bytes) -> None:
    """Write a file so that a kill leaves the old one or the new one; its folder is made.

    Raises:
        ExportError: it can't be written.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        try:
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise ExportError(f"{path} can't be written: {error.strerror}.", "Give another place with --output.") from error
