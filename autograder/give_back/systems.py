"""What a module of `lms/` says about giving back to its system."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FolderSystem", "NoSystem", "Page", "System", "ZipSystem", "first_match"]


@dataclass(frozen=True)
class Page:
    """One student's feedback.

    Attributes:
        student: the id.
        path: the page.
        handed_in: where the notebook that counts stood in what was collected, by `/`; "" where nobody knows.
        convention: whose names these are, as the collect stage read them.
    """

    student: str
    path: Path
    handed_in: str = ""
    convention: str = ""


@dataclass(frozen=True, kw_only=True)
class System:
    """A system, or a way, to give feedback back.

    Attributes:
        name: what `--lms` calls it.
        title: what people call it.
        next_step: what a person does with what was written, in a sentence.
    """

    name: str
    title: str
    next_step: str


@dataclass(frozen=True, kw_only=True)
class ZipSystem(System):
    """A system that takes one zip.

    Attributes:
        place: (where the notebook was handed in) -> the page's name in the zip; None where the name is none of this
            system's download.
    """

    place: Callable[[str], str | None]


@dataclass(frozen=True, kw_only=True)
class FolderSystem(System):
    """A system that takes a folder of pages.

    Attributes:
        default: the folder, where no other is named, as seen from OUT.
        write: (pages, folder, OUT, assignment) -> writes them.
    """

    default: str
    write: Callable[[Sequence[Page], Path, Path, str], None]


@dataclass(frozen=True, kw_only=True)
class NoSystem(System):
    """A system that takes nothing of the kind; `next_step` says what there is instead."""


def first_match(pattern: re.Pattern[str], path: str) -> re.Match[str] | None:
    """Return the match of the first part of a path that a system named so; None where none is."""
    return next((match for part in path.split("/") if (match := pattern.fullmatch(part))), None)
