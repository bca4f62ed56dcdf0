"""Read from the collect stage's record what each student handed in, and where it lies."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.collect.record_files import record_path
from autograder.log import log_suppressed

__all__ = ["CollectedNames", "read_handed_in"]

_WHOLE_GROUP = "; "


@dataclass(frozen=True)
class CollectedNames:
    """What one convention says that students handed in.

    Attributes:
        folder: where the class was collected from.
        paths: below it, by student; the notebook that counts, or else what there is.
        missing: who is on the class list and handed in nothing.
    """

    folder: Path = Path()
    paths: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def read_handed_in(out: Path, assignment: str, convention: str) -> CollectedNames:
    """Return what was handed in by a convention; nothing where there is no record that can be read."""
    try:
        record = json.loads(record_path(out, assignment).read_bytes())
        files = [file for file in record["files"] if file["student"] and file["convention"] == convention]
        files.sort(key=lambda file: (file["kind"] != "notebook", file["path"]))
        paths: dict[str, str] = {}
        for file in files:
            for student in _students(file["student"]):
                paths.setdefault(student, file["path"])
        return CollectedNames(Path(record["path"]), paths, _missing(record))
    except FileNotFoundError:
        return CollectedNames()
    except (OSError, ValueError, RecursionError, KeyError, TypeError, AttributeError) as error:
        log_suppressed(error)
        return CollectedNames()


def _students(text: str) -> tuple[str, ...]:
    """Return whom a line names: one student, or the members of a group."""
    return (text, *text.split(_WHOLE_GROUP)) if _WHOLE_GROUP in text else (text,)


def _missing(record: dict[str, Any]) -> tuple[str, ...]:
    """Return who is on the class list and handed in nothing."""
    roster = record.get("roster")
    return tuple(map(str, roster["missing"])) if isinstance(roster, dict) else ()
