"""Read a source folder: the notebook, and what `assignment.toml` says about it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbformat import NotebookNode

from autograder.assignment.cells import is_solution
from autograder.assignment.names import imports_of
from autograder.assignment.points import fill_points
from autograder.assignment.policy import SETTINGS, read_tables
from autograder.assignment.problems import Problem, source_error
from autograder.assignment.regions import MARKER, parse_regions
from autograder.errors import SourceError
from autograder.model import AccuracyBars, AskedMap, Assignment, Deadline, SampleSubmission

if TYPE_CHECKING:
    from autograder.assignment.schema import AssignmentFile

__all__ = [
    "CHECKS",
    "DRAFT",
    "SourceNotebook",
    "find_settings_problems",
    "find_sources",
    "read_assignment",
    "read_deadline",
    "read_notebook",
    "read_source",
]

CHECKS = "checks"
"""The package that travels with releases."""
DRAFT = "> **Draft, not for students**: words of the instructor's are still missing."


@dataclass(frozen=True)
class SourceNotebook:
    """One assignment as its instructor wrote it.

    Attributes:
        assignment: what `assignment.toml` says.
        notebook: the source notebook; passes never edit it.
        draft: whether words of the instructor's are still missing: every page says so.
    """

    assignment: Assignment
    notebook: NotebookNode
    draft: bool = False

    @property
    def modules(self) -> tuple[str, ...]:
        """What is imported before the first submission runs: what `[kernel]` names, or else what students' cells import."""
        if self.assignment.modules is not None:
            return self.assignment.modules
        return tuple(sorted(name for name in self._imports if name.partition(".")[0] != CHECKS))

    @property
    def has_checks(self) -> bool:
        """Whether the checks for students travel with the release: as `[checks]` says, or where the notebook imports them."""
        package = self.assignment.package
        imported = CHECKS in {name.partition(".")[0] for name in self._imports}
        return imported if package is None else package == CHECKS

    @property
    def _imports(self) -> frozenset[str]:
        """The modules that the notebook's code imports, hidden tests aside."""
        code = (cell.source for cell in self.notebook.cells if cell.cell_type == "code")
        return frozenset().union(*(imports_of(parse_regions(text).outside("HIDDEN TESTS")) for text in code))


def find_sources(root: Path) -> tuple[Path, ...]:
    """Return the source folders under `root`, by name: those that hold an `assignment.toml`."""
    return tuple(sorted(path.parent for path in (root / "source").glob(f"*/{SETTINGS}")))


def read_source(folder: Path) -> SourceNotebook:
    """Read one source folder.

    Raises:
        SourceError: the notebook or the settings are missing, can't be read, or have mistakes.
    """
    return SourceNotebook(read_assignment(folder), read_notebook(folder))


def read_notebook(folder: Path) -> NotebookNode:
    """Read the notebook of a source folder, with numbers in place of `{points:NAME}`.

    An answer without markers is a solution as a whole, as nbgrader has it: it gets the markers.

    Raises:
        SourceError: it is missing, or can't be read.
    """
    path = folder / f"{folder.name}.ipynb"
    if not path.is_file():
        raise SourceError(
            f"{path} is missing: the source notebook has its folder's name.", tip=f"Rename the notebook to {path.name}."
        )
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises many kinds for a file that is no notebook
        raise SourceError(f"{path} can't be read as a notebook: {error}") from error
    filled = fill_points(notebook)
    for cell in filled.cells:
        if is_solution(cell) and not MARKER.search(cell.source):
            before, behind = ("### ", "") if cell.cell_type == "code" else ("<!-- ", " -->")
            cell.source = f"{before}BEGIN SOLUTION{behind}\n{cell.source}\n{before}END SOLUTION{behind}"
    return filled


def read_assignment(folder: Path) -> Assignment:
    """Return what a source folder's `assignment.toml` says.

    The folder needs to hold none of the files that it names: in Gradescope's container it doesn't.

    Raises:
        SourceError: it is missing, is no TOML, or has mistakes, which are all listed.
    """
    from autograder.assignment.credit import read_credit
    from autograder.assignment.mistakes import check_tables  # pydantic: a tenth of a second
    from autograder.assignment.surroundings import Surroundings

    settings, problems = check_tables(Surroundings(folder, _tables(folder)))
    if settings is None:
        raise source_error(folder.name, problems)
    return Assignment(
        name=folder.name,
        title=settings.title,
        folder=folder,
        files=tuple(settings.release.files),
        student_readme=settings.release.student_readme,
        requirements=tuple(settings.release.requirements),
        python=settings.otter.python,
        seed=settings.otter.seed,
        maps=tuple(AskedMap(**each.model_dump()) for each in settings.maps),
        seconds=settings.gradescope.seconds,
        modules=None if settings.kernel.modules is None else tuple(settings.kernel.modules),
        package=settings.checks.package,
        bars=AccuracyBars(**settings.accuracy.model_dump()),
        submissions=tuple(SampleSubmission(**each.model_dump()) for each in settings.submissions),
        deadline=_deadline(settings),
        credit=read_credit(settings.credit.model_extra or {}),
    )


def read_deadline(folder: Path) -> Deadline | None:
    """Return the deadline in a source folder's `assignment.toml`; the rest is checked only where there is one.

    Raises:
        SourceError: it is missing, is no TOML, or has mistakes, which are all listed.
    """
    return read_assignment(folder).deadline if {"deadline", "late"} & _tables(folder).keys() else None


def _deadline(settings: AssignmentFile) -> Deadline | None:
    """Return the deadline with its late policy."""
    if settings.deadline is None:
        return None
    policy = {} if settings.late is None else settings.late.model_dump()
    return Deadline(settings.deadline.at, settings.deadline.zone, **policy)


def find_settings_problems(folder: Path, notebook: NotebookNode | None = None) -> tuple[Problem, ...]:
    """Return every mistake in a source folder's `assignment.toml`, and look up what it names.

    Args:
        folder: the source folder.
        notebook: its notebook; None where what the file says of the notebook is not looked at.

    Raises:
        SourceError: it is missing, or is no TOML.
    """
    from autograder.assignment.mistakes import check_tables
    from autograder.assignment.surroundings import Surroundings

    files = tuple(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return check_tables(Surroundings(folder, _tables(folder), notebook, files))[1]


def _tables(folder: Path) -> dict[str, Any]:
    """Return the tables of a source folder's `assignment.toml`."""
    try:
        return read_tables(folder)
    except FileNotFoundError as error:
        raise SourceError(f"{folder / SETTINGS} is missing.", tip="Each folder under source/ needs one.") from error
    except ValueError as error:
        raise SourceError(f"{folder / SETTINGS} is not valid TOML: {error}") from error
