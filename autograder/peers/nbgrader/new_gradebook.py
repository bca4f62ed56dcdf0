"""Make a gradebook that knows an assignment's cells, by nbgrader's own steps, in this process.

`nbgrader generate_assignment` takes six CPU seconds for it: it starts a process of its own, and another for the number of
the database's version.
"""

from __future__ import annotations

from pathlib import Path

from autograder.assignment.credit import with_credit
from autograder.assignment.settings import read_notebook
from autograder.errors import GradeError
from autograder.lateness import by_clock
from autograder.model import Assignment
from autograder.peers.nbgrader.gradebook import open_gradebook

__all__ = ["make_gradebook", "update_gradebook"]

# What `nbgrader generate_assignment` does to a notebook until its cells are written.
_PREPROCESSORS = (
    "InstantiateTests",
    "LockCells",
    "ClearSolutions",
    "ClearOutput",
    "CheckCellMetadata",
    "ComputeChecksums",
    "SaveCells",
)


def make_gradebook(path: Path, assignment: Assignment) -> None:
    """Make a gradebook that knows an assignment's cells, and no student.

    Args:
        path: the database, which is not there yet.
        assignment: its source notebook has the cells.

    Raises:
        GradeError: nbgrader can't use the notebook.
    """
    try:
        update_gradebook(path, assignment)
    except GradeError:
        path.unlink(missing_ok=True)
        raise


def update_gradebook(path: Path, assignment: Assignment) -> None:
    """Write an assignment's cells, as its source has them now, into a gradebook.

    Args:
        path: the database; it is made where there is none.
        assignment: its source notebook has the cells.

    Raises:
        GradeError: nbgrader can't use the notebook, or submissions were graded with other cells.
    """
    from nbgrader import preprocessors  # three seconds, as long as `nbgrader.api`, which imports it

    name, url = assignment.name, f"sqlite:///{path.resolve()}"
    resources = {"nbgrader": {"assignment": name, "notebook": name, "db_url": url, "student": "."}, "unique_key": name}
    try:
        if not path.exists():
            _stamp(url)
        with open_gradebook(path) as gradebook:
            if name not in (assignment.name for assignment in gradebook.assignments):
                gradebook.add_assignment(name, course_id="")
            if assignment.deadline is not None:  # nbgrader's plug-in for late submissions goes by it
                gradebook.update_or_create_assignment(
                    name, duedate=by_clock(assignment.deadline.at, assignment.deadline)
                )
        notebook = with_credit(read_notebook(assignment.folder), assignment.credit)
        for step in _PREPROCESSORS:
            notebook, resources = getattr(preprocessors, step)().preprocess(notebook, resources)
    except Exception as error:
        raise GradeError(f"nbgrader cannot use {assignment.notebook}: {error}") from error


def _stamp(url: str) -> None:
    """Write the database's version, so that nbgrader starts no process to find it out."""
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from nbgrader.dbutil import ALEMBIC_DIR
    from sqlalchemy import create_engine

    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            MigrationContext.configure(connection).stamp(ScriptDirectory(ALEMBIC_DIR), "head")
    finally:
        engine.dispose()
