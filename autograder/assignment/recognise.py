"""Tell an assignment's notebooks from others without reading them as notebooks."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Collection
from pathlib import Path

from autograder.assignment.plan import AssignmentPlan

__all__ = ["recogniser"]

_MAX_BYTES = 100 * 2**20
_LEAST_LINE = 20  # characters: shorter lines stand in any notebook
_LEAST_SHARE = 1 / 3


def recogniser(plan: AssignmentPlan) -> Callable[[Path], bool]:
    """Return a function that tells whether a file holds this assignment's cells.

    Their ids tell it, or the lines of given ones. A file that breaks off is taken to hold
    them, so that a person asks for the whole of it. The function raises OSError where the file can't be read.
    """
    ids = {json.dumps(cell.grade_id) for cell in plan.cells if cell.grade_id}
    lines = {
        json.dumps(line.strip())[1:-1]
        for cell in plan.cells
        if cell.kind == "given"
        for line in cell.source.splitlines()
        if len(line.strip()) >= _LEAST_LINE and line.isascii()
    }

    def holds(path: Path) -> bool:
        """Return whether a file holds the assignment's cells."""
        text = _text(path)
        return _breaks_off(text) or any(_share(words, text) >= _LEAST_SHARE for words in (ids, lines))

    return holds


def _text(path: Path) -> str:
    """Return a file's text; that of the beginning of a file that is too large."""
    with path.open("rb") as file:
        data = file.read(_MAX_BYTES)
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return data.decode("utf-16" if wide else "utf-8", "replace")


def _breaks_off(text: str) -> bool:
    """Return whether a file ends before its notebook does: nobody knows what would have stood in the rest."""
    text = text.strip("\ufeff\0 \t\r\n")
    return text.startswith("{") and not text.endswith("}")


def _share(words: Collection[str], text: str) -> float:
    """Return which share of some words a text holds."""
    return sum(word in text for word in words) / len(words) if words else 0.0
