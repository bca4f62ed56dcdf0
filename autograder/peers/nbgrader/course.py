"""Grade notebooks in a private nbgrader course for one assignment, in a temporary folder."""

from __future__ import annotations

import copy
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import nbformat
from nbformat import NotebookNode

from autograder.assignment.cells import is_test
from autograder.assignment.credit import with_credit
from autograder.errors import GradeError, OutOfTimeError
from autograder.model import Assignment, CheckResult, SubmissionStatus
from autograder.peers.nbgrader.config import private_config
from autograder.peers.nbgrader.gradebook import open_gradebook
from autograder.peers.nbgrader.outcomes import check_results
from autograder.peers.nbgrader.process import Command, Exit, run
from autograder.stops import Stop
from autograder.threads import thread_limits

__all__ = ["Course", "Run"]

GENERATE_SECONDS = 120
"""`nbgrader generate_assignment` runs nothing; it takes seconds."""

GRACE_SECONDS = 30
"""Given to nbgrader past the notebook's time, to stop the kernel and to score what was reached."""


@dataclass(frozen=True)
class Run:
    """How the autograding of one notebook ended.

    Attributes:
        status: "graded", or what stopped it.
        notebook: the autograded notebook, hidden tests in it; None when nbgrader could not make one.
        late: set where nbgrader itself, and not the notebook alone, had to be stopped.
    """

    status: SubmissionStatus
    notebook: Path | None = None
    late: OutOfTimeError | None = None


class Course:
    """A private course, made on entering and removed on leaving.

    Args:
        assignment: what is graded; its source notebook fills the gradebook.
        release: the folder of the assignment's nbgrader release; a submission finds its files beside it, whatever was
            handed in with it.
        cell_seconds: the longest that one cell may take; None for the default.
        threads: how many threads each kernel's numerical libraries may use; None leaves that to them.
    """

    def __init__(
        self, assignment: Assignment, release: Path, *, cell_seconds: float | None = None, threads: int | None = None
    ) -> None:
        self.assignment = assignment
        self._release = release
        self._cell_seconds = cell_seconds
        self._threads = threads
        self._runs: dict[str, Run] = {}

    def __enter__(self) -> Self:
        self._temporary = tempfile.TemporaryDirectory(prefix="autograder-course-", ignore_cleanup_errors=True)
        self.root = Path(self._temporary.name).resolve()
        try:
            self._generate()
        except BaseException:
            self._temporary.cleanup()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._temporary.cleanup()

    @property
    def gradebook(self) -> Path:
        """The database that nbgrader keeps of this course."""
        return self.root / "gradebook.db"

    def submit(self, student: str, notebook: Path) -> None:
        """Hand a notebook in, in the place of an earlier one.

        Args:
            student: a name that is fit for a folder.
            notebook: a file in any nbformat that nbgrader reads.
        """
        folder = self._folder("submitted", student)
        for earlier in (folder, self._folder("autograded", student)):
            shutil.rmtree(earlier, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copyfile(notebook, folder / f"{self.assignment.name}.ipynb")

    def autograde(self, student: str, *, timeout: float = 1200) -> Run:
        """Run and score what a student handed in.

        Args:
            student: who was given to `submit`.
            timeout: wall time in seconds for the whole notebook.
        """
        arguments = ["autograde", self.assignment.name, f"--student={student}", "--force"]
        seconds = timeout + GRACE_SECONDS
        exited = self._nbgrader([*arguments, f"--ExecuteWithin.seconds={timeout:.1f}"], seconds)
        self._runs[student] = self._run(student, exited, seconds)
        return self._runs[student]

    def checks(self, student: str) -> tuple[CheckResult, ...]:
        """Return what the machine's checks say about an autograded notebook, in the notebook's order."""
        notebook = self._runs[student].notebook
        executed = None if notebook is None else nbformat.read(notebook, as_version=4)
        return check_results(self._tests, self._scores(student), executed)

    def _generate(self) -> None:
        """Fill the course: its configuration, its source, and by nbgrader itself its gradebook."""
        name = self.assignment.name
        source = self.root / "source" / name
        source.mkdir(parents=True)
        notebook: NotebookNode = nbformat.read(self.assignment.notebook, as_version=4)
        self._tests = [copy.deepcopy(cell) for cell in notebook.cells if is_test(cell)]
        nbformat.write(with_credit(notebook, self.assignment.credit), source / f"{name}.ipynb")
        config = private_config(self.root, self._release, self.assignment.folder, cell_seconds=self._cell_seconds)
        (self.root / "nbgrader_config.json").write_text(json.dumps(config), "utf-8")
        exited = self._nbgrader(["generate_assignment", name], GENERATE_SECONDS)
        if exited.late:
            raise OutOfTimeError("`nbgrader generate_assignment`", GENERATE_SECONDS, self._log())
        if exited.code:
            raise GradeError(f"nbgrader cannot use {self.assignment.notebook}: {self._last_words()}")

    def _nbgrader(self, arguments: list[str], seconds: float) -> Exit:
        """Run one nbgrader command in this course, with settings and scratch files of its own."""
        private = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython"}
        environment = {variable: str(self.root / folder) for variable, folder in private.items()}
        environment |= thread_limits(self._threads)
        return run(Command(arguments, self.root, self.root / "nbgrader.log", environment), seconds)

    def _run(self, student: str, exited: Exit, seconds: float) -> Run:
        """Return how a notebook's autograding ended, which had so much time."""
        notebook = self._folder("autograded", student) / f"{self.assignment.name}.ipynb"
        if exited.late:
            return Run("timeout", late=OutOfTimeError("`nbgrader autograde`", seconds, self._log()))
        if exited.code or not notebook.is_file():
            return Run("crashed")
        stop = _not_run_reason(nbformat.read(notebook, as_version=4))
        return Run("graded" if stop is None else stop.status, notebook)

    def _scores(self, student: str) -> dict[str, float]:
        """Return nbgrader's score of each graded cell, read through its own API."""
        from nbgrader.api import MissingEntry  # four seconds to import

        name = self.assignment.name
        with open_gradebook(self.gradebook) as gradebook:
            try:
                submission = gradebook.find_submission_notebook(name, name, student)
            except MissingEntry:
                return {}
            return {grade.name: float(grade.auto_score or 0.0) for grade in submission.grades}

    def _folder(self, step: str, student: str) -> Path:
        """Return a student's folder at one of nbgrader's steps."""
        return self.root / step / student / self.assignment.name

    def _log(self) -> str:
        """Return all that nbgrader has printed."""
        log = self.root / "nbgrader.log"
        return log.read_text("utf-8", "replace") if log.exists() else ""

    def _last_words(self) -> str:
        """Return the last line of nbgrader's log that says something."""
        lines = [line for line in self._log().splitlines() if line.strip() and "see the" not in line.lower()]
        return lines[-1].strip()[:300] if lines else "it said nothing"


def _not_run_reason(executed: NotebookNode) -> Stop | None:
    """Return why the last code cells of an executed notebook were not run; None when all were."""
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    outputs = code[-1].outputs if code else []
    errors = [output for output in outputs if output.output_type == "error" and output.ename == "NotRun"]
    return Stop.named(errors[-1].evalue) if errors else None
