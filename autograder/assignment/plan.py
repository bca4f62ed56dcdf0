"""The plan of an assignment, for running and judging: its cells in order, and their answers."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.assignment.cells import CellKind, cell_kind, grade_id, is_bonus, nbgrader_metadata, points_of
from autograder.assignment.exercise_names import name_answer_cells
from autograder.assignment.names import Names, makes_answers, names_if_python
from autograder.assignment.regions import parse_regions
from autograder.assignment.settings import SourceNotebook, read_assignment, read_notebook
from autograder.errors import AutograderError
from autograder.model import AskedMap, Credit

__all__ = ["AssignmentPlan", "PlannedCell", "make_plan"]


@dataclass(frozen=True)
class PlannedCell:
    """One cell of the assignment.

    Attributes:
        grade_id: nbgrader's id; "" for a cell that nbgrader doesn't manage.
        kind: "given" is locked, the student fills in "solution" and "written", "test" is scored by the machine.
        cell_type: "code", "markdown" or "raw".
        source: the text that students get.
        marks: nbgrader's metadata of the cell in the release, as JSON.
        points: the most that a test or a written answer gives.
        bonus: whether they come on top of the others.
        check: a test's whole text, hidden part included; "" for other cells.
        answers: the names that a test reads and a student assigns, and those of the map that it is about.
        functions: those of `answers` that the solution defines as functions or classes.
        asked_in: for each of `answers`, the cell that asks for it.
        asked_where: the same cells in a student's words.
        credit: which part of the points stays after which kind of mistake.
    """

    grade_id: str
    kind: CellKind
    cell_type: str
    source: str
    marks: str
    points: float = 0.0
    bonus: bool = False
    check: str = ""
    answers: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    asked_in: tuple[str, ...] = ()
    asked_where: tuple[str, ...] = ()
    credit: tuple[tuple[str, float], ...] = ()

    @property
    def metadata(self) -> dict[str, Any]:
        """The cell's metadata in a notebook."""
        return {"nbgrader": json.loads(self.marks)} if self.grade_id else {}


@dataclass(frozen=True)
class AssignmentPlan:
    """One assignment, as running and judging need it.

    Attributes:
        name: the assignment's name.
        cells: in the notebook's order.
        release: the folder that students get.
        source: the instructor's folder; its `assignment.toml` lies beside the release's files when answers are judged.
        notebook_metadata: the release notebook's, as JSON.
        maps: what feedback shows beside the checks.
        modules: what is imported before the first submission runs.
    """

    name: str
    cells: tuple[PlannedCell, ...]
    release: Path
    source: Path
    notebook_metadata: str
    maps: tuple[AskedMap, ...] = ()
    modules: tuple[str, ...] = ()

    @property
    def tests(self) -> tuple[PlannedCell, ...]:
        """The cells that the machine scores."""
        return tuple(cell for cell in self.cells if cell.kind == "test")

    @property
    def graded(self) -> tuple[PlannedCell, ...]:
        """The cells that carry points, whoever gives them."""
        return tuple(cell for cell in self.cells if cell.kind in ("test", "written"))

    @property
    def bonus(self) -> tuple[str, ...]:
        """The names of the graded cells whose points are bonus."""
        return tuple(cell.grade_id for cell in self.graded if cell.bonus)


def make_plan(source: Path, release: Path) -> AssignmentPlan:
    """Return the plan of an assignment.

    Args:
        source: the instructor's folder; the notebook in it has its name.
        release: the folder of its nbgrader release.

    Raises:
        AutograderError: a notebook is missing, or the release is not this source's.
    """
    full, release_notebook = read_notebook(source), _read_release(release / f"{source.name}.ipynb")
    by_id = {name: cell for cell in release_notebook.cells if (name := grade_id(cell))}
    missing = {name for cell in full.cells if (name := grade_id(cell))} - by_id.keys()
    if missing:
        raise AutograderError(
            f"The release in {release} lacks cells of its source: {', '.join(sorted(missing))}.",
            f"Run `autograder build {source.name}` first.",
        )
    assignment = read_assignment(source)
    cells = [_plan_cell(cell, by_id.get(grade_id(cell), cell), assignment.credit) for cell in full.cells]
    filled = [names_if_python(cell.source) if cell.cell_type == "code" else Names() for cell in full.cells]
    whole = SourceNotebook(assignment, full)
    maps = whole.assignment.maps
    planned = _in_words(_with_answers(cells, filled, maps), name_answer_cells(full.cells))
    return AssignmentPlan(
        source.name, planned, release, source, json.dumps(release_notebook.metadata), maps, whole.modules
    )


def _with_answers(cells: list[PlannedCell], filled: list[Names], maps: tuple[AskedMap, ...]) -> tuple[PlannedCell, ...]:
    """Return the cells, tests with the names that they take from the student.

    The student's process runs given cells too: what they make of answers is an answer.
    """
    names_of_maps = {each.check: {each.layer, each.representation, each.embedding} for each in maps}
    origins: dict[str, str] = {}
    functions: set[str] = set()
    result = []
    for cell, names in zip(cells, filled, strict=True):
        if makes_answers(cell.kind, names, origins):
            origins |= dict.fromkeys(names.assigned, cell.grade_id)
            functions |= names.functions
        if cell.kind == "test":
            answers = tuple(sorted(origins.keys() & names_of_maps.get(cell.grade_id, set()).union(names.read)))
            callables = tuple(name for name in answers if name in functions)
            where = tuple(origins[name] for name in answers)
            result.append(dataclasses.replace(cell, answers=answers, functions=callables, asked_in=where))
        else:
            result.append(cell)
    return tuple(result)


def _in_words(cells: tuple[PlannedCell, ...], words: Mapping[str, str]) -> tuple[PlannedCell, ...]:
    """Return the cells, tests with a student's words for the cells that they build on."""
    return tuple(
        dataclasses.replace(cell, asked_where=tuple(words.get(name, f"the cell `{name}`") for name in cell.asked_in))
        for cell in cells
    )


def _plan_cell(full: NotebookNode, released: NotebookNode, credit: Credit) -> PlannedCell:
    """Return one cell of the plan, from the source's cell and the release's."""
    kind = cell_kind(full)
    return PlannedCell(
        grade_id=grade_id(full),
        kind=kind,
        cell_type=released.cell_type,
        source=released.source,
        marks=json.dumps(nbgrader_metadata(released)),
        points=float(points_of(full)) if kind in ("test", "written") else 0.0,
        bonus=kind in ("test", "written") and is_bonus(full),
        check=parse_regions(full.source).without_markers() if kind == "test" else "",
        credit=tuple(credit.of(grade_id(full)).items()) if kind == "test" else (),
    )


def _read_release(path: Path) -> NotebookNode:
    """Read the release's notebook."""
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
    except FileNotFoundError as error:
        raise AutograderError(f"{path} is not there.", "Run `autograder build` first.") from error
    return notebook
