"""Grade a class: collect, grade side by side, and write each result as it comes.

A run that was stopped continues where it was.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from autograder.assignment.plan import AssignmentPlan, make_plan
from autograder.assignment.recognise import recogniser
from autograder.bounded.processes import BoundedProcesses
from autograder.claims.folder import ClaimsFolder
from autograder.collect.record_files import write_collection
from autograder.collect.records import Roster
from autograder.collect.submissions import CollectRequest, collect
from autograder.errors import GradeError
from autograder.execute.engine import BOUNDED_MODULES, Result
from autograder.files import held
from autograder.grade.about import write_about
from autograder.grade.gradebook.prepare import Grades, prepare_gradebook
from autograder.grade.gradebook.read import read_marks
from autograder.grade.kept_claims import claims_in_words, tidy
from autograder.grade.ledger import Ledger
from autograder.grade.map_files import write_images
from autograder.grade.marked_words import MarkedWords
from autograder.grade.page_desk import PageDesk, PageWriter, page_processes
from autograder.grade.progress import ClassProgress, show_progress
from autograder.grade.receipts import surroundings
from autograder.grade.recording import complete, write_rows
from autograder.grade.results import read_results, write_grades
from autograder.grade.workers import LocalWorkers, Workers
from autograder.lateness import Extensions
from autograder.log import hold_log, keep_logs
from autograder.model import Assignment, Submission, SubmissionResult
from autograder.sandbox.inside.startup import without_collections
from autograder.sandbox.limits import Limits

__all__ = ["GradeRequest", "PageWriter", "alone", "grade", "local_workers", "plan_of", "prepare_out"]


@dataclass(frozen=True)
class GradeRequest:
    """What is to be graded, where to, and within which limits.

    Attributes:
        path: the submissions, in any form that `collect` knows.
        assignment: what they answer.
        release: the folder of its nbgrader release.
        out: takes everything that is written.
        jobs: how many submissions run side by side.
        isolation: the sandbox level asked for.
        limits: what each submission may use.
        fresh: grade everything again, and compute every map again.
        quiet: say nothing on the way.
        cluster: a Dask scheduler's address, or "local" for one that is started here; None for no cluster.
        plain: grade the slow way, for appeals: with libraries as they are, no shared start and no memory.
        convention: how the submissions are named; "auto" to find out.
        roster: the class list; None without one.
        extensions: who has longer than the class; None for nobody.
        claims: how many bytes of claims are kept, so that the class can be judged again; 0 for none.
    """

    path: Path
    assignment: Assignment
    release: Path
    out: Path
    jobs: int = 1
    isolation: str = "auto"
    limits: Limits = field(default_factory=Limits)
    fresh: bool = False
    quiet: bool = False
    cluster: str | None = None
    plain: bool = False
    convention: str = "auto"
    roster: Roster | None = None
    extensions: Extensions | None = None
    claims: int = 2**31

    @property
    def memory(self) -> Path:
        """Where t-SNE maps are kept for later runs."""
        return self.out / "tsne_memory"

    @property
    def logs(self) -> Path:
        """Where what happened is written down."""
        return self.out / "logs"

    @property
    def private(self) -> tuple[Path, ...]:
        """What submissions must not be able to read: each other, the results, the solutions."""
        return self.path, self.out, self.assignment.folder.parents[1] / "solutions"


@dataclass(frozen=True)
class ClassRun:
    """One run over a class, and what takes part in it.

    Attributes:
        request: what is to be graded.
        plan: the assignment's cells.
        workers: grade the submissions.
        ledger: knows which result is of which submission.
        progress: shows how the run goes.
        page: writes a student's feedback.
        processes: where the processes come from that write it.
        claims: keeps what submissions claim; None to keep nothing.
    """

    request: GradeRequest
    plan: AssignmentPlan
    workers: Workers
    ledger: Ledger
    progress: ClassProgress
    page: PageWriter
    processes: BoundedProcesses
    claims: ClaimsFolder | None


def grade(
    request: GradeRequest,
    console: Console,
    page: PageWriter,
) -> tuple[SubmissionResult, ...]:
    """Grade every submission that has no result yet, or was changed since, and return the results of all.

    Args:
        request: what is to be graded.
        console: where progress is told.
        page: writes a student's feedback.

    Returns:
        The results of the submissions under the request's path, sorted by student.

    Raises:
        AutograderError: the request cannot be met, or its results cannot be written.
    """
    plan = plan_of(request)
    hand_ins = CollectRequest(
        request.path, request.assignment.name, request.convention, recogniser(plan), request.roster
    )
    with alone(request.out), hold_log() as earlier, collect(hand_ins) as collection:
        submissions = collection.submissions
        processes = page_processes(page, *BOUNDED_MODULES)
        ledger = prepare_out(request)
        claims = ClaimsFolder(request.out / "claims", request.claims) if request.claims else None
        workers = _workers(request, plan, processes, claims)
        write_collection(collection, request.out)
        write_about(request.out, request.assignment.folder)
        waiting = ledger.waiting(submissions)
        ledger.note_times(submissions)
        if waiting:
            if not request.quiet:
                console.print(f"Sandbox: {workers.sandbox}.", highlight=False, soft_wrap=True)
            with (
                keep_logs(request.logs, earlier),
                processes,
                workers,
                show_progress(
                    None if request.quiet else console, len(waiting), request.jobs, workers.tally
                ) as progress,
            ):
                # The workers' processes get warm meanwhile.
                with without_collections():
                    changes = prepare_gradebook(request.out / "gradebook.db", request.assignment, plan)
                for line in () if request.quiet else changes:
                    console.print(line, markup=False, highlight=False, soft_wrap=True)
                _grade_all(ClassRun(request, plan, workers, ledger, progress, page, processes, claims), waiting)
            if claims is not None:
                tidy(claims)
                if not request.quiet:
                    console.print(claims_in_words(claims), highlight=False, soft_wrap=True)
        students = {submission.student for submission in submissions}
    graded = read_results(ledger.results)
    write_grades(request.out / "grades.csv", graded)
    own = (one for one in graded if one.assignment == request.assignment.name and one.student in students)
    return tuple(sorted(own, key=lambda one: one.student))


@contextlib.contextmanager
def alone(out: Path) -> Iterator[None]:
    """Hold the output folder: two runs would write over each other's rows.

    Raises:
        GradeError: another run has it.
    """
    with contextlib.suppress(OSError):  # what is wrong with it is told where it is made
        out.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(held(out))
        except BlockingIOError:
            raise GradeError(
                f"Another run is grading into {out}.", "Wait for it, or grade into another folder with --out."
            ) from None
        yield


def _workers(
    request: GradeRequest, plan: AssignmentPlan, processes: BoundedProcesses, claims: ClaimsFolder | None
) -> Workers:
    """Return those who grade."""
    if request.cluster is not None:
        from autograder.grade.cluster import ClusterWorkers  # a second to import

        return ClusterWorkers(
            plan,
            address=request.cluster,
            jobs=request.jobs,
            isolation=request.isolation,
            limits=request.limits,
            plain=request.plain,
            keep=claims is not None,
        )
    return local_workers(request, plan, processes, claims)


def local_workers(
    request: GradeRequest, plan: AssignmentPlan, processes: BoundedProcesses, claims: ClaimsFolder | None
) -> LocalWorkers:
    """Return those of this machine who grade."""
    return LocalWorkers(
        plan,
        jobs=request.jobs,
        isolation=request.isolation,
        limits=request.limits,
        memory=request.memory,
        private=request.private,
        plain=request.plain,
        processes=processes,
        have=None if claims is None else claims.has,
    )


def plan_of(request: GradeRequest) -> AssignmentPlan:
    """Return what has to be known of the assignment.

    Raises:
        GradeError: its release is not there.
    """
    notebook = request.release / f"{request.assignment.name}.ipynb"
    if not notebook.is_file():
        raise GradeError(f"{notebook} is not there.", f"Run `autograder build {request.assignment.name}` first.")
    return make_plan(request.assignment.folder, request.release)


def prepare_out(request: GradeRequest) -> Ledger:
    """Make the output folder, and forget earlier results when asked to.

    The gradebook with people's marks stays.

    Raises:
        GradeError: it can't be written.
    """
    ledger = Ledger(request.out)
    try:
        request.out.mkdir(parents=True, exist_ok=True)
        request.logs.mkdir(mode=0o700, exist_ok=True)
        if request.fresh:
            ledger.forget(request.assignment.name)
            shutil.rmtree(request.memory, ignore_errors=True)
    except OSError as error:
        raise GradeError(f"{request.out} cannot be written: {error.strerror}.") from error
    return ledger


def _grade_all(run: ClassRun, waiting: list[Submission]) -> None:
    """Grade side by side; write rows in this thread, in the order in which results come.

    What shows a submission's own bytes is written by bounded processes meanwhile.
    """
    request, workers = run.request, run.workers
    handed_in = {submission.student: submission for submission in waiting}
    until = {} if request.extensions is None else request.extensions.match(handed_in).until
    book = request.out / "gradebook.db"
    marks, digests = read_marks(book, request.assignment.name), surroundings(run.plan)
    words = MarkedWords(request.out, run.plan)
    try:
        with (
            Grades(book, run.plan, plain=request.plain) as grades,
            PageDesk(run.page, run.processes, run.claims) as desk,
        ):
            for number, graded in enumerate(workers.grade(waiting, run.progress.begin)):
                if number == 0 and (images := workers.images) is not None:
                    write_images(request.out, request.assignment.name, images)
                    desk.images = images
                student = graded.result.student
                deadline = request.assignment.deadline
                graded = complete(graded, handed_in[student], digests, deadline, until.get(student))  # noqa: PLW2901
                desk.write(graded, request.out, words.expected(student, marks.get(student, ()), graded.words))
                for written in desk.written():
                    _record(run, written, grades, handed_in[written.result.student])
            for written in desk.written(wait_for_all=True):
                _record(run, written, grades, handed_in[written.result.student])
    except BaseException:
        # Ctrl-C comes here: the threads wait for their notebooks otherwise, for minutes.
        workers.stop()
        raise


def _record(run: ClassRun, graded: Result, grades: Grades, submission: Submission) -> None:
    """Write a submission's rows, and show that it is done."""
    write_rows(run.ledger, grades, graded, submission)
    run.progress.end(graded.result)
