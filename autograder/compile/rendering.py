"""Run the solved notebook and write it as an HTML page with its plots."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbconvert import HTMLExporter
from nbformat import NotebookNode

from autograder.assignment.policy import SETTINGS
from autograder.assignment.settings import SourceNotebook
from autograder.errors import BuildError, OutOfTimeError

__all__ = ["render_solution", "run_release", "run_solved"]

_CELL_SECONDS = 600


def run_solved(notebook: Path, release: Path, source: SourceNotebook) -> NotebookNode:
    """Run a solved notebook beside the release's files and return it with its outputs.

    Raises:
        BuildError: a cell fails.
        OutOfTimeError: a cell takes too long.
    """
    solved: NotebookNode = nbformat.read(notebook, as_version=4)
    try:
        return _run(solved, release, f"the solved {source.assignment.name}.ipynb", source.assignment.folder / SETTINGS)
    except CellExecutionError as error:
        raise BuildError(f"the solved notebook fails: {error.ename}: {error.evalue}") from error


def run_release(notebook: NotebookNode, release: Path, name: str) -> NotebookNode:
    """Run a release as it is given out, and return it with its outputs: what its checks say of nothing, too.

    Raises:
        OutOfTimeError: a cell takes too long.
    """
    return _run(notebook, release, f"the release {name}.ipynb", allow_errors=True)


def _run(notebook: NotebookNode, release: Path, what: str, *files: Path, allow_errors: bool = False) -> NotebookNode:
    """Run a notebook in a copy of the release, with more files beside it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "release"
        shutil.copytree(release, folder)
        for file in files:
            shutil.copy(file, folder)
        resources = {"metadata": {"path": folder}}
        client = NotebookClient(
            notebook, timeout=_CELL_SECONDS, kernel_name="python3", resources=resources, allow_errors=allow_errors
        )
        try:
            client.execute(stderr=subprocess.DEVNULL)  # what TensorFlow says of this machine
        except CellTimeoutError as error:
            number, output = _last_begun(notebook)
            raise OutOfTimeError(f"Cell {number} of {what}", _CELL_SECONDS, output) from error
    return notebook


def _last_begun(notebook: NotebookNode) -> tuple[int, str]:
    """Return the number, from 1, of the last cell that began to run, and what it has printed."""
    steps = (cell.metadata.get("execution", {}) for cell in notebook.cells)  # by nbclient
    number = max((n for n, times in enumerate(steps, 1) if "iopub.execute_input" in times), default=1)
    outputs = notebook.cells[number - 1].get("outputs", [])
    return number, "".join(output.text for output in outputs if output.output_type == "stream")


def render_solution(notebook: Path, release: Path, source: SourceNotebook) -> Path:
    """Write `<notebook>.html` beside a solved notebook, run, with plots; return its path."""
    page, _ = HTMLExporter(embed_images=True).from_notebook_node(run_solved(notebook, release, source))
    path = notebook.with_suffix(".html")
    path.write_text(page, encoding="utf-8")
    return path
