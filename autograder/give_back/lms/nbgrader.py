"""nbgrader's `feedback/`: `nbgrader release_feedback` takes it from there, and students fetch it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from autograder.errors import GradeError
from autograder.files import write_file
from autograder.give_back.systems import FolderSystem, Page

__all__ = ["SYSTEM"]


def _write(pages: Sequence[Page], folder: Path, out: Path, assignment: str) -> None:
    """Write each page whole: nbgrader's exchange takes a page alone, and no file beside it."""
    for page in pages:
        if "/" in page.student or page.student in (".", ".."):
            raise GradeError(f"{page.student!r} can't be the name of a folder, as nbgrader has it.")
        write_file(folder / page.student / assignment / f"{assignment}.html", page.path.read_bytes())


SYSTEM = FolderSystem(
    name="nbgrader",
    title="nbgrader",
    next_step="In the course's folder, `nbgrader release_feedback` hands the pages out; students fetch them.",
    default="nbgrader/feedback",
    write=_write,
)
