"""The run: collect, grade side by side, write each result as it comes, and go on where an earlier run was stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from joblib import Parallel, delayed
from nbformat import NotebookNode
from rich.console import Console

from autograder.errors import GradeError
from autograder.grade.collect import collect
from autograder.grade.engine import Engine, Graded, Limits
from autograder.grade.folders import folder_name
from autograder.grade.gradebook import prepare_gradebook, record_grades
from autograder.grade.incumbent import NbgraderEngine
from autograder.grade.progress import Teller, telling
from autograder.grade.results import append_result, read_results, write_atomically, write_grades
from autograder.model import Assignment, Submission, SubmissionResult

__all__ = ["PageWriter", "Request", "grade"]

PageWriter = Callable[[SubmissionResult, NotebookNode | None, Path], None]
"""Writes a student's feedback from a result and the executed notebook. Grading does not know how a page looks."""


@dataclass(frozen=True)
class Request:
    """What is to be graded, where to, and within which limits.

    Attributes:
        path: the submissions, in any form that `collect` knows.
        assignment: what they answer.
        release: the folder of its nbgrader release.
        out: takes everything that is written.
        jobs: how many submissions run side by side.
        isolation: the sandbox level asked for.
        limits: what each submission may use.
        fresh: grade everything again.
    """

    path: Path
    assignment: Assignment
    release: Path
    out: Path
    jobs: int = 1
    isolation: str = "auto"
    limits: Limits = field(default_factory=Limits)
    fresh: bool = False


def grade(request: Request, console: Console, page: PageWriter) -> tuple[SubmissionResult, ...]:
    """Grade every submission that has no result yet, and return the results of all, sorted by student.

    Args:
        request: what is to be graded.
        console: where progress is told.
        page: writes a student's feedback.

    Raises:
        GradeError: the request cannot be met, or its results cannot be written.
    """
    results = request.out / "results.jsonl"
    engine = _engine(request)
    with collect(request.path, request.assignment.name) as submissions:
        _prepare(request.out, results, fresh=request.fresh)
        done = {(result.student, result.assignment) for result in read_results(results)}
        waiting = [submission for submission in submissions if (submission.student, submission.assignment) not in done]
        if waiting:
            with engine, telling(console, len(waiting), request.jobs) as teller:
                _grade_all(request, engine, waiting, teller, page)
        students = {submission.student for submission in submissions}
    graded = read_results(results)
    write_grades(request.out / "grades.csv", graded)
    return tuple(sorted((result for result in graded if result.student in students), key=lambda one: one.student))


def _engine(request: Request) -> Engine:
    """Return the engine for the sandbox level asked for."""
    if request.isolation not in ("auto", "process"):
        raise GradeError(
            f"This version cannot isolate submissions by {request.isolation!r}: it sets resource limits, and no more.",
            "Use --isolation process for submissions that you trust.",
        )
    return NbgraderEngine(request.assignment, request.release, jobs=request.jobs, limits=request.limits)


def _prepare(out: Path, results: Path, *, fresh: bool) -> None:
    """Make the output folder, and forget earlier results when asked to. The gradebook with people's marks stays."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        if fresh:
            results.unlink(missing_ok=True)
    except OSError as error:
        raise GradeError(f"{out} cannot be written: {error.strerror}.") from error


def _grade_all(request: Request, engine: Engine, waiting: list[Submission], teller: Teller, page: PageWriter) -> None:
    """Grade side by side; write in this thread, in the order in which results come."""
    prepare_gradebook(request.out / "gradebook.db", engine.gradebook, request.assignment.name)
    try:
        for graded in _side_by_side(engine, waiting, teller, request.jobs):
            _write(request.out, graded, page)
            teller.end(graded.result)
    except BaseException:
        # Ctrl-C comes here: the threads wait for their notebooks otherwise, for minutes.
        engine.stop()
        raise


def _side_by_side(engine: Engine, waiting: list[Submission], teller: Teller, jobs: int) -> Iterator[Graded]:
    """Yield submissions as they are graded; threads will do, since each drives processes of its own."""

    def one(submission: Submission) -> Graded:
        teller.begin(submission.student)
        return engine.grade(submission)

    pool = Parallel(n_jobs=jobs, prefer="threads", return_as="generator_unordered", pre_dispatch=jobs)
    yield from pool(delayed(one)(submission) for submission in waiting)


def _write(out: Path, graded: Graded, page: PageWriter) -> None:
    """Write everything about one submission; the line in results.jsonl, which says that it is done, comes last."""
    result = graded.result
    student = folder_name(result.student)
    if graded.notebook is not None:
        target = out / "autograded" / student / result.assignment / f"{result.assignment}.ipynb"
        write_atomically(target, nbformat.writes(graded.notebook))
    record_grades(out / "gradebook.db", graded)
    page(result, graded.notebook, out / "feedback" / student / f"{result.assignment}.html")
    append_result(out / "results.jsonl", result)
