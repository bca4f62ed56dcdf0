"""Watch an inbox of the tiny assignment in a thread, while a test hands in."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from rich.console import Console

from autograder.assignment.settings import read_source
from autograder.grade import GradeRequest, Limits
from autograder.late_work import extensions_of, take_extensions
from autograder.report import write_page
from autograder.watch import WatchRequest, watch
from tests.grade.tiny import submission, write_course
from tests.needs import strongest_level

PATIENCE = 4.0
IDLE = 1.0


@dataclass
class Watched:
    """A course with an inbox.

    Attributes:
        request: how it is watched.
        said: what was told.
    """

    request: WatchRequest
    said: io.StringIO = field(default_factory=io.StringIO)

    @property
    def inbox(self) -> Path:
        """The folder that hand-ins arrive in."""
        return self.request.grading.path

    @property
    def out(self) -> Path:
        """The folder of the results."""
        return self.request.grading.out

    def hand_in(self, name: str, code: str = "answer = 42") -> Path:
        """Put a notebook into the inbox."""
        path = self.inbox / name
        path.parent.mkdir(exist_ok=True)
        nbformat.write(submission(code), path)
        return path

    def scores(self) -> dict[str, tuple[str, float]]:
        """Return what the results say now; no student has two."""
        path = self.out / "results.jsonl"
        lines = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        scores = {line["student"]: (line["status"], line["score"]) for line in lines}
        assert len(scores) == len(lines)
        return scores

    def wait_for(self, condition: Callable[[], bool], seconds: float = 60) -> None:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"{self.scores()}\n{self.said.getvalue()}"
            time.sleep(0.05)

    def wait_for_score(self, student: str, status: str, score: float) -> None:
        """Wait for a result."""
        self.wait_for(lambda: self.scores().get(student) == (status, score))

    def run(self) -> None:
        """Watch until nothing new came for long."""
        watch(self.request, Console(file=self.said, width=200), write_page("Tiny"))

    @contextmanager
    def running(self) -> Iterator[None]:
        """Watch meanwhile, and wait for the end."""
        failed: list[BaseException] = []

        def run() -> None:
            """Watch, and keep what was raised."""
            try:
                self.run()
            except BaseException as error:  # noqa: BLE001 (it is raised below)
                failed.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        try:
            self.wait_for(lambda: "Watching" in self.said.getvalue() or not thread.is_alive())
            yield
        finally:
            thread.join(120)
        if failed:
            raise failed[0]


def make_course(root: Path, settings: str = "", extensions: str = "") -> Watched:
    """Return a course with an empty inbox.

    Args:
        root: an empty folder.
        settings: what stands in `assignment.toml` beside the rest.
        extensions: a list of who has longer; "" for none.
    """
    assignment, release = write_course(root)
    with (assignment.folder / "assignment.toml").open("a") as file:
        file.write(settings)
    if settings:
        assignment = read_source(assignment.folder).assignment
    (root / "in").mkdir()
    if extensions:
        (root / "extensions.csv").write_text(extensions)
        take_extensions(root / "out", assignment.name, root, root / "extensions.csv")
    grading = GradeRequest(
        root / "in",
        assignment,
        release,
        root / "out",
        jobs=2,
        isolation=strongest_level(),
        limits=Limits(60, memory=2),
        extensions=extensions_of(root / "out", assignment.name, assignment.deadline),
    )
    return Watched(WatchRequest(grading, root, IDLE, PATIENCE, between_looks=0.2, between_pages=1.0))
