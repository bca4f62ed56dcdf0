"""`collected.csv` and `collected.json`: what was handed in, for people and for programs."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

from autograder.collect.console import unclear_lines
from autograder.collect.records import CollectedFile, Collection
from autograder.errors import GradeError
from autograder.files import write_file
from autograder.log import log_suppressed
from autograder.texts import guard_formula

__all__ = ["read_unclear", "record_path", "write_collection"]


def write_collection(collection: Collection, out: Path) -> None:
    """Write both files into a folder, which is made.

    They are of the assignment that was collected last; below `assignments/` each one's are kept.

    Raises:
        GradeError: they can't be written.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    columns = [field.name for field in dataclasses.fields(CollectedFile)]
    writer.writerow(columns)
    for file in collection.files:
        writer.writerow([guard_formula(getattr(file, column)) for column in columns])
    try:
        for folder in (out / "assignments" / collection.assignment, out):
            write_file(folder / "collected.csv", text.getvalue())
            write_file(folder / "collected.json", json.dumps(_summary(collection), indent=1) + "\n")
    except OSError as error:
        raise GradeError(f"{out} cannot be written: {error.strerror}.") from error


def record_path(out: Path, assignment: str) -> Path:
    """Return where an assignment's `collected.json` lies."""
    return out / "assignments" / assignment / "collected.json"


def _summary(collection: Collection) -> dict[str, Any]:
    """Return a collection as JSON values."""
    students = [
        {"student": one.student, "notebook": one.origin if one.notebook else None, "note": one.note}
        for one in collection.submissions
    ]
    return {
        "path": collection.path,
        "assignment": collection.assignment,
        "convention": collection.convention,
        "unclear": unclear_lines(collection),
        "kinds": dict(sorted(Counter(file.kind for file in collection.files).items())),
        "students": students,
        "not_understood": [dataclasses.asdict(file) for file in collection.not_understood],
        "roster": None if collection.roster is None else dataclasses.asdict(collection.roster),
        "files": [dataclasses.asdict(file) for file in collection.files],
    }


def read_unclear(out: Path, assignment: str) -> tuple[str, ...]:
    """Return the sentences about what of an assignment was not understood.

    There are none where there is no `collected.json` that can be read.
    """
    try:
        return tuple(map(str, json.loads(record_path(out, assignment).read_bytes())["unclear"]))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, RecursionError, KeyError, TypeError) as error:
        log_suppressed(error)
        return ()
