"""Write what shows a submission's own bytes: its notebook, its maps and its page, in processes that are bounded."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Protocol, Self

import nbformat
from nbformat import NotebookNode

from autograder.bounded.processes import BoundedProcess, BoundedProcesses, OutOfBoundsError
from autograder.claims.folder import ClaimsFolder
from autograder.execute.engine import Result
from autograder.files import write_file
from autograder.grade.folders import folder_name
from autograder.grade.kept_claims import keep
from autograder.grade.map_files import write_maps
from autograder.grade.receipts import write_receipt
from autograder.log import log_suppressed
from autograder.model import MapImages, Mark, StudentMap, SubmissionResult

__all__ = ["PageDesk", "PageWriter", "page_processes"]

_WRITERS = 2
_SECONDS = 30.0  # of computing for a page; one with a dozen pictures takes one
_WAITING = 8  # pages: beyond, the class waits for them
_WAITING_BYTES = 2**26  # of executed notebooks, and of what is kept of answers: each may have 128 MB


class PageWriter(Protocol):
    """Writes a student's feedback, from any process. Grading does not know how a page looks."""

    def __call__(
        self,
        result: SubmissionResult,
        executed: NotebookNode | None,
        path: Path,
        *,
        maps: tuple[StudentMap, ...],
        images: MapImages | None,
        marks: tuple[Mark, ...],
    ) -> None:
        """Write a page from a result, the executed notebook, its maps, and people's marks."""


class PageDesk:
    """Writes side by side; a context manager that waits for what it has begun.

    Args:
        page: writes a student's feedback.
        processes: where the processes come from.
        claims: keeps what submissions claimed; None to keep nothing.

    Attributes:
        images: what the maps are of; None where nobody knows.
    """

    def __init__(self, page: PageWriter, processes: BoundedProcesses, claims: ClaimsFolder | None = None) -> None:
        self._claims = claims
        self.images: MapImages | None = None
        self._page = page
        self._processes = processes
        self._idle: SimpleQueue[BoundedProcess] = SimpleQueue()
        self._threads = ThreadPoolExecutor(_WRITERS)
        self._running: dict[Future[None], Result] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().connection.close()

    def write(self, graded: Result, out: Path, marks: tuple[Mark, ...]) -> None:
        """Begin to write the files of one submission."""
        self._running[self._threads.submit(self.write_files, graded, out, marks)] = graded

    def written(self, *, wait_for_all: bool = False) -> Iterator[Result]:
        """Yield the submissions whose files are written; without waiting, unless there are many, or large ones."""
        while self._running:
            large = sum(map(_bytes_of, self._running.values())) > _WAITING_BYTES
            most = 0 if wait_for_all or large else _WAITING
            patience = None if len(self._running) > most else 0
            done, _ = wait(self._running, patience, FIRST_COMPLETED)
            for future in done:
                graded = self._running.pop(future)
                future.result()
                yield graded
            if not done:
                return

    def write_files(self, graded: Result, out: Path, marks: tuple[Mark, ...]) -> None:
        """Write one submission's files at once; from any thread."""
        result, student = graded.result, folder_name(graded.result.student)
        notebook = out / "autograded" / student / result.assignment / f"{result.assignment}.ipynb"
        if graded.executed is not None:
            write_file(notebook, graded.executed)
        write_maps(out, result.student, result.assignment, graded.maps)
        if self._claims is not None:
            keep(self._claims, graded)
        write_receipt(out, result)
        page = out / "feedback" / student / f"{result.assignment}.html"
        self.write_page(result, None if graded.executed is None else notebook, page, maps=graded.maps, marks=marks)

    def write_page(
        self,
        result: SubmissionResult,
        executed: Path | None,
        path: Path,
        *,
        maps: tuple[StudentMap, ...],
        marks: tuple[Mark, ...],
    ) -> None:
        """Write a page; what is the student's own is left out where it takes too much.

        Args:
            result: what the machine says.
            executed: the executed notebook; None where nothing ran.
            path: the page.
            maps: what it shows of them.
            marks: people's.
        """
        context: dict[str, Any] = {"maps": maps, "images": self.images, "marks": marks}
        try:
            process = self._idle.get_nowait()
        except Empty:
            process = self._processes.start()
        try:
            process.call(write_page, self._page, result, executed, path, context, seconds=_SECONDS)
        except OutOfBoundsError as error:
            log_suppressed(error)
            self._page(result, None, path, **context)
        else:
            self._idle.put(process)


def _bytes_of(graded: Result) -> int:
    """Return how many bytes wait with a submission until they are written."""
    return len(graded.executed or b"") + sum(map(len, graded.kept.values()))


def page_processes(page: PageWriter, *modules: str) -> BoundedProcesses:
    """Return where the processes come from that write pages, and whatever else these modules are for."""
    return BoundedProcesses(*modules, __name__, page.__module__)


def write_page(
    page: PageWriter, result: SubmissionResult, executed: Path | None, path: Path, context: dict[str, Any]
) -> None:
    """Write a page; this runs in a bounded process."""
    # Our own file: to validate each output again would take longer than the page.
    notebook = None if executed is None else nbformat.v4.reads(executed.read_text("utf-8"))
    page(result, notebook, path, **context)
