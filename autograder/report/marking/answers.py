"""Read what students wrote in their own words from graded notebooks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograder.assignment.cells import grade_id, is_written
from autograder.log import log_suppressed

__all__ = ["MAX_ANSWER_CHARACTERS", "read_answers"]

MAX_ANSWER_CHARACTERS = 20_000
"""Of an answer on a sheet."""


def read_answers(path: Path) -> dict[str, str]:
    """Return a notebook's written answers by `grade_id`; none where it can't be read.

    The file is read as JSON: nbformat would validate every output of a thousand notebooks, and takes minutes for it.

    Args:
        path: a notebook that `grade` wrote.
    """
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        return {name: _shown(cell["source"]) for cell in cells if (name := _written(cell))}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        log_suppressed(error)
        return {}


def _written(cell: dict[str, Any]) -> str:
    """Return the id of a cell that a person marks; "" for another cell."""
    return grade_id(cell) if is_written(cell) else ""


def _shown(source: str | list[str]) -> str:
    """Return a cell's text, not more of it than a sheet shows."""
    text = (source if isinstance(source, str) else "".join(source)).strip()
    return text if len(text) <= MAX_ANSWER_CHARACTERS else f"{text[:MAX_ANSWER_CHARACTERS]}…"
