"""Collect a class: say what every file and folder is, and choose one notebook for each student."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.bounded.processes import BoundedProcesses
from autograder.collect.account import account
from autograder.collect.archives import is_archive, read_archive
from autograder.collect.choose import Choice, HoldsCells, choose
from autograder.collect.infer import Reading, class_entries
from autograder.collect.limits import CLASS_LIMITS, ByteBudget
from autograder.collect.opening import ArchiveOpener, is_notebook
from autograder.collect.records import CollectedFile, Collection, HandIn, Node, Roster
from autograder.collect.sections import infer_class
from autograder.collect.tree import read_tree, readable
from autograder.errors import GradeError
from autograder.model import RosterMatch, Submission

__all__ = ["CollectRequest", "collect", "collect_finished", "collect_one"]

_FORMS = "nbgrader's submitted/<student>/<assignment>/, <student>.ipynb, a folder of these, an LMS download, or an archive of them"
_READS = "autograder.collect.archives"
_NEEDED = ("timestamp.txt", "submission_metadata.yml")


@dataclass(frozen=True)
class CollectRequest:
    """What is to be collected.

    Attributes:
        path: a folder, an archive, or one student's notebook.
        assignment: the assignment's name.
        convention: how it is read; "auto" to find out.
        holds: tells the assignment's notebooks by their cells; None where nobody can.
        roster: the class list; None without one.
    """

    path: Path
    assignment: str
    convention: str = "auto"
    holds: HoldsCells | None = None
    roster: Roster | None = None


@contextmanager
def collect(request: CollectRequest) -> Iterator[Collection]:
    """Yield what was handed in; what was unpacked stays as long as the context lasts.

    Raises:
        GradeError: there is nothing to grade, or an archive of the class can't be opened.
    """
    path = request.path
    if not path.exists():
        raise GradeError(f"{path} is not there.", f"Give {_FORMS}.")
    with TemporaryDirectory(prefix="autograder-submissions-", ignore_cleanup_errors=True) as temporary:
        store = Path(temporary)
        nodes = _nodes(path, store)
        with BoundedProcesses(_READS) as processes:
            collection = _collect(request, nodes, ArchiveOpener(store, processes))
        if not collection.submissions:
            raise GradeError(f"{path} holds no submission of {request.assignment!r}.", f"Give {_FORMS}.")
        yield collection


def collect_finished(request: CollectRequest, opener: ArchiveOpener, is_finished: Callable[[Path], bool]) -> Collection:
    """Return what lies in a folder that others write into meanwhile; there may be nothing yet.

    A lone folder in it is a student's, and never one that holds a class.

    Args:
        request: what is to be collected; its path is a folder.
        opener: opens the archives; what it unpacks has to stay as long as the collection is used.
        is_finished: whether nobody writes a file or folder any more. A student of whom one isn't finished has no
            submission.
    """
    return _collect(request, read_tree(request.path), opener, is_finished)


def collect_one(folder: Path, student: str, assignment: str, store: Path) -> Submission:
    """Return the submission in a folder that is one student's alone, by the same rules.

    Args:
        folder: what the student handed in.
        student: the id.
        assignment: the assignment's name.
        store: a folder that takes what is unpacked, and stays as long as the submission is read.
    """
    node = Node(readable(folder.name), readable(folder.name), folder, is_folder=True, children=read_tree(folder))
    with BoundedProcesses(_READS) as processes:
        ArchiveOpener(store, processes).open(node, ByteBudget(1).of_student())
    return choose(readable(student), [HandIn((student,), node)], assignment).submission


def _nodes(path: Path, store: Path) -> list[Node]:
    """Return what lies at a path, or in it."""
    if path.is_dir():
        return read_tree(path)
    name = readable(path.name)
    if is_notebook(path.name):
        # Whoever names a link means what it points to; in a class's folder a link is refused.
        return [Node(name, name, path.resolve(), changed=path.stat().st_mtime)]
    if not is_archive(path.name):
        raise GradeError(f"{path} is no folder, no archive and no notebook.", f"Give {_FORMS}.")
    return read_archive(path, store, CLASS_LIMITS, _is_needed)


def _is_needed(name: str) -> bool:
    """Return whether a member of a class's archive has to be taken out: nobody looks into attachments."""
    work = is_notebook(name) or is_archive(name)
    return work or name in _NEEDED or ("_attempt_" in name and name.endswith(".txt"))


def _collect(
    request: CollectRequest,
    nodes: list[Node],
    opener: ArchiveOpener,
    is_finished: Callable[[Path], bool] | None = None,
) -> Collection:
    """Account for a tree."""
    entries = class_entries(nodes, request.assignment, arriving=is_finished is not None)
    reading = infer_class(entries, request.assignment, request.convention)
    unfinished = _unfinished(reading, is_finished) if is_finished is not None else set()
    budget = ByteBudget(len(reading.hand_ins))
    for hand_in, _ in reading.hand_ins:
        if unfinished.isdisjoint(hand_in.students):
            opener.open(hand_in.node, budget.of_student())
    choices = _choices(reading, request)
    submissions = tuple(choices[student].submission for student in sorted(choices.keys() - unfinished))
    files = account(nodes, entries, reading, choices)
    matched = request.roster.match([one.student for one in submissions]) if request.roster else None
    if matched:
        files = [replace(file, on_roster=_on_roster(file, matched)) for file in files]
    return Collection(
        str(request.path),
        request.assignment,
        reading.convention.name,
        submissions,
        tuple(sorted(files, key=lambda file: file.path)),
        reading.notes,
        matched,
    )


def _unfinished(reading: Reading, is_finished: Callable[[Path], bool]) -> set[str]:
    """Return the students whose work is still being written."""
    return {
        student
        for hand_in, _ in reading.hand_ins
        if not all(is_finished(node.path) for node in hand_in.node.walk() if node.path is not None)
        for student in hand_in.students
    }


def _choices(reading: Reading, request: CollectRequest) -> dict[str, Choice]:
    """Choose each student's notebook."""
    students: dict[str, list[HandIn]] = {}
    dated = {}
    for hand_in, convention in reading.hand_ins:
        for student in hand_in.students:
            students.setdefault(student, []).append(hand_in)
            dated[student] = convention.dated
    return {
        student: choose(student, own, request.assignment, request.holds, dated=dated[student])
        for student, own in students.items()
    }


def _on_roster(file: CollectedFile, matched: RosterMatch) -> str:
    """Return what the class list calls those whose file it is."""
    return "; ".join(matched.names[one] for one in file.student.split("; ") if one in matched.names)
