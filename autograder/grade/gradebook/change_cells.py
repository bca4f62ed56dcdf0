"""Bring a gradebook that holds marks to the graded cells that an assignment has now.

nbgrader itself refuses that. Marks of cells that stay, stay; a cell that has another name and the
same text is the same cell.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.model import Assignment
from autograder.peers.nbgrader import make_gradebook, open_gradebook, update_gradebook

__all__ = ["CellChanges", "change_cells", "find_cell_changes"]

_BACKUP = "gradebook.previous.db"


@dataclass(frozen=True)
class CellChanges:
    """What differs between the graded cells of a gradebook and those of a source.

    Attributes:
        renamed: the names of cells that have another one now, by the old name.
        added: cells that are new.
        removed: cells that are gone.
        points: what cells gave and give now, where that differs, by the name of now.
        marked: how many points or comments of people lie on removed cells.
    """

    renamed: dict[str, str]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    points: dict[str, tuple[float, float]]
    marked: int = 0

    def __bool__(self) -> bool:
        return bool(self.renamed or self.added or self.removed or self.points)

    def sentences(self) -> tuple[str, ...]:
        """Return what changed, for people."""
        lines = [f"`{old}` is called `{new}` now." for old, new in self.renamed.items()]
        lines += [f"`{name}` is new." for name in self.added]
        lines += [f"`{name}` is gone." for name in self.removed]
        lines += [f"`{name}` gives {new:g} points now, {old:g} before." for name, (old, new) in self.points.items()]
        if self.marked:
            lines.append(f"{self.marked} marks or comments lay on cells that are gone: {_BACKUP} still has them.")
        return tuple(lines)


@dataclass(frozen=True)
class _Cells:
    """The cells of a notebook in a gradebook: texts, points of graded ones, and those that have comments, by name."""

    texts: dict[str, str]
    points: dict[str, tuple[float, str]]
    solutions: frozenset[str]

    @property
    def names(self) -> set[str]:
        """Of all cells that people or the machine give points for."""
        return set(self.points)


def find_cell_changes(path: Path, assignment: Assignment) -> CellChanges:
    """Return what differs between a gradebook's graded cells and the source's; nothing is written.

    Raises:
        GradeError: nbgrader can't use the source.
    """
    return _changes(_read(path, assignment.name), _wanted(assignment), _count_marks(path, assignment.name))


def change_cells(path: Path, assignment: Assignment) -> CellChanges:
    """Change a gradebook's cells into the source's, and return what that changed.

    What it was lies beside it afterwards, as gradebook.previous.db.

    Raises:
        GradeError: nbgrader can't use the source.
    """
    changes, wanted = find_cell_changes(path, assignment), _wanted(assignment)
    shutil.copyfile(path, path.with_name(_BACKUP))
    with open_gradebook(path) as gradebook:
        notebook = gradebook.find_notebook(assignment.name, assignment.name)
        _rename(notebook, _renamed(_cells_of(notebook), wanted))
        _remove(gradebook, notebook, wanted)
        _add(gradebook, notebook, wanted)
        gradebook.db.commit()
    update_gradebook(path, assignment)  # points, texts and checksums, by nbgrader's own steps
    return changes


def _wanted(assignment: Assignment) -> _Cells:
    """Return the cells that nbgrader finds in the source."""
    with tempfile.TemporaryDirectory(prefix="autograder-gradebook-") as folder:
        path = Path(folder) / "gradebook.db"
        make_gradebook(path, assignment)
        return _read(path, assignment.name)


def _read(path: Path, name: str) -> _Cells:
    """Return the cells that a gradebook has."""
    with open_gradebook(path) as gradebook:
        return _cells_of(gradebook.find_notebook(name, name))


def _cells_of(notebook: Any) -> _Cells:
    """Return the cells of one of nbgrader's notebooks."""
    return _Cells(
        {cell.name: cell.source or "" for cell in notebook.source_cells},
        {cell.name: (float(cell.max_score), cell.cell_type) for cell in notebook.grade_cells},
        frozenset(cell.name for cell in notebook.solution_cells),
    )


def _renamed(old: _Cells, new: _Cells) -> dict[str, str]:
    """Return the cells that have another name and the same text, old name to new."""
    gone, come = old.texts.keys() - new.texts.keys(), new.texts.keys() - old.texts.keys()
    pairs = {}
    for name in sorted(gone):
        same = [
            other for other in come if new.texts[other] == old.texts[name] and _kind(new, other) == _kind(old, name)
        ]
        twins = [other for other in gone if old.texts[other] == old.texts[name]]
        if len(same) == len(twins) == 1:
            pairs[name] = same[0]
    return pairs


def _kind(cells: _Cells, name: str) -> tuple[bool, bool, str]:
    """Return what a cell is."""
    return name in cells.points, name in cells.solutions, cells.points.get(name, (0.0, ""))[1]


def _changes(old: _Cells, new: _Cells, marks: dict[str, int]) -> CellChanges:
    """Return what differs between graded cells."""
    renamed = {name: other for name, other in _renamed(old, new).items() if name in old.points}
    names = {renamed.get(name, name): name for name in old.points}
    removed = tuple(sorted(old.points.keys() - renamed.keys() - new.points.keys()))
    points = {
        name: (old.points[names[name]][0], new.points[name][0])
        for name in new.points
        if name in names and old.points[names[name]][0] != new.points[name][0]
    }
    added = tuple(sorted(new.points.keys() - names.keys()))
    return CellChanges(renamed, added, removed, points, sum(marks.get(name, 0) for name in removed))


def _count_marks(path: Path, name: str) -> dict[str, int]:
    """Return how many people's points and comments lie on each cell."""
    counts: dict[str, int] = {}
    with open_gradebook(path) as gradebook:
        for submission in gradebook.assignment_submissions(name):
            for notebook in submission.notebooks:
                touched = [
                    grade.name for grade in notebook.grades if grade.manual_score is not None or grade.extra_credit
                ]
                touched += [comment.name for comment in notebook.comments if comment.manual_comment]
                for cell in touched:
                    counts[cell] = counts.get(cell, 0) + 1
    return counts


def _rename(notebook: Any, renamed: dict[str, str]) -> None:
    """Give cells their new names; what hangs on them stays."""
    for cell in (*notebook.source_cells, *notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells):
        cell.name = renamed.get(cell.name, cell.name)


def _remove(gradebook: Any, notebook: Any, wanted: _Cells) -> None:
    """Remove cells that the source has no more, with what hangs on them."""
    gone = [cell for cell in notebook.source_cells if cell.name not in wanted.texts]
    for cell in notebook.grade_cells:
        if cell.name not in wanted.points:
            gone += [*cell.grades, cell]
    for cell in notebook.solution_cells:
        if cell.name not in wanted.solutions:
            gone += [*cell.comments, cell]
    for each in gone:
        gradebook.db.delete(each)
    gradebook.db.flush()
    gradebook.db.refresh(notebook)


def _add(gradebook: Any, notebook: Any, wanted: _Cells) -> None:
    """Add the source's new cells, and a place for points and comments in each submission."""
    from nbgrader.api import Comment, Grade, GradeCell, SolutionCell, SourceCell  # four seconds to import

    there = _cells_of(notebook)
    submissions = list(notebook.submissions)
    with gradebook.db.no_autoflush:
        new: list[Any] = [
            SourceCell(name=name, notebook=notebook, cell_type="code")
            for name in wanted.texts.keys() - there.texts.keys()
        ]
        for name in wanted.points.keys() - there.points.keys():
            points, kind = wanted.points[name]
            cell = GradeCell(name=name, notebook=notebook, max_score=points, cell_type=kind)
            new += [cell, *(Grade(cell=cell, notebook=one) for one in submissions)]
        for name in wanted.solutions - there.solutions:
            cell = SolutionCell(name=name, notebook=notebook)
            new += [cell, *(Comment(cell=cell, notebook=one) for one in submissions)]
        gradebook.db.add_all(new)
