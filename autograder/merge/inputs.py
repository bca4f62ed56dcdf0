"""Read the folders that are to be put together: results, and what people gave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from autograder.errors import GradeError
from autograder.graded_folder import name_of, results_of
from autograder.merge.gradebooks import Given, read_given
from autograder.model import SubmissionResult

__all__ = ["MergeInput", "read_inputs"]


@dataclass(frozen=True)
class MergeInput:
    """One folder that `grade` wrote.

    Attributes:
        out: the folder, as the person named it.
        results: by student.
        given: what people gave, by student and cell; students without anything are left out.
    """

    out: Path
    results: Mapping[str, SubmissionResult]
    given: Mapping[str, Mapping[str, Given]] = field(default_factory=dict)


def read_inputs(outs: tuple[Path, ...], assignment: str | None) -> tuple[str, tuple[MergeInput, ...]]:
    """Return the assignment's name and each folder's results of it.

    Raises:
        AutograderError: a folder has no results of it, or they are of other cells than another's.
    """
    name = name_of(outs[0], assignment)
    inputs, cells = list[MergeInput](), list[Mapping[str, float]]()
    for out in outs:
        results = {one.student: one for one in results_of(out, name)}
        points, given = read_given(out / "gradebook.db", name)
        inputs.append(MergeInput(out, results, given))
        cells.append(points)
        _refuse_others(out, outs[0], cells, inputs)
    return name, tuple(inputs)


def _refuse_others(out: Path, first: Path, cells: list[Mapping[str, float]], inputs: list[MergeInput]) -> None:
    """Refuse a class that was graded with other cells or points: everybody has to have the same maximum.

    Raises:
        GradeError: it was.
    """
    checks = {
        tuple((check.name, check.max_score) for check in result.checks)
        for one in inputs
        for result in one.results.values()
    }
    if cells[-1] != cells[0] or len(checks) > 1:
        raise GradeError(
            f"{out} was graded with other cells or points than {first}.",
            "Bring each to the assignment of today with `autograder rejudge OUT --apply`, then merge.",
        )
