"""A small assignment, whose submissions run in a second: two questions, a hidden test each, a secret in the hidden tests."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.assignment.plan import AssignmentPlan, make_plan
from autograder.model import Submission

__all__ = ["FIRST", "SECOND", "SECRET", "make_small", "submit"]

SECRET = "the-hidden-tests-say-forty-two"  # noqa: S105 (a mark to look for)
FIRST = "answer = 42"
SECOND = "table = np.arange(6.0).reshape(2, 3)"

GIVEN = """\
import numpy as np
n = 6
with open("data.txt") as file:
    data = file.read()
"""
CELLS = [
    ("intro", "given", "markdown", "# A small assignment\n\nTwo questions.", "", 0),
    ("setup", "given", "code", GIVEN, "", 0),
    ("first", "solution", "code", "answer = None", FIRST, 0),
    (
        "first_test",
        "test",
        "code",
        "assert answer is not None, 'no answer'",
        f"assert answer == 42, '{SECRET}'[:10]",
        2,
    ),
    ("second_text", "given", "markdown", "## The second question", "", 0),
    ("second", "solution", "code", "table = None", SECOND, 0),
    (
        "second_test",
        "test",
        "code",
        "assert table is not None",
        "assert type(table) is np.ndarray\nassert table.shape == (2, 3), table.shape\nassert np.allclose(table, np.arange(n).reshape(2, 3)), 'wrong values'",
        3,
    ),
    ("why", "written", "markdown", "Your answer.", "Because.", 4),
]


SETTINGS = """\
title = "small"
release = { files = ["data.txt"], student_readme = "STUDENT.md", requirements = [] }
otter = { python = "3.11", seed = 1 }
"""


def make_small(folder: Path, cells=None, name: str = "small") -> AssignmentPlan:
    """Write the source and the release of an assignment, and return its plan."""
    source, release = folder / "source" / name, folder / "release" / name
    for place in (source, release):
        place.mkdir(parents=True)
        (place / "data.txt").write_text("data\n", encoding="utf-8")
    (source / "assignment.toml").write_text(SETTINGS, encoding="utf-8")
    full, given = new_notebook(), new_notebook()
    for grade_id, kind, cell_type, public, hidden, points in cells or CELLS:
        whole = {
            "solution": f"{public}\n### BEGIN SOLUTION\n{hidden}\n### END SOLUTION",
            "test": f"{public}\n### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS",
        }.get(kind, public)
        for notebook, text in ((full, whole), (given, public)):
            new_cell = new_code_cell if cell_type == "code" else new_markdown_cell
            notebook.cells.append(new_cell(text, metadata={"nbgrader": _marks(grade_id, kind, cell_type, points)}))
    nbformat.write(full, source / f"{name}.ipynb")
    nbformat.write(given, release / f"{name}.ipynb")
    return make_plan(source, release)


def submit(folder: Path, plan: AssignmentPlan, first: str = FIRST, second: str = SECOND, *, edit=None) -> Submission:
    """Write a submission with these answers, changed by `edit`, and return it."""
    notebook = nbformat.read(plan.release / f"{plan.name}.ipynb", as_version=4)
    for cell in notebook.cells:
        name = cell.metadata.nbgrader.grade_id
        cell.source = {"first": first, "second": second}.get(name, cell.source)
    if edit is not None:
        notebook = edit(notebook) or notebook
    path = folder / "student.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return Submission("student", plan.name, path, str(path))


def _marks(grade_id: str, kind: str, cell_type: str, points: float) -> dict:
    """Return nbgrader's metadata."""
    marks = {
        "schema_version": 3,
        "grade_id": grade_id,
        "grade": kind in ("test", "written"),
        "solution": kind in ("solution", "written"),
        "locked": kind in ("given", "test"),
        "task": False,
    }
    return marks | ({"points": points, "cell_type": cell_type} if marks["grade"] else {})
