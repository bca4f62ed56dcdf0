"""Read what students wrote in their own words from graded notebooks."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.log import log_suppressed
from autograder.report.written_text import WrittenText, answers_of

__all__ = ["read_answers"]


def read_answers(path: Path) -> dict[str, tuple[WrittenText, ...]]:
    """Return a notebook's written answers by `grade_id`; none where it can't be read.

    The file is read as JSON: nbformat would validate every output of a thousand notebooks, and takes minutes for it.

    Args:
        path: a notebook that `grade` wrote.
    """
    try:
        return answers_of(json.loads(path.read_text("utf-8"))["cells"])
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        log_suppressed(error)
        return {}
