"""Build, hand in, grade, show."""

from __future__ import annotations

import shutil
from pathlib import Path
from time import monotonic

import nbformat
from nbformat import NotebookNode
from rich.console import Console

from autograder.assignment.cells import grade_id
from autograder.assignment.settings import read_source
from autograder.demo.students import STUDENTS, Student
from autograder.grade import GradeRequest, grade
from autograder.grade.gradebook.read import students_who_wrote
from autograder.report import print_table, write_page
from autograder.sandbox.isolation import strongest_isolation

__all__ = ["fill", "run_demo"]

ASSIGNMENT = "mapping_representations"


def run_demo(root: Path, *, jobs: int = 2, rebuild: bool = True) -> None:
    """Do the main job once, in `demo/`.

    Args:
        root: the repository's root.
        jobs: how many submissions are graded side by side.
        rebuild: whether to build the assignment first; otherwise the release that is there is used.
    """
    console, start = Console(stderr=True), monotonic()
    if rebuild:
        from autograder.compile.compiler import build  # nbgrader's and otter's imports: seconds

        console.rule("Build", align="left")
        build(root, ASSIGNMENT)
    release, out = root / "release" / "nbgrader" / ASSIGNMENT, root / "demo"
    console.rule("Grade", align="left")
    hand_in(release / f"{ASSIGNMENT}.ipynb", out / "submissions")
    assignment = read_source(root / "source" / ASSIGNMENT).assignment
    request = GradeRequest(
        out / "submissions",
        assignment,
        release,
        out,
        jobs=jobs,
        isolation=strongest_isolation(lambda why: console.print(why, highlight=False)),
        fresh=True,
    )
    results = grade(request, console, write_page(assignment.title))
    print_table(results, out.relative_to(root), wrote=students_who_wrote(out))
    console.print(f"\nAll in all {monotonic() - start:.0f} s.", highlight=False)


def hand_in(release: Path, folder: Path) -> None:
    """Write the class's notebooks as a flat folder.

    Args:
        release: the notebook that students get.
        folder: is emptied first.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    notebook = nbformat.read(release, as_version=4)
    for student in STUDENTS:
        nbformat.write(fill(notebook, student), folder / f"{student.name}.ipynb")


def fill(release: NotebookNode, student: Student) -> NotebookNode:
    """Return the release with a student's code and answers in the cells that ask for them."""
    filled: NotebookNode = nbformat.from_dict(release)
    for cell in filled.cells:
        cell.source = student.cells.get(grade_id(cell), cell.source)
    return filled
