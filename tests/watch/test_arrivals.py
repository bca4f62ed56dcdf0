"""What is new in an inbox is given out once, as a copy, by the collect stage's rules."""

import os
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from autograder.bounded.processes import BoundedProcesses
from autograder.collect.submissions import CollectRequest
from autograder.grade.ledger import Ledger
from autograder.grade.results import append_result, read_results
from autograder.model import Submission, SubmissionResult
from autograder.watch import arrivals as module
from autograder.watch import copies
from autograder.watch.arrivals import Arrivals, remembering
from autograder.watch.copies import Copies, CopyOpener
from autograder.watch.inbox import Inbox
from autograder.watch.outage import Outage
from tests.grade.tiny import NAME, submission

TEXT = nbformat.writes(submission())


class Course:
    """An inbox, an output folder, and what looks at them."""

    def __init__(self, root: Path, processes: BoundedProcesses) -> None:
        self.inbox, self.out, self.store = (root / name for name in ("in", "out", "store"))
        for folder in (self.inbox, self.out, self.store):
            folder.mkdir(exist_ok=True)
        self.said: list[str] = []
        self.ledger = Ledger(self.out)
        self.begin(processes)

    def begin(self, processes: BoundedProcesses) -> None:
        """Begin anew, as a command that is called again."""
        inbox = Inbox(self.inbox, 60.0)
        self.asked: list[Path] = []
        holds = remembering(lambda path: not self.asked.append(path), inbox)
        self.opener = CopyOpener(self.store, processes, inbox.stamp)
        self.copies = Copies(self.store, inbox.stamp)
        self.arrivals = Arrivals(
            inbox,
            CollectRequest(self.inbox, NAME, "auto", holds),
            self.opener,
            self.copies,
            self.ledger,
            outage=Outage("out", self.said.append, threading.Event()),
            say=self.said.append,
            out=self.out,
            patience=0.0,
        )

    def look(self, *busy: str, room: int = 10) -> list[Submission]:
        """Look twice; return what is given out."""
        self.arrivals.look()
        self.arrivals.look()
        return self.arrivals.take(room, busy)

    def record(self, *taken: Submission) -> None:
        """Write down that these were graded."""
        for one in taken:
            self.ledger.note(one)
            append_result(self.ledger.results, SubmissionResult(one.student, NAME, "graded", 3.0, 3.0, "process", 1.0))
            self.copies.discard(one)

    def hand_in(self, name: str, text: str = TEXT) -> Path:
        """Put a notebook into the inbox."""
        path = self.inbox / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path


@pytest.fixture(scope="module")
def processes() -> Iterator[BoundedProcesses]:
    """Where processes come from that unpack."""
    with BoundedProcesses("autograder.collect.archives") as processes:
        yield processes


@pytest.fixture
def course(tmp_path: Path, processes: BoundedProcesses) -> Course:
    """An empty one."""
    return Course(tmp_path, processes)


def test_each_is_given_out_once(course: Course, processes: BoundedProcesses) -> None:
    """Not again, not after a new start, and not under the same content with another time."""
    path = course.hand_in("ada.ipynb")
    taken = course.look()
    assert [(one.student, one.notebook.read_text()) for one in taken] == [("ada", TEXT)]
    assert course.store in taken[0].notebook.parents
    assert course.look() == []
    course.record(*taken)
    assert list(course.store.iterdir()) == []
    os.utime(path, (1, 1))
    assert course.look() == []
    course.begin(processes)
    assert course.look() == []
    assert course.arrivals.is_empty
    course.hand_in("ada.ipynb", TEXT + " ")
    (again,) = course.look()
    assert again.notebook.read_text() == TEXT + " "
    assert read_results(course.ledger.results) == ()


def test_a_student_who_is_being_graded_waits(course: Course) -> None:
    """The next one comes when the first is done."""
    course.hand_in("ada.ipynb")
    (first,) = course.look()
    course.hand_in("ada.ipynb", TEXT + " ")
    assert course.look("ada") == []
    assert not course.arrivals.is_empty
    course.record(first)
    assert [one.notebook.read_text() for one in course.look()] == [TEXT + " "]


def test_the_exchange_s_inbox(course: Course) -> None:
    """Of the attempts in nbgrader's inbound folder the last counts, and a later one is new; times come along."""
    course.hand_in(f"ada+{NAME}+2026-03-01 10:00:00 UTC+abc/{NAME}.ipynb")
    (first,) = course.look()
    assert (first.student, first.handed_in) == ("ada", "2026-03-01T10:00:00+00:00")
    course.record(first)
    folder = course.hand_in(f"ada+{NAME}+2026-03-02 10:00:00 UTC+def/{NAME}.ipynb", TEXT + " ").parent
    (folder / "timestamp.txt").write_text("2026-03-02 11:00:00 UTC")
    (second,) = course.look()
    assert second.notebook.read_text() == TEXT + " "
    assert second.handed_in == "2026-03-02T11:00:00+00:00"
    course.record(second)
    assert len(course.asked) == len(set(course.asked)) == 2  # each state of a notebook is looked into once
    course.hand_in(f"ada+{NAME}+2026-03-03 10:00:00 UTC+ghi/{NAME}.ipynb", TEXT + " ")
    assert course.look() == []  # the same work again: its time alone is new
    assert [one.handed_in for one in read_results(course.ledger.results)] == ["2026-03-03T10:00:00+00:00"]


def test_half_a_hand_in_holds_its_student_alone(course: Course) -> None:
    """While one file of a folder is written, what else is in it isn't graded; everybody else is."""
    os.utime(course.hand_in("ada/old.ipynb"), (1, 1))
    course.hand_in("ada/new.ipynb", TEXT[:200])
    course.hand_in("bob.ipynb")
    assert [one.student for one in course.look()] == ["bob"]
    course.hand_in("ada/new.ipynb", TEXT + " ")
    assert [one.notebook.read_text() for one in course.look()] == [TEXT + " "]


def test_the_first_folder_is_a_student_s(course: Course) -> None:
    """Though it could hold a class, if nothing else came."""
    course.hand_in("ada/homework.ipynb")
    assert [one.student for one in course.look()] == ["ada"]


def test_an_archive_is_opened_once(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until it changes; what was taken out of the one before is removed."""
    path = course.inbox / "ada.zip"

    def hand_in(text: str) -> None:
        """Zip a notebook."""
        with zipfile.ZipFile(path, "w") as zipped:
            zipped.writestr("work.ipynb", text)

    hand_in(TEXT)
    (first,) = course.look()
    assert first.notebook.read_text() == TEXT
    course.record(first)
    before = set(course.store.iterdir())
    course.hand_in("bob.ipynb")
    assert [one.student for one in course.look()] == ["bob"]
    assert before <= set(course.store.iterdir())
    hand_in(TEXT + " ")
    (second,) = course.look()
    assert second.notebook.read_text() == TEXT + " "
    course.arrivals.look()
    course.hand_in("carl.ipynb")
    course.look()
    assert not before & set(course.store.iterdir())


def test_what_changes_while_it_is_copied_comes_later(course: Course) -> None:
    """Neither the old nor the new content is graded before it was seen twice."""
    course.hand_in("ada.ipynb")
    course.arrivals.look()
    course.arrivals.look()
    course.hand_in("ada.ipynb", TEXT + " ")
    assert course.arrivals.take(10, ()) == []
    assert not course.arrivals.is_empty
    assert [one.notebook.read_text() for one in course.look()] == [TEXT + " "]


def test_what_may_not_be_read_is_told(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no notebook that could be graded, and says why."""
    course.hand_in("ada.ipynb")

    def refuse(*_: object) -> None:
        """Refuse as the system does."""
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("autograder.watch.copies._copy", refuse)
    (ada,) = course.look()
    assert ada.notebook is None
    assert ada.note == "'ada.ipynb' can't be read: the file allows it to nobody but its owner."


def test_what_fails_to_be_copied_is_told_and_tried_again(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """A share with a fault costs one student a while, and nobody else anything."""
    course.hand_in("ada.ipynb")
    course.hand_in("bob.ipynb")
    copy = copies._copy

    def fail(path: Path, *rest: object) -> None:
        """Fail for one file."""
        if path.name == "ada.ipynb":
            raise OSError(5, "Input/output error")
        copy(path, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(copies, "_copy", fail)
        assert [one.student for one in course.look()] == ["bob"]
        assert course.look() == course.look() == []
    assert course.said == ["ada.ipynb can't be copied (Input/output error): it is tried again until it can be."]
    assert [one.student for one in course.look()] == ["ada"]


def test_what_is_too_large_is_not_copied(course: Course) -> None:
    """A file with holes takes no room; the grader says how large it is."""
    path = course.inbox / "ada.ipynb"
    with path.open("wb") as file:
        file.truncate(2**40)
    (ada,) = course.look()
    assert ada.notebook == path
    assert course.ledger.waiting([ada]) == [ada]


def test_many_wait_for_their_turn(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as are wanted are given out, and the ledger is asked about each of the others once."""
    asked: list[str] = []
    waiting = course.ledger.waiting

    def ask(submissions: list[Submission]) -> list[Submission]:
        """Note who is asked about."""
        asked.extend(one.student for one in submissions)
        return waiting(submissions)

    monkeypatch.setattr(course.ledger, "waiting", ask)
    monkeypatch.setattr(module, "_AT_ONCE", 4)
    for number in range(6):
        course.hand_in(f"student{number}.ipynb")
    given = [one.student for one in course.look(room=1)]
    for _ in range(5):
        given += [one.student for one in course.arrivals.take(1, given)]
    assert given == [f"student{number}" for number in range(6)]
    assert sorted(asked) == given
    assert course.arrivals.take(0, ()) == []


def test_an_inbox_that_is_gone_is_told_once(course: Course) -> None:
    """And that it is back; what was graded stays so."""
    course.hand_in("ada.ipynb")
    course.record(*course.look())
    course.inbox.rename(course.out / "away")
    assert course.look() == course.look() == []
    assert course.arrivals.is_empty
    (course.out / "away").rename(course.inbox)
    assert course.look() == []
    path = course.inbox
    assert course.said == [
        f"{path} can't be read (No such file or directory): grading waits until it is back.",
        f"{path} is back: grading goes on.",
    ]
