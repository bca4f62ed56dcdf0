"""A small course for the tests: one assignment without TensorFlow, and ways to break it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.assignment.settings import SourceNotebook, read_source

SETTINGS = """\
title = "Small sums"
[release]
files = ["numbers.txt"]
student_readme = "STUDENT.md"
requirements = ["numpy"]
[otter]
python = "3.11"
seed = 7
[checks]
package = "checks"
"""

SETUP = "import os\n\nbase = len(open('numbers.txt').read().split())"
SOLUTION = "total = None\n### BEGIN SOLUTION\nhelper_value = base * 111\ntotal = helper_value + 9\n### END SOLUTION"
TEST = """\
assert total is not None, "assign total"
### BEGIN HIDDEN TESTS
assert total == 3 * 111 + 9, "total is not the sum"
### END HIDDEN TESTS"""
WRITTEN = """\
<!-- BEGIN SOLUTION -->
Because addition is commutative, as everybody can see.
<!-- BEGIN MARK SCHEME -->
One point for naming commutativity by its name.
<!-- END MARK SCHEME -->
<!-- END SOLUTION -->"""


def graded(grade_id: str, *, grade: bool, solution: bool, points: float | None = None, kind: str = "code") -> dict:
    """Return nbgrader's metadata, schema 3."""
    marks = {"schema_version": 3, "grade_id": grade_id, "grade": grade, "locked": not solution, "solution": solution}
    marks["task"] = False
    if grade:
        marks |= {"points": points, "cell_type": kind}
    return {"nbgrader": marks}


def small_notebook() -> NotebookNode:
    """Return a sound source notebook: a set-up, a solution, a test with hidden lines, a written answer."""
    cells = [
        new_markdown_cell("# Small sums", id="title"),
        new_code_cell(SETUP, id="setup", metadata=graded("setup", grade=False, solution=False)),
        new_code_cell(SOLUTION, id="sum", metadata=graded("sum", grade=False, solution=True)),
        new_code_cell(TEST, id="sum-test", metadata=graded("sum_test", grade=True, solution=False, points=2)),
        new_markdown_cell(
            WRITTEN, id="why", metadata=graded("why", grade=True, solution=True, points=1, kind="markdown")
        ),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def write_small_course(root: Path, change: Callable[[NotebookNode], None] = lambda notebook: None) -> Path:
    """Write the small course under `root`, its notebook changed first; return the source folder."""
    folder = root / "source" / "small"
    folder.mkdir(parents=True)
    notebook = small_notebook()
    change(notebook)
    nbformat.write(notebook, folder / "small.ipynb")
    (folder / "assignment.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "numbers.txt").write_text("1 2 3\n", encoding="utf-8")
    (folder / "STUDENT.md").write_text("# Small sums: how to start\n", encoding="utf-8")
    (root / "requirements.lock").write_text(
        "numpy==2.4.6 \\\n    --hash=sha256:0\notter-grader==7.0.0\nscipy==1.17.1\n"
    )
    return folder


def small_source(root: Path, change: Callable[[NotebookNode], None] = lambda notebook: None) -> SourceNotebook:
    """Write the small course and read it back."""
    return read_source(write_small_course(root, change))
