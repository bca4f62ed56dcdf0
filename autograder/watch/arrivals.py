"""Say which submissions have come, and were not graded as they are now."""

from __future__ import annotations

import time
from collections.abc import Callable, Container
from itertools import islice
from pathlib import Path

from autograder.collect.choose import HoldsCells
from autograder.collect.record_files import write_collection
from autograder.collect.records import Collection
from autograder.collect.submissions import CollectRequest, collect_finished
from autograder.grade.ledger import Ledger
from autograder.log import log_suppressed
from autograder.model import Submission
from autograder.texts import printable
from autograder.watch.copies import Copies, CopyOpener
from autograder.watch.inbox import Inbox
from autograder.watch.outage import Outage
from autograder.watch.stamps import ChangedError, Stamp

__all__ = ["Arrivals", "remembering"]

_AT_ONCE = 50  # submissions that the ledger is asked about: it reads all results each time
_State = tuple[Submission, Stamp | None]
"""A submission, and the stamp of its notebook: what is graded once."""


class Arrivals:
    """Collects the inbox when something in it has changed, and gives out what is new.

    Args:
        inbox: is looked at.
        request: how it is collected.
        opener: opens archives.
        copies: makes the grader's own.
        ledger: knows what was graded.
        outage: waits where OUT is full.
        say: tells a sentence.
        out: takes `collected.csv`.
        patience: seconds that a hand-in without a notebook has until it counts as one.
    """

    def __init__(  # noqa: PLR0913 (each of them is a part of the whole)
        self,
        inbox: Inbox,
        request: CollectRequest,
        opener: CopyOpener,
        copies: Copies,
        ledger: Ledger,
        *,
        outage: Outage,
        say: Callable[[str], None],
        out: Path,
        patience: float,
    ) -> None:
        self._inbox, self._request, self._opener, self._copies = inbox, request, opener, copies
        self._ledger, self._outage, self._say, self._out, self._patience = ledger, outage, say, out, patience
        self.students: tuple[str, ...] = ()
        self.last_news = time.monotonic()
        self._done: dict[str, _State] = {}
        self._due: dict[str, _State] = {}
        self._waiting: dict[str, Submission] = {}
        self._without: dict[str, tuple[Submission, float]] = {}
        self._told: set[str] = set()
        self._gone = self._stale = False

    def look(self) -> float:
        """Look at the inbox, and collect it where something is finished now; one that is gone is told once.

        Returns:
            How many seconds it took to look.
        """
        start = time.monotonic()
        try:
            changed = self._inbox.look()
            seconds = time.monotonic() - start
            if changed or self._inbox.has_news:
                self.last_news = time.monotonic()
            if changed or self._stale:
                self._stale = True
                self._collect()
                self._stale = False
        except OSError as error:
            log_suppressed(error)
            if not self._gone:
                self._say(f"{self._request.path} can't be read ({error.strerror}): grading waits until it is back.")
            self._gone = True
            return 0.0
        if self._gone:
            self._say(f"{self._request.path} is back: grading goes on.")
        self._gone = False
        return seconds

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits, and nothing is being written."""
        return not self._waiting and (self._gone or self._inbox.all_finished)

    def _collect(self) -> None:
        """Collect what is finished."""
        collection = collect_finished(self._request, self._opener, self._inbox.is_finished)
        self._opener.forget_unused()
        self.students = tuple(one.student for one in collection.submissions)
        self._waiting = {
            one.student: one for one in collection.submissions if self._done.get(one.student) != self._state(one)
        }
        self._note_without(collection)
        if collection.files:
            self._outage.keep_trying(lambda: write_collection(collection, self._out))

    def _note_without(self, collection: Collection) -> None:
        """Note since when a student's hand-in has no notebook."""
        now = time.monotonic()
        before, self._without = self._without, {}
        for one in collection.submissions:
            if one.notebook is None:
                known = before.get(one.student)
                self._without[one.student] = known if known is not None and known[0] == one else (one, now)

    def take(self, room: int, busy: Container[str]) -> list[Submission]:
        """Return copies of submissions that are to be graded.

        The result of one that was graded, and has changed since, is taken away.

        Args:
            room: how many are wanted.
            busy: students of whom one is being graded: the next one waits.
        """
        if room <= 0 or not self._waiting:
            return []
        ripe = [one for one in self._waiting.values() if one.student not in busy and self._is_ripe(one)]
        due = {one.student: one for one in ripe if self._due.get(one.student) == self._state(one)}
        taken = [copy for one in islice(due.values(), room) if (copy := self._copy(one)) is not None]
        if len(taken) < room:
            unknown = [one for one in ripe if one.student not in due]
            taken += self._ask(unknown[:_AT_ONCE], room - len(taken))
        for one in taken:
            original = self._waiting.pop(one.student)
            self._done[one.student] = self._state(original)
            self._due.pop(one.student, None)
        return taken

    def _is_ripe(self, one: Submission) -> bool:
        """Return whether a submission has a notebook, or had time enough to get one."""
        if one.notebook is not None:
            return True
        return time.monotonic() - self._without[one.student][1] >= self._patience

    def _ask(self, unknown: list[Submission], room: int) -> list[Submission]:
        """Ask the ledger which submissions were graded; return copies of others, and remember the rest as due."""
        copies = [copy for one in unknown if (copy := self._copy(one)) is not None]
        if not copies:
            return []
        waiting = self._outage.keep_trying(lambda: self._ledger.waiting(copies))
        graded = [copy for copy in copies if copy not in waiting]
        self._outage.keep_trying(lambda: self._ledger.note_times(graded))
        for copy in graded:
            self._done[copy.student] = self._state(self._waiting.pop(copy.student))
        for copy in waiting:
            self._due[copy.student] = self._state(self._waiting[copy.student])
        for copy in [*graded, *waiting[room:]]:
            self._copies.discard(copy)
        return waiting[:room]

    def _copy(self, one: Submission) -> Submission | None:
        """Return a submission with a copy of its notebook; None where there can be none now, and another look comes."""
        try:
            return self._copies.of(one)
        except (ChangedError, FileNotFoundError) as error:
            log_suppressed(error)
        except OSError as error:  # a share that fails, or no room for the copy: the others go on
            log_suppressed(error)
            told = f"{one.origin} can't be copied ({error.strerror}): it is tried again until it can be."
            if told not in self._told:
                self._told.add(told)
                self._say(printable(told))
        return None

    def _state(self, one: Submission) -> _State:
        """Return what is graded once."""
        return one, None if one.notebook is None else self._inbox.stamp(one.notebook)


def remembering(holds: HoldsCells, inbox: Inbox) -> HoldsCells:
    """Return a function that asks `holds` once about each state of a file."""
    known: dict[tuple[Path, Stamp | None], bool] = {}

    def holds_once(path: Path) -> bool:
        """Return whether a file holds the assignment's cells."""
        key = path, inbox.stamp(path)
        if key not in known:
            known[key] = holds(path)
        return known[key]

    return holds_once
