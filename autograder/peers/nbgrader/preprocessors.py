"""Preprocessors for autograding: accept split cells, restore files, run every notebook to its end.

nbgrader loads them by name, under plain `nbgrader autograde` too (see `config.py`).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from time import monotonic
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import DeduplicateIds, Execute, GetGrades, NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets import Float, Unicode

from autograder.assignment.points import fill_points
from autograder.assignment.policy import SETTINGS
from autograder.stops import Stop

__all__ = ["NOT_RUN", "ExecuteWithin", "FillPoints", "GetMarks", "RestoreFiles", "UniqueIds"]

NOT_RUN = "NotRun"
"""The error's name in the output of a cell that was never run; its value is a `Stop`."""


class FillPoints(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Put numbers in place of `{points:NAME}`, as the build does."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook with its points filled in."""
        return fill_points(nb), resources


class UniqueIds(DeduplicateIds):  # type: ignore[misc]  # nbgrader has no types
    """Make ordinary cells of all copies of a cell but the last, as splitting a cell leaves them.

    nbgrader's own `DeduplicateIds` leaves them empty metadata, which its next step takes for an old version's and
    stops the class.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Take the metadata away from a cell whose id came before, counted from the notebook's end."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if not cell.metadata.get("nbgrader", True):
            del cell.metadata["nbgrader"]
        return cell, resources


class RestoreFiles(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no types
    """Put the release's files and `assignment.toml` over the student's own, where the submission runs.

    nbgrader restores what it finds in `source/`; the checks come to the release from the package, and `assignment.toml`
    never goes to a student, so that neither is restored by nbgrader itself.
    """

    release = Unicode(help="the release's folder; {assignment} stands for the assignment's name").tag(config=True)
    source = Unicode(help="the source folder; {assignment} stands for the assignment's name").tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Restore the files; the notebook stays as it is."""
        name = resources["nbgrader"]["assignment"]
        folder = Path(resources["metadata"]["path"])
        release = Path(self.release.replace("{assignment}", name))
        if not release.is_dir():
            raise FileNotFoundError(f"{release} is not there: run `autograder build {name}` first")
        for path in [*release.iterdir(), Path(self.source.replace("{assignment}", name)) / SETTINGS]:
            if path.suffix != ".ipynb":
                _replace(path, folder / path.name)
        return nb, resources


class GetMarks(GetGrades):  # type: ignore[misc]  # nbgrader has no types
    """Tell what nobody has marked yet from what got no points: nbgrader's own `GetGrades` gives 0 to both."""

    def _get_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        super()._get_score(cell, resources)
        grade = self.gradebook.find_grade(
            cell.metadata["nbgrader"]["grade_id"], self.notebook_id, self.assignment_id, self.student_id
        )
        if grade.manual_score is None and grade.auto_score is None:
            cell.metadata.nbgrader["score"] = None


def _replace(original: Path, copy: Path) -> None:
    """Copy a file or a folder, whatever stands at its place: a link is removed and never followed."""
    if copy.is_dir() and not copy.is_symlink():
        shutil.rmtree(copy)
    else:
        copy.unlink(missing_ok=True)
    if original.is_dir():
        shutil.copytree(original, copy, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    else:
        shutil.copyfile(original, copy)


class ExecuteWithin(Execute):  # type: ignore[misc]  # nbgrader has no types
    """Run a notebook within a time for the whole of it, and keep what was reached when it dies.

    nbgrader's own `Execute` raises when the kernel dies or ignores its interrupt, and the whole submission is lost. Here
    the cells that were not reached carry an error of their own, so that the answers given before still count. Text that
    a passing test cell left on stderr is taken away: nbgrader counts a mere warning as a failed test.
    """

    seconds = Float(1200, help="the longest that the whole notebook may take").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, km: Any = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run every cell, or say of each cell why it was not run."""
        self._deadline = monotonic() + self.seconds
        self._stopped = ""
        self.timeout_func = lambda cell: max(1, min(self.timeout or self.seconds, self._deadline - monotonic()))
        executed: tuple[NotebookNode, dict[str, Any]] = super().preprocess(nb, resources, km)
        return executed

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run one cell unless the notebook was stopped before."""
        if monotonic() >= self._deadline:
            self._stopped = self._stopped or Stop.TIMEOUT
        if not self._stopped:
            try:
                cell, resources = super().preprocess_cell(cell, resources, index)
            except DeadKernelError:
                self._stopped = Stop.CRASHED
            except CellTimeoutError:
                # The kernel swallowed its interrupt: it would be busy for every cell to come.
                self._stopped = Stop.TIMEOUT
        if cell.cell_type == "code" and self._stopped:
            cell.outputs = [*cell.get("outputs", []), _not_run(self._stopped)]
        elif cell.cell_type == "code" and is_grade(cell):
            _forgive_warnings(cell)
        return cell, resources


def _not_run(reason: str) -> NotebookNode:
    """Return the output that says why a cell was not run."""
    output: NotebookNode = new_output("error", ename=NOT_RUN, evalue=reason, traceback=[f"{NOT_RUN}: {reason}"])
    return output


def _forgive_warnings(cell: NotebookNode) -> None:
    """Drop stderr from a test cell that raised nothing."""
    if not any(output.output_type == "error" for output in cell.outputs):
        cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
