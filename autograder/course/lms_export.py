"""Export one assignment of a graded folder: results, marks and late work come together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.course.taking_marks import agreement_summary
from autograder.export import ExportOutcome, ExportRequest, export
from autograder.grade.about import read_about
from autograder.grade.folders import folder_name
from autograder.grade.gradebook.read import read_marks, read_overrides
from autograder.graded_folder import name_of, results_of, suffix_of
from autograder.late_work import late_work
from autograder.model import Mark

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
    marks = read_marks(book, name)
    request = ExportRequest(
        **choices,
        results=work.results,
        notes=(*(() if choices["late"] == "ignore" else work.notes), *_marking(out, name, marks)),
        title=read_about(out, name, root).title,
        folder_name=folder_name,
        marks=marks,
        overrides=read_overrides(book, name),
        suffix=suffix_of(out, name),
    )
    return export(request), request


def _marking(out: Path, name: str, marks: Mapping[str, tuple[Mark, ...]]) -> Iterator[str]:
    """Yield whether all written answers are marked, and how alike several people marked."""
    written = [mark for own in marks.values() for mark in own if not mark.blank]
    open_ones = sum(mark.typed is None for mark in written)
    if open_ones:
        yield f"Marking is not complete: {open_ones} of {len(written)} written answers wait for a person."
    elif written:
        yield f"Marking is complete: {len(written)} written answers."
    if agreement := agreement_summary(out, name):
        yield agreement
