"""Gradescope's export: `submission_4711/` for each hand-in.

`submission_metadata.yml` says whose it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import yaml

from autograder.collect.records import HandIn, Interpretation, Node
from autograder.collect.times import read_stamp
from autograder.log import log_suppressed

__all__ = ["GradescopeExport"]

_METADATA = "submission_metadata.yml"
_MAX_BYTES = 64 * 2**20


class GradescopeExport:
    """Read the names of Gradescope's Export Submissions."""

    name = "gradescope"
    title = "Gradescope"
    dated = True

    def read(self, entries: Sequence[Node], assignment: str) -> Interpretation:
        """Read the metadata, and find each submission's folder or file in it."""
        listed = next((node for node in entries if node.name == _METADATA), None)
        if listed is None:
            return Interpretation()
        about = _read(listed)
        hand_ins = [
            HandIn(students, node, when=_when(own))
            for node in entries
            if isinstance(own := about.get(node.name) or about.get(node.name.rpartition(".")[0]), Mapping)
            and (students := _students(own, node.name))
        ]
        return Interpretation(tuple(hand_ins), {listed.place: "Gradescope's list"} if hand_ins else {})


def _read(node: Node) -> Mapping[str, Any]:
    """Return what the metadata say; nothing where they can't be read."""
    if node.path is None:
        return {}
    try:
        if node.path.stat().st_size > _MAX_BYTES:
            return {}
        about = yaml.load(node.path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except (yaml.YAMLError, ValueError, RecursionError, OSError) as error:
        log_suppressed(error)
        return {}
    return {str(key): value for key, value in about.items()} if isinstance(about, Mapping) else {}


def _students(about: Mapping[str, Any], folder: str) -> tuple[str, ...]:
    """Return the ids of those who handed in.

    It is a student's number, the address, or the name with the folder's number.
    """
    people = about.get(":submitters") or about.get("submitters") or ()
    return tuple(dict.fromkeys(_id(person, folder) for person in people if isinstance(person, Mapping)))


def _id(person: Mapping[str, Any], folder: str) -> str:
    """Return one person's id."""
    for key in ("sid", "email"):
        if text := str(person.get(f":{key}") or person.get(key) or "").strip():
            return text
    name = str(person.get(":name") or person.get("name") or "").strip()
    return f"{name}_{folder.rpartition('_')[2]}" if name else folder


def _when(about: Mapping[str, Any]) -> datetime | None:
    """Return when it was handed in."""
    when = about.get(":created_at") or about.get("created_at")
    return when if isinstance(when, datetime) else read_stamp(str(when))
