"""Collect a class: say what every file and folder is, and choose one notebook for each student."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from autograder.bounded.processes import BoundedProcesses, OutOfBoundsError
from autograder.collect.account import account
from autograder.collect.archives import is_archive, read_archive, read_archives
from autograder.collect.choose import Choice, HoldsCells, choose, walk_own
from autograder.collect.infer import Reading, class_entries
from autograder.collect.kinds import notebook_stem
from autograder.collect.limits import CLASS_LIMITS, STUDENT_LIMITS, ByteBudget, StudentBudget
from autograder.collect.records import CollectedFile, Collection, HandIn, Node, Roster
from autograder.collect.sections import infer_class
from autograder.collect.tree import read_tree, readable
from autograder.errors import GradeError
from autograder.log import log_suppressed
from autograder.model import RosterMatch, Submission

__all__ = ["CollectRequest", "collect", "collect_one"]

_FORMS = "nbgrader's submitted/<student>/<assignment>/, <student>.ipynb, a folder of these, an LMS download, or an archive of them"
_NEEDED = ("timestamp.txt", "submission_metadata.yml")
_MAX_ARCHIVES = 20
"""Archives of one hand-in that are opened."""
_SECONDS = 30.0  # of computing, for all of them; what they may unpack together takes five


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
        collection = _collect(request, _nodes(path, store), store)
        if not collection.submissions:
            raise GradeError(f"{path} holds no submission of {request.assignment!r}.", f"Give {_FORMS}.")
        yield collection


def collect_one(folder: Path, student: str, assignment: str, store: Path) -> Submission:
    """Return the submission in a folder that is one student's alone, by the same rules.

    Args:
        folder: what the student handed in.
        student: the id.
        assignment: the assignment's name.
        store: a folder that takes what is unpacked, and stays as long as the submission is read.
    """
    node = Node(readable(folder.name), readable(folder.name), folder, is_folder=True, children=read_tree(folder))
    with BoundedProcesses(__name__) as processes:
        _open_archives(node, store, processes, ByteBudget(1).of_student())
    return choose(readable(student), [HandIn((student,), node)], assignment).submission


def _nodes(path: Path, store: Path) -> list[Node]:
    """Return what lies at a path, or in it."""
    if path.is_dir():
        return read_tree(path)
    name = readable(path.name)
    if _is_notebook(path.name):
        # Whoever names a link means what it points to; in a class's folder a link is refused.
        return [Node(name, name, path.resolve(), changed=path.stat().st_mtime)]
    if not is_archive(path.name):
        raise GradeError(f"{path} is no folder, no archive and no notebook.", f"Give {_FORMS}.")
    return read_archive(path, store, CLASS_LIMITS, _is_needed)


def _is_needed(name: str) -> bool:
    """Return whether a member of a class's archive has to be taken out: nobody looks into attachments."""
    work = _is_notebook(name) or is_archive(name)
    return work or name in _NEEDED or ("_attempt_" in name and name.endswith(".txt"))


def _is_notebook(name: str) -> bool:
    """Return whether a name is a notebook's."""
    return notebook_stem(name) is not None


def _collect(request: CollectRequest, nodes: list[Node], store: Path) -> Collection:
    """Account for a tree."""
    entries = class_entries(nodes, request.assignment)
    reading = infer_class(entries, request.assignment, request.convention)
    budget = ByteBudget(len(reading.hand_ins))
    with BoundedProcesses(__name__) as processes:
        for hand_in, _ in reading.hand_ins:
            _open_archives(hand_in.node, store, processes, budget.of_student())
    choices = _choices(reading, request)
    submissions = tuple(choices[student].submission for student in sorted(choices))
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


def _open_archives(hand_in: Node, store: Path, processes: BoundedProcesses, budget: StudentBudget) -> None:
    """Put the members of archives that a student handed in below them.

    One that can't be opened is told, and costs itself.
    """
    archives = [
        node
        for node, litter in walk_own(hand_in)
        if not litter and is_archive(node.name) and node.path and not node.is_folder
    ]
    for node in archives[_MAX_ARCHIVES:]:
        node.fault = f"is one of more than {_MAX_ARCHIVES} archives, and is not opened"
    opened = archives[:_MAX_ARCHIVES]
    for node, children in zip(opened, _read_in_bounds(opened, store, processes, budget), strict=True):
        if children is None:
            node.fault = "can't be opened as an archive: it is damaged, or too large"
        else:
            node.children += children


def _read_in_bounds(
    archives: list[Node], store: Path, processes: BoundedProcesses, budget: StudentBudget
) -> list[list[Node] | None]:
    """Return the members of each of a hand-in's archives; None of one that can't be read, or of all that take too much."""
    if not archives:
        return []
    places = [(node.path, f"{node.place}/") for node in archives]
    folder, limits = Path(mkdtemp(dir=store)), replace(STUDENT_LIMITS, total=budget.left)
    try:
        with processes.start() as process:
            trees: list[list[Node] | None] = process.call(
                read_archives, places, folder, limits, _is_notebook, seconds=_SECONDS
            )
            return trees
    except OutOfBoundsError as error:
        log_suppressed(error)
        return [None] * len(archives)
    finally:
        budget.take(min(budget.left, sum(path.stat().st_size for path in folder.iterdir())))


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
