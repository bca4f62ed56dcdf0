"""The engine that is nbgrader: private courses side by side, resource limits, and no sandbox."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from time import monotonic
from types import TracebackType
from typing import Self

import nbformat

from autograder.errors import GradeError
from autograder.grade.engine import Graded, Limits
from autograder.grade.notebooks import UnreadableError, WrongAssignmentError, read_notebook, restore
from autograder.model import (
    Assignment,
    CheckResult,
    GradedCell,
    Isolation,
    Submission,
    SubmissionResult,
    SubmissionStatus,
)
from autograder.peers.nbgrader import Course
from autograder.peers.nbgrader.process import Stop

__all__ = ["NbgraderEngine"]


class NbgraderEngine:
    """Grades by `nbgrader autograde`, in as many private courses as submissions run side by side.

    Args:
        assignment: what is graded.
        release: the folder of the assignment's nbgrader release.
        jobs: how many submissions run side by side.
        limits: what each of them may use.
    """

    isolation: Isolation = "process"

    def __init__(self, assignment: Assignment, release: Path, *, jobs: int, limits: Limits) -> None:
        notebook = release / f"{assignment.name}.ipynb"
        if not notebook.is_file():
            raise GradeError(f"{notebook} is not there.", f"Run `autograder build {assignment.name}` first.")
        self._assignment = assignment
        self._release = release
        self._release_notebook = nbformat.read(notebook, as_version=4)
        self._jobs = jobs
        self._limits = limits
        self._stop = Stop()
        self._courses: SimpleQueue[Course] = SimpleQueue()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._scratch = Path(
                stack.enter_context(TemporaryDirectory(prefix="autograder-", ignore_cleanup_errors=True))
            )
            first = stack.enter_context(self._course())
            self._cells = first.cells
            self._gradebook = first.gradebook
            self._courses.put(first)
            for _ in range(self._jobs - 1):
                self._courses.put(stack.enter_context(self._course(first.gradebook)))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._stack.close()

    @property
    def gradebook(self) -> Path:
        """The first course's gradebook; it is asked for before anything was graded."""
        return self._gradebook

    def stop(self) -> None:
        """End what runs at once."""
        self._stop.set()

    def grade(self, submission: Submission) -> Graded:
        """Grade one submission in a course that is free, or wait for one."""
        start = monotonic()
        try:
            notebook, note = restore(read_notebook(submission), self._release_notebook)
        except (UnreadableError, OSError) as error:
            return self._not_run(submission, "unreadable", str(error), monotonic() - start)
        except WrongAssignmentError as error:
            return self._not_run(submission, "wrong_assignment", str(error), monotonic() - start)
        course = self._courses.get()
        try:
            return self._run(course, submission, notebook, note)
        finally:
            self._courses.put(course)

    def _course(self, gradebook: Path | None = None) -> Course:
        """Return a private course whose kernels share the machine with those of the others."""
        threads = max(1, (os.cpu_count() or 1) // self._jobs)
        return Course(self._assignment, self._release, threads=threads, gradebook=gradebook, stop=self._stop)

    def _run(self, course: Course, submission: Submission, notebook: nbformat.NotebookNode, note: str) -> Graded:
        """Grade a readable notebook in a course."""
        handed_in = self._scratch / f"{id(course)}.ipynb"
        nbformat.write(notebook, handed_in)
        course.submit(submission.student, handed_in)
        ran = course.autograde(submission.student, timeout=self._limits.seconds, memory=self._limits.memory)
        checks = course.checks(submission.student)
        executed = None if ran.notebook is None else nbformat.read(ran.notebook, as_version=4)
        course.withdraw(submission.student)
        message = " ".join(filter(None, [ran.message, submission.note, note])) or None
        return Graded(self._result(submission, ran.status, checks, ran.seconds, message), executed)

    def _not_run(self, submission: Submission, status: SubmissionStatus, message: str, seconds: float) -> Graded:
        """Return the result of something that is no notebook of the assignment."""
        skipped = "Nothing could be checked: no notebook of this assignment was handed in."
        tests = (cell for cell in self._cells if cell.kind == "test")
        checks = tuple(_skipped(cell, skipped) for cell in tests)
        return Graded(self._result(submission, status, checks, seconds, message), None)

    def _result(
        self,
        submission: Submission,
        status: SubmissionStatus,
        checks: tuple[CheckResult, ...],
        seconds: float,
        message: str | None,
    ) -> SubmissionResult:
        """Return the record of a submission."""
        return SubmissionResult(
            student=submission.student,
            assignment=submission.assignment,
            status=status,
            score=sum(check.score for check in checks),
            max_score=sum(check.max_score for check in checks),
            isolation=self.isolation,
            seconds=round(seconds, 1),
            message=message,
            checks=checks,
        )


def _skipped(cell: GradedCell, message: str) -> CheckResult:
    """Return the result of a check that had nothing to look at."""
    return CheckResult(cell.grade_id, "skipped", 0.0, cell.points, message=message)
