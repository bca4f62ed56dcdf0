"""Run the solved notebook and write it as an HTML page with its plots."""

from __future__ import annotations

import shutil
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

__all__ = ["render_solution", "run_solved"]

_CELL_SECONDS = 600


def run_solved(notebook: Path, release: Path, source: SourceNotebook) -> NotebookNode:
    """Run a solved notebook beside the release's files and return it with its outputs.

    Raises:
        BuildError: a cell fails.
        OutOfTimeError: a cell takes too long.
    """
    solved: NotebookNode = nbformat.read(notebook, as_version=4)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / source.assignment.name
        shutil.copytree(release, folder)
        shutil.copy(source.assignment.folder / SETTINGS, folder)
        client = NotebookClient(
            solved, timeout=_CELL_SECONDS, kernel_name="python3", resources={"metadata": {"path": folder}}
        )
        try:
            client.execute()
        except CellExecutionError as error:
            raise BuildError(f"the solved notebook fails: {error.ename}: {error.evalue}") from error
        except CellTimeoutError as error:
            number, output = _last_begun(solved)
            what = f"Cell {number} of the solved {source.assignment.name}.ipynb"
            raise OutOfTimeError(what, _CELL_SECONDS, output) from error
    return solved


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
