"""What a module of `lms/` says about its learning management system."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.export.records import ExportRequest, Score, Worksheet
from autograder.export.table import Table

__all__ = ["CLASS_LIST_OPTIONS", "ClassListSystem", "NewFilesSystem", "System"]

CLASS_LIST_OPTIONS = ("class_list", "column", "match", "replace", "overwrite", "scale", "cap", "decimal")
"""Fields of `ExportRequest` that mean something to every system with a class list."""


@dataclass(frozen=True, kw_only=True)
class System:
    """A learning management system, or another program that takes scores.

    Attributes:
        name: what `--lms` calls it.
        title: what people call it.
        options: fields of `ExportRequest` that mean something to it, and nothing to some other system.
    """

    name: str
    title: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClassListSystem(System):
    """A system whose own class list is filled.

    Attributes:
        download: where a person gets the class list, as a sentence.
        read: (class list, request, most points of a score) -> where things stand in it. Raises an `ExportError` whose
            tip is `download` where the file is no class list of this system.
    """

    download: str
    read: Callable[[Table, ExportRequest, float], Worksheet]
    options: tuple[str, ...] = CLASS_LIST_OPTIONS


@dataclass(frozen=True, kw_only=True)
class NewFilesSystem(System):
    """A system that takes files of its own, made from the scores alone.

    Attributes:
        write: (scores, request) -> the file or folder. It writes nothing on a dry run.
    """

    write: Callable[[Sequence[Score], ExportRequest], Path]
