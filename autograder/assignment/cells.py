"""What a cell is to students and graders: the one place that reads nbgrader's metadata.

A cell is a mapping, whether nbformat made it or `json`; in a student's file its metadata may hold anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from autograder.assignment.misplaced import words_elsewhere
from autograder.assignment.placeholders import is_placeholder

__all__ = [
    "BONUS",
    "CellKind",
    "cell_kind",
    "grade_id",
    "is_blank",
    "is_bonus",
    "is_graded",
    "is_solution",
    "is_test",
    "is_written",
    "nbgrader_metadata",
    "points_of",
]

BONUS = "bonus"
"""The tag of graded cells whose points come on top of the others. Neither nbgrader nor otter has a place for it."""
CellKind = Literal["given", "solution", "test", "written"]
"""Students get "given" as it is, and fill in "solution" and "written"; the machine scores "test", a person "written"."""


def nbgrader_metadata(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return nbgrader's metadata of a cell; empty where there is none."""
    metadata = cell.get("metadata")
    own = metadata.get("nbgrader") if isinstance(metadata, Mapping) else None
    return own if isinstance(own, Mapping) else {}


def grade_id(cell: Mapping[str, Any]) -> str:
    """Return the cell's nbgrader id, "" for a cell that nbgrader doesn't manage."""
    name = nbgrader_metadata(cell).get("grade_id")
    return name if isinstance(name, str) else ""


def points_of(cell: Mapping[str, Any]) -> Any:
    """Return the most points that a cell gives, as its metadata has them; 0 where it says nothing."""
    return nbgrader_metadata(cell).get("points", 0)


def cell_kind(cell: Mapping[str, Any]) -> CellKind:
    """Return what the cell is to the student."""
    own = nbgrader_metadata(cell)
    if own.get("grade"):
        return "written" if own.get("solution") or cell.get("cell_type") != "code" else "test"
    return "solution" if own.get("solution") else "given"


def is_graded(cell: Mapping[str, Any]) -> bool:
    """Return whether the cell carries points."""
    return cell_kind(cell) in ("test", "written")


def is_bonus(cell: Mapping[str, Any]) -> bool:
    """Return whether the cell has the tag `bonus`, which JupyterLab shows among its common tools."""
    metadata = cell.get("metadata")
    tags = metadata.get("tags") if isinstance(metadata, Mapping) else None
    return isinstance(tags, list) and any(isinstance(tag, str) and tag.strip().lower() == BONUS for tag in tags)


def is_solution(cell: Mapping[str, Any]) -> bool:
    """Return whether the student writes in this cell."""
    return cell_kind(cell) in ("solution", "written")


def is_test(cell: Mapping[str, Any]) -> bool:
    """Return whether the machine scores this cell."""
    return cell_kind(cell) == "test"


def is_written(cell: Mapping[str, Any]) -> bool:
    """Return whether a person scores what the student writes in this cell."""
    return cell_kind(cell) == "written"


def is_blank(cell: Mapping[str, Any], given: str | None = None) -> bool:
    """Return whether an answer's cell is empty, or as it was given, and no words stand near it.

    Args:
        cell: an answer's.
        given: the release's text; None to compare with the checksum that nbgrader made of it.
    """
    if words_elsewhere(cell) or cell.get("attachments"):
        return False
    if given is not None or is_placeholder(cell["source"]):
        return is_placeholder(cell["source"], given)
    from nbgrader.utils import compute_checksum  # seconds to import

    return bool(nbgrader_metadata(cell).get("checksum") == compute_checksum(cell))
