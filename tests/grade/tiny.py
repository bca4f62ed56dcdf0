"""A whole assignment without TensorFlow: one answer, one test, one question to a person; and its course folder."""

from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.model import Assignment

NAME = "tiny"

TEST = """\
# Points: the answer to everything.
assert answer > 0, "the answer has to be positive"
### BEGIN HIDDEN TESTS
assert open("assignment.toml").read()
assert open("data.txt").read() == "as released"
from autograder.checks.failure import CheckFailed, CheckSkipped

if answer == 40:
    raise CheckSkipped("missing", "There is nothing to look at.")
if answer == 41:
    raise CheckFailed("wrong_layer", "`answer` is another layer's.", "conv1")
if answer == 43:
    raise RuntimeError("the test is broken")
if answer == 44:
    import warnings

    warnings.warn("costs nothing")
### END HIDDEN TESTS"""


def _cell(kind: str, source: str, name: str, **marks: object) -> NotebookNode:
    marks = {"schema_version": 3, "grade": False, "solution": False, "locked": True, "task": False} | marks
    new = new_code_cell if kind == "code" else new_markdown_cell
    return new(source, metadata={"nbgrader": {"grade_id": name, **marks}})


def source() -> NotebookNode:
    """Return the instructor's notebook."""
    cells = [
        _cell("code", "base = 2", "setup"),
        _cell("code", "### BEGIN SOLUTION\nanswer = 42\n### END SOLUTION", "ex1_map", solution=True, locked=False),
        _cell("code", TEST, "ex1_test", grade=True, points=3),
        _cell("markdown", "Because.", "ex1_written", grade=True, solution=True, locked=False, points=2),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def released() -> NotebookNode:
    """Return what students get."""
    notebook = source()
    notebook.cells[1].source = "# YOUR CODE HERE"
    notebook.cells[2].source = TEST.partition("###")[0]
    notebook.cells[3].source = "YOUR ANSWER HERE"
    return notebook


def submission(code: str = "answer = 42", words: str = "I think so.") -> NotebookNode:
    """Return a student's notebook."""
    notebook = released()
    notebook.cells[1].source = code
    notebook.cells[3].source = words
    return notebook


def write_course(root: Path, name: str = "") -> tuple[Assignment, Path]:
    """Write source and release under `root`; return the assignment and the release's folder."""
    name = name or NAME
    folder, release = root / "source" / name, root / "release" / "nbgrader" / name
    folder.mkdir(parents=True)
    (release / "checks").mkdir(parents=True)
    nbformat.write(source(), folder / f"{name}.ipynb")
    (folder / "assignment.toml").write_text(
        "title = 'Tiny'\n[release]\nfiles = ['data.txt']\nstudent_readme = 'S.md'\nrequirements = []\n"
        "[otter]\npython = '3.11'\nseed = 1\n"
    )
    (folder / "secret.txt").write_text("for instructors")
    nbformat.write(released(), release / f"{name}.ipynb")
    (release / "checks" / "__init__.py").write_text("")
    for place in (folder, release):
        (place / "data.txt").write_text("as released")
    return Assignment(name, "Tiny", folder, ("data.txt",), "STUDENT.md", (), "3.11", 1), release
