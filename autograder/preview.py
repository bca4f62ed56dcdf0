"""Look at an assignment before it is given out: the release as a student sees it, run, and two pages of feedback."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path

import nbformat
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from rich.console import Console

from autograder.assignment.cells import grade_id, is_solution
from autograder.assignment.regions import parse_regions
from autograder.compile.compiler import compile_source
from autograder.compile.lint import check_source
from autograder.compile.publishing import staging
from autograder.compile.rendering import run_release
from autograder.files import write_file
from autograder.grade import GradeRequest, grade
from autograder.report import print_table, write_page
from autograder.sandbox.isolation import strongest_isolation

__all__ = ["preview"]

_STUDENTS = ("solved", "blank")


def preview(root: Path, name: str, *, jobs: int = 2) -> tuple[Path, ...]:
    """Write the pages of an assignment as it is in `source/` now; nothing is published.

    Args:
        root: the repository's root.
        name: the assignment's.
        jobs: how many of the two submissions are graded side by side.

    Returns:
        The pages below `preview/<name>/`: the release, run; then feedback on it solved, and blank.

    Raises:
        SourceError: the source has mistakes.
        BuildError: a tool that the build drives failed.
    """
    source = check_source(root / "source" / name)
    console, out = Console(stderr=True), root / "preview" / name
    shutil.rmtree(out, ignore_errors=True)
    with staging(root) as stage:
        console.print(f"{name}: compiling", highlight=False)
        compilation = compile_source(root, source, stage / "compiled")
        release = compilation.path("nbgrader")
        blank: NotebookNode = nbformat.read(release / f"{name}.ipynb", as_version=4)
        submissions = stage / "submissions"
        submissions.mkdir()
        for student, notebook in zip(_STUDENTS, (_solved(blank, source.notebook), blank), strict=True):
            nbformat.write(notebook, submissions / f"{student}.ipynb")
        isolation = strongest_isolation()
        request = GradeRequest(submissions, source.assignment, release, out, jobs=jobs, isolation=isolation)
        results = grade(request, console, write_page(source.assignment.title))
        console.print(f"{name}: running the release as a student gets it", highlight=False)
        shown = run_release(blank, release, name)
    print_table(results, out.relative_to(root))
    page, _ = HTMLExporter(embed_images=True).from_notebook_node(shown)
    write_file(out / "release.html", page)
    return out / "release.html", *(out / "feedback" / student / f"{name}.html" for student in _STUDENTS)


def _solved(release: NotebookNode, source: NotebookNode) -> NotebookNode:
    """Return the release with the solutions where a student types, and no mark schemes."""
    filled: NotebookNode = copy.deepcopy(release)
    answers = {
        grade_id(cell): parse_regions(cell.source).outside("MARK SCHEME") for cell in source.cells if is_solution(cell)
    }
    for cell in filled.cells:
        if grade_id(cell) in answers:
            cell.source = parse_regions(answers[grade_id(cell)]).without_markers()
    return filled
