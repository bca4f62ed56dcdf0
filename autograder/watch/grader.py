"""Grade one hand-in, and write its files: what each thread does."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import CancelledError
from dataclasses import dataclass
from datetime import datetime

from autograder.assignment.plan import AssignmentPlan
from autograder.execute.engine import Result
from autograder.grade.grade import GradeRequest
from autograder.grade.map_files import write_images
from autograder.grade.marked_words import MarkedWords
from autograder.grade.page_desk import PageDesk
from autograder.grade.receipts import surroundings
from autograder.grade.recording import complete
from autograder.grade.workers import LocalWorkers, Turns
from autograder.model import Mark, Submission
from autograder.watch.outage import Outage

__all__ = ["Grader", "HandedIn"]

_LOGGER = logging.getLogger(__name__)
_TRIES = 2


@dataclass(frozen=True)
class HandedIn:
    """What is graded at once.

    Attributes:
        submission: with a notebook of the grader's own.
        until: how long the student has; None where the class's deadline holds.
        marks: what people gave for the hand-in before.
    """

    submission: Submission
    until: datetime | None = None
    marks: tuple[Mark, ...] = ()


class Grader:
    """Grades a hand-in and writes its pages; several threads may use it.

    Args:
        request: how it is graded, and where to.
        workers: run and judge.
        turns: lets so many run at a time.
        desk: writes a student's files.
        plan: the assignment.
        outage: waits where OUT is full.
    """

    def __init__(
        self,
        request: GradeRequest,
        workers: LocalWorkers,
        turns: Turns,
        desk: PageDesk,
        plan: AssignmentPlan,
        outage: Outage,
    ) -> None:
        self._request, self._workers, self._turns = request, workers, turns
        self._desk, self._digests, self._outage = desk, surroundings(plan), outage
        self._words = MarkedWords(request.out, plan)
        self._lock = threading.Lock()
        self._has_images = False

    def grade(self, handed_in: HandedIn) -> Result:
        """Return what came of a hand-in whose files are written.

        What fails on our side is tried twice, and told then as something that a person has to look at.

        Raises:
            CancelledError: nothing more is to be graded.
        """
        failure: Exception | None = None
        for _ in range(_TRIES):
            try:
                return self._write(self._turns.grade(handed_in.submission), handed_in)
            except CancelledError:
                raise
            except Exception as error:
                _LOGGER.info("Grading %s failed.", handed_in.submission.student, exc_info=error)
                failure = error
        reason = f"{type(failure).__name__}: {failure}".rstrip(".")
        return self._write(self._turns.not_started(handed_in.submission, reason), handed_in)

    def _write(self, graded: Result, handed_in: HandedIn) -> Result:
        """Write a hand-in's files, and return what came of it with time and receipt."""
        if self._turns.over.is_set():
            raise CancelledError
        deadline = self._request.assignment.deadline
        graded = complete(graded, handed_in.submission, self._digests, deadline, handed_in.until)
        self._outage.keep_trying(self._write_images)
        marks = self._words.expected(graded.result.student, handed_in.marks, graded.words)
        self._outage.keep_trying(lambda: self._desk.write_files(graded, self._request.out, marks))
        return graded

    def _write_images(self) -> None:
        """Write the images that all maps are of, once."""
        with self._lock:
            if not self._has_images and (images := self._workers.images) is not None:
                write_images(self._request.out, self._request.assignment.name, images)
                self._desk.images = images
            self._has_images = True
