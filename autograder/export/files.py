"""Write what an LMS takes."""

from __future__ import annotations

from pathlib import Path

from autograder.export.records import ExportError
from autograder.files import write_file

__all__ = ["write_export"]


def write_export(path: Path, content: str | bytes) -> None:
    """Write a file as a whole.

    Raises:
        ExportError: it can't be written.
    """
    try:
        write_file(path, content)
    except OSError as error:
        raise ExportError(f"{path} can't be written: {error.strerror}.", "Give another place with --output.") from error
