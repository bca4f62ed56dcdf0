"""`collected.csv` and `collected.json`: what was handed in, for people and for programs."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.collect.console import unclear_lines
from autograder.collect.records import CollectedFile, Collection
from autograder.errors import GradeError
from autograder.files import write_file
from autograder.log import log_suppressed
from autograder.texts import guard_formula

__all__ = ["merge_collections", "read_unclear", "record_path", "write_collection"]

_KEYS = {"path", "convention", "unclear", "kinds", "students", "not_understood", "files"}
"""What a record is merged from."""


def write_collection(collection: Collection, out: Path) -> None:
    """Write both files into a folder, which is made.

    They are of the assignment that was collected last; below `assignments/` each one's are kept.

    Raises:
        GradeError: they can't be written.
    """
    _write(_summary(collection), out)


def merge_collections(outs: Sequence[Path], out: Path, assignment: str) -> None:
    """Write down together what was handed in into several folders; one that has no record says nothing.

    Paths begin with the path that each was collected from.

    Raises:
        GradeError: it can't be written.
    """
    records = [record for each in outs if (record := _read_record(each, assignment))]
    if not records:
        return
    merged: dict[str, Any] = {"path": ", ".join(one["path"] for one in records), "assignment": assignment}
    merged["convention"] = ", ".join(dict.fromkeys(one["convention"] for one in records))
    merged["unclear"] = [line for one in records for line in one["unclear"]]
    merged["kinds"] = dict(sorted(sum((Counter(one["kinds"]) for one in records), Counter[str]()).items()))
    students = {student["student"]: student for one in reversed(records) for student in one["students"]}
    merged["students"] = [students[name] for name in sorted(students)]
    for key in ("not_understood", "files"):
        merged[key] = [{**file, "path": f"{one['path']}/{file['path']}"} for one in records for file in one[key]]
    merged["roster"] = None  # each list was matched with a part of the class
    _write(merged, out)


def _read_record(out: Path, assignment: str) -> dict[str, Any] | None:
    """Return a folder's record; None where there is none that can be read."""
    try:
        record = json.loads(record_path(out, assignment).read_bytes())
        return record if isinstance(record, dict) and record.keys() >= _KEYS else None
    except (OSError, ValueError, RecursionError) as error:
        log_suppressed(error)
        return None


def _write(record: dict[str, Any], out: Path) -> None:
    """Write a record as both files, twice: as the last one, and as its assignment's own."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    columns = [field.name for field in dataclasses.fields(CollectedFile)]
    writer.writerow(columns)
    for file in record["files"]:
        writer.writerow([guard_formula(str(file.get(column, ""))) for column in columns])
    try:
        for folder in (record_path(out, record["assignment"]).parent, out):
            write_file(folder / "collected.csv", text.getvalue())
            write_file(folder / "collected.json", json.dumps(record, indent=1) + "\n")
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
