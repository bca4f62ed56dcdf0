"""Export one assignment of a graded folder: results, marks and late work come together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.export import ExportOutcome, ExportRequest, export
from autograder.grade.about import read_about
from autograder.grade.folders import folder_name
from autograder.grade.gradebook.read import read_marks, read_overrides
from autograder.graded_folder import name_of, results_of, suffix_of
from autograder.late_work import late_work

__all__ = ["export_class"]


def export_class(choices: Mapping[str, Any], assignment: str | None, root: Path) -> tuple[ExportOutcome, ExportRequest]:
    """Write an assignment's scores into the file that its LMS takes.

    Args:
        choices: the fields of `ExportRequest` that a person chose, the folder among them.
        assignment: whose results; None for the only one that there is.
        root: the folder that holds `source/`, where it is at hand.

    Returns:
        What was done, and what was asked for.

    Raises:
        AutograderError: it was called wrongly, or a file is not what it has to be. Nothing was written then.
    """
    out: Path = choices["out"]
    name, book = name_of(out, assignment), out / "gradebook.db"
    work = late_work(out, name, results_of(out, name), root)
    request = ExportRequest(
        **choices,
        results=work.results,
        notes=() if choices["late"] == "ignore" else work.notes,
        title=read_about(out, name, root).title,
        folder_name=folder_name,
        marks=read_marks(book, name),
        overrides=read_overrides(book, name),
        suffix=suffix_of(out, name),
    )
    return export(request), request
