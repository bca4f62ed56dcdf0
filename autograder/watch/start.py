"""Make ready what watching takes, keep it warm, and end it in order."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from autograder.assignment.plan import AssignmentPlan
from autograder.assignment.recognise import recogniser
from autograder.claims.folder import ClaimsFolder
from autograder.collect.submissions import CollectRequest
from autograder.execute.engine import BOUNDED_MODULES
from autograder.grade.about import write_about
from autograder.grade.grade import PageWriter, alone, local_workers, plan_of, prepare_out
from autograder.grade.gradebook.prepare import prepare_gradebook
from autograder.grade.kept_claims import tidy
from autograder.grade.ledger import Ledger
from autograder.grade.page_desk import PageDesk, page_processes
from autograder.grade.results import read_results
from autograder.grade.workers import LocalWorkers
from autograder.log import hold_log, keep_logs
from autograder.model import SubmissionResult
from autograder.sandbox.inside.startup import without_collections
from autograder.watch.arrivals import Arrivals, remembering
from autograder.watch.class_page import ClassPage
from autograder.watch.copies import Copies, CopyOpener
from autograder.watch.grader import Grader
from autograder.watch.inbox import Inbox
from autograder.watch.loop import Loop
from autograder.watch.outage import Outage
from autograder.watch.request import WatchRequest
from autograder.watch.rows import Rows

__all__ = ["watch"]


def watch(request: WatchRequest, console: Console, page: PageWriter) -> tuple[SubmissionResult, ...]:
    """Grade what arrives until nothing new came for long, or somebody stops it; return all results.

    Args:
        request: what is watched.
        console: where is told what happens.
        page: writes a student's feedback.

    Raises:
        AutograderError: the request cannot be met, or its results cannot be written.
    """
    request.refuse_wrong_folders()
    grading, plan = request.grading, plan_of(request.grading)

    def say(line: str) -> None:
        """Tell a sentence."""
        if not grading.quiet:
            console.print(line, markup=False, highlight=False, soft_wrap=True)

    with ExitStack() as stack:
        stack.enter_context(alone(grading.out))
        earlier = stack.enter_context(hold_log())
        ledger = prepare_out(grading)
        write_about(grading.out, grading.assignment.folder)
        stack.enter_context(keep_logs(grading.logs, earlier))
        store = TemporaryDirectory(prefix="autograder-watched-", ignore_cleanup_errors=True)
        _Watch(request, plan, ledger, Path(stack.enter_context(store)), say, page).run(stack)
    results = (result for result in read_results(ledger.results) if result.assignment == plan.name)
    return tuple(sorted(results, key=lambda result: result.student))


class _Watch:
    """Watches with everything that it takes.

    Args:
        request: what is watched.
        plan: the assignment.
        ledger: knows the results.
        store: takes copies.
        say: tells a sentence.
        page: writes a student's feedback.
    """

    def __init__(
        self,
        request: WatchRequest,
        plan: AssignmentPlan,
        ledger: Ledger,
        store: Path,
        say: Callable[[str], None],
        page: PageWriter,
    ) -> None:
        self._request, self._plan, self._ledger = request, plan, ledger
        self._store, self._say, self._page = store, say, page
        grading = request.grading
        self._claims = ClaimsFolder(grading.out / "claims", grading.claims) if grading.claims else None
        self._processes = page_processes(page, *BOUNDED_MODULES, "autograder.collect.archives")
        self._inbox = Inbox(grading.path.absolute(), request.patience)
        self._copies = Copies(store, self._inbox.stamp)

    def run(self, stack: ExitStack) -> None:
        """Start what is kept warm, and watch until the end."""
        grading = self._request.grading
        workers = local_workers(grading, self._plan, self._processes, self._claims)
        self._say(f"Sandbox: {workers.sandbox}.")
        stack.enter_context(self._processes)
        stack.enter_context(workers)
        with without_collections():  # the workers' processes get warm meanwhile
            changes = prepare_gradebook(grading.out / "gradebook.db", grading.assignment, self._plan)
        for line in changes:
            self._say(line)
        desk = stack.enter_context(PageDesk(self._page, self._processes, self._claims))
        self._watch(workers, desk)

    def _watch(self, workers: LocalWorkers, desk: PageDesk) -> None:
        """Watch; at the end nothing runs any more, and the class page has what there is."""
        grading, turns = self._request.grading, workers.turns(lambda _: None)
        outage = Outage(str(grading.out), self._say, turns.over)
        grader = Grader(grading, workers, turns, desk, self._plan, outage)
        rows = Rows(grading.out / "gradebook.db", self._plan, self._ledger, outage)
        pages = ClassPage(grading.out, self._plan.name, self._request.root, self._request.between_pages, self._say)
        with ThreadPoolExecutor(turns.threads) as pool:
            arrivals, tidy_up = self._arrivals(outage), self._tidy
            loop = Loop(
                self._request, arrivals, self._copies, grader, pool, turns.threads, rows, pages, self._say, tidy_up
            )
            self._say(f"Watching {grading.path}: what arrives is graded into {grading.out}. Ctrl-C ends it.")
            try:
                loop.run()
            except BaseException:
                turns.end()
                pool.shutdown(cancel_futures=True)
                raise
            finally:
                pages.finish()
                self._tidy()

    def _arrivals(self, outage: Outage) -> Arrivals:
        """Return what says which submissions are new."""
        grading = self._request.grading
        holds = remembering(recogniser(self._plan), self._inbox)
        inbox_path = grading.path.absolute()
        return Arrivals(
            self._inbox,
            CollectRequest(inbox_path, self._plan.name, grading.convention, holds, grading.roster),
            CopyOpener(self._store, self._processes, self._inbox.stamp),
            self._copies,
            self._ledger,
            outage=outage,
            say=self._say,
            out=grading.out,
            patience=self._request.patience,
        )

    def _tidy(self) -> None:
        """Remove what nobody needs of the claims, while nobody writes any."""
        if self._claims is not None:
            tidy(self._claims)
