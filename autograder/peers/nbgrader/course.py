"""Grade notebooks in a private nbgrader course for one assignment, in a temporary folder."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import nbformat
from nbformat import NotebookNode

from autograder.errors import GradeError, OutOfTimeError
from autograder.model import Assignment, CheckResult, SubmissionStatus
from autograder.peers.nbgrader.config import private_config
from autograder.peers.nbgrader.gradebook import open_gradebook
from autograder.peers.nbgrader.outcomes import NOT_RUN_MESSAGES, answer_cells, check_results, graded_cells
from autograder.peers.nbgrader.process import Command, Exit, run
from autograder.threads import thread_limits

__all__ = ["Course", "Run"]

GENERATE_SECONDS = 120
"""`nbgrader generate_assignment` runs nothing; it takes seconds."""

GRACE_SECONDS = 30
"""Given to nbgrader past the notebook's time, to stop the kernel and to score what was reached."""


@dataclass(frozen=True)
class Run:
    """How the autograding of one submission ended.

    Attributes:
        status: "graded", or what stopped it.
        seconds: wall time.
        notebook: the autograded notebook, hidden tests in it; None when nbgrader could not make one.
        message: what the person who grades should know; None when nothing.
        late: set where nbgrader itself, and not the notebook alone, had to be stopped.
    """

    status: SubmissionStatus
    seconds: float
    notebook: Path | None
    message: str | None = None
    late: OutOfTimeError | None = None


class Course:
    """A private course, made on entering and removed on leaving.

    Students' names never become paths: each student is a number in here.

    Args:
        assignment: what is graded; its source notebook fills the gradebook.
        release: the folder of the assignment's nbgrader release; a submission finds its files beside it, whatever was
            handed in with it.
        cell_seconds: the longest that one cell may take; None for the default.
        threads: how many threads each kernel's numerical libraries may use; None leaves that to them.
    """

    def __init__(
        self,
        assignment: Assignment,
        release: Path,
        *,
        cell_seconds: float | None = None,
        threads: int | None = None,
    ) -> None:
        self.assignment = assignment
        self._release = release
        self._cell_seconds = cell_seconds
        self._threads = threads
        self._students: dict[str, str] = {}
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
            student: any text.
            notebook: a file in any nbformat that nbgrader reads.
        """
        self.withdraw(student)
        folder = self._folder("submitted", student)
        folder.mkdir(parents=True)
        shutil.copyfile(notebook, folder / f"{self.assignment.name}.ipynb")

    def withdraw(self, student: str) -> None:
        """Remove a student's files; each copy of the release's data would stay on disk otherwise."""
        self._runs.pop(student, None)
        for step in ("submitted", "autograded"):
            shutil.rmtree(self._folder(step, student), ignore_errors=True)

    def autograde(self, student: str, *, timeout: float = 1200, memory: float | None = None) -> Run:
        """Run and score what a student handed in.

        Args:
            student: who was given to `submit`.
            timeout: wall time in seconds for the whole notebook.
            memory: the most that its kernel may hold, in GiB; None for no limit.
        """
        arguments = ["autograde", self.assignment.name, f"--student={self._number(student)}", "--force"]
        seconds = timeout + GRACE_SECONDS
        exited = self._nbgrader([*arguments, f"--ExecuteWithin.seconds={timeout:.1f}"], seconds, memory)
        self._runs[student] = self._run(student, exited, seconds)
        return self._runs[student]

    def checks(self, student: str) -> tuple[CheckResult, ...]:
        """Return what the machine's checks say about a student's autograded notebook, in the notebook's order."""
        ran = self._runs[student]
        executed = None if ran.notebook is None else nbformat.read(ran.notebook, as_version=4)
        stopped = ran.status if ran.status in NOT_RUN_MESSAGES else "crashed"
        tests = tuple(cell for cell in self.cells if cell.kind == "test")
        return check_results(tests, self._scores(student), executed, self._answers, stopped)

    def _generate(self) -> None:
        """Fill the course: its configuration, its source, and by nbgrader itself its gradebook."""
        name = self.assignment.name
        source = self.root / "source" / name
        source.mkdir(parents=True)
        shutil.copyfile(self.assignment.notebook, source / f"{name}.ipynb")
        config = private_config(self.root, self._release, self.assignment.folder, cell_seconds=self._cell_seconds)
        (self.root / "nbgrader_config.json").write_text(json.dumps(config), "utf-8")
        notebook: NotebookNode = nbformat.read(self.assignment.notebook, as_version=4)
        self.cells = graded_cells(notebook)
        self._answers = answer_cells(notebook)
        exited = self._nbgrader(["generate_assignment", name], GENERATE_SECONDS)
        if exited.stopped:
            raise OutOfTimeError("`nbgrader generate_assignment`", GENERATE_SECONDS, self._log())
        if exited.code:
            raise GradeError(f"nbgrader cannot use {self.assignment.notebook}: {self._last_words()}")

    def _nbgrader(self, arguments: list[str], seconds: float, memory: float | None = None) -> Exit:
        """Run one nbgrader command in this course, with settings and scratch files of its own."""
        private = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_RUNTIME_DIR": "runtime", "IPYTHONDIR": "ipython"}
        environment = {variable: str(self.root / folder) for variable, folder in private.items()}
        environment |= thread_limits(self._threads)
        command = Command(arguments, self.root, self.root / "nbgrader.log", environment)
        return run(command, seconds=seconds, memory=memory)

    def _run(self, student: str, exited: Exit, seconds: float) -> Run:
        """Say how a submission's autograding ended, for which there was so much time."""
        notebook = self._folder("autograded", student) / f"{self.assignment.name}.ipynb"
        if not notebook.is_file() or exited.code:
            status: SubmissionStatus = exited.stopped or "crashed"  # type: ignore[assignment]
            if status == "timeout":
                late = OutOfTimeError("`nbgrader autograde`", seconds, self._log())
                return Run(status, exited.seconds, None, late.message, late)
            return Run(status, exited.seconds, None, f"nbgrader could not grade it: {self._last_words()}")
        reason = _not_run_reason(nbformat.read(notebook, as_version=4))
        if not reason:
            return Run("graded", exited.seconds, notebook)
        status = "memory" if exited.stopped == "memory" else reason
        return Run(status, exited.seconds, notebook, _STOP_MESSAGES[status])

    def _scores(self, student: str) -> dict[str, float]:
        """Return nbgrader's score of each graded cell, read through its own API."""
        from nbgrader.api import MissingEntry  # four seconds to import

        name = self.assignment.name
        with open_gradebook(self.gradebook) as gradebook:
            try:
                submission = gradebook.find_submission_notebook(name, name, self._number(student))
            except MissingEntry:
                return {}
            return {grade.name: float(grade.auto_score or 0.0) for grade in submission.grades}

    def _number(self, student: str) -> str:
        """Return the name that a student has in this course."""
        return self._students.setdefault(student, f"student-{len(self._students) + 1:04d}")

    def _folder(self, step: str, student: str) -> Path:
        """Return a student's folder at one of nbgrader's steps."""
        return self.root / step / self._number(student) / self.assignment.name

    def _log(self) -> str:
        """Return all that nbgrader has printed."""
        log = self.root / "nbgrader.log"
        return log.read_text("utf-8", "replace") if log.exists() else ""

    def _last_words(self) -> str:
        """Return the last line of nbgrader's log that says something."""
        lines = [line for line in self._log().splitlines() if line.strip() and "see the" not in line.lower()]
        return lines[-1].strip()[:300] if lines else "it said nothing"


_STOP_MESSAGES: dict[SubmissionStatus, str] = {
    "timeout": "It was stopped when its time was over; answers given before count.",
    "memory": "It was stopped for its use of memory; answers given before count.",
    "crashed": "Its Python process ended before the notebook did; answers given before count.",
}


def _not_run_reason(executed: NotebookNode) -> SubmissionStatus | None:
    """Return why the last code cells of an executed notebook were not run; None when all were."""
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    outputs = code[-1].outputs if code else []
    errors = [output for output in outputs if output.output_type == "error" and output.ename == "NotRun"]
    reason = errors[-1].evalue if errors else ""
    return reason if reason in _STOP_MESSAGES else None
