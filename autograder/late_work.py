"""Whose work is late by the deadline and the extensions of today, in a folder that `grade` wrote."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.assignment.policy import SETTINGS
from autograder.assignment.settings import read_deadline
from autograder.errors import GradeError
from autograder.export.extensions import ExtensionList, read_extensions
from autograder.files import held, write_file
from autograder.grade.gradebook.times import write_times
from autograder.grade.results import read_results, write_grades, write_results
from autograder.graded_folder import read_class, write_feedback_again
from autograder.lateness import deadline_in_words, noteworthy, with_lateness
from autograder.model import Deadline, SubmissionResult
from autograder.texts import printable

__all__ = ["LateWork", "extensions_of", "follow_deadline", "late_work", "renew_pages", "take_extensions"]

_MOST_NAMED = 20
_BUSY = (
    "A class is being graded into this folder: what has changed about late work is written down when that has ended."
)


@dataclass(frozen=True)
class LateWork:
    """An assignment's results by the rules of today.

    Attributes:
        results: those that were given, each as late as it is now.
        deadline: the class's; None where there is none, or its source is not at hand.
        notes: sentences for the person who grades: what couldn't be told, and which extensions are nobody's.
    """

    results: tuple[SubmissionResult, ...]
    deadline: Deadline | None = None
    notes: tuple[str, ...] = ()

    @property
    def in_words(self) -> str:
        """The deadline, and what it costs to be late; "" where there is none."""
        return "" if self.deadline is None else deadline_in_words(self.deadline)


def late_work(out: Path, assignment: str, results: Sequence[SubmissionResult], root: Path) -> LateWork:
    """Return results as late as they are by the source's deadline and the folder's extensions.

    Where the source is not at hand, they stay as late as they were.

    Args:
        out: the folder that `grade` wrote.
        assignment: whose results they are.
        results: the results.
        root: the folder that holds `source/`.

    Raises:
        AutograderError: `assignment.toml` or the list of extensions has mistakes.
    """
    if not _is_at_hand(root, assignment):
        return LateWork(tuple(results), None, _unknown_times(results))
    deadline = read_deadline(root / "source" / assignment)
    extensions = extensions_of(out, assignment, deadline)
    match = None if extensions is None else extensions.match([one.student for one in results])
    until = {} if match is None else match.until
    timed = tuple(with_lateness(one, deadline, until.get(one.student)) for one in results)
    nobody = () if match is None else tuple(map(printable, match.notes))
    return LateWork(timed, deadline, (*nobody, *_unknown_times(timed)))


def follow_deadline(out: Path, assignment: str, root: Path, *, is_held: bool = False) -> tuple[set[str], LateWork]:
    """Write down how late each result is, where that has changed; nothing is graded again.

    While a class is being graded into the folder, nothing is written: the results are the grader's.

    Args:
        out: the folder that `grade` wrote.
        assignment: whose results.
        root: the folder that holds `source/`.
        is_held: whether the caller is who grades into the folder, and holds it.

    Returns:
        The students whose page has to say another thing now, and what holds.

    Raises:
        AutograderError: the rules have mistakes, or the gradebook can't be written.
    """
    try:
        with nullcontext() if is_held else held(out):
            return _follow(out, assignment, root)
    except BlockingIOError:
        results = [one for one in read_results(out / "results.jsonl") if one.assignment == assignment]
        work = late_work(out, assignment, results, root)
        waits = any(old.late != new.late for old, new in zip(results, work.results, strict=True))
        return set(), replace(work, notes=(*work.notes, _BUSY)) if waits else work


def _follow(out: Path, assignment: str, root: Path) -> tuple[set[str], LateWork]:
    """Write down how late each result is, while nobody else writes."""
    path = out / "results.jsonl"
    before = read_results(path)
    work = late_work(out, assignment, [one for one in before if one.assignment == assignment], root)
    timed = iter(work.results)
    after = tuple(next(timed) if one.assignment == assignment else one for one in before)
    changed = [(old.late, new) for old, new in zip(before, after, strict=True) if old.late != new.late]
    if changed:  # the results come last: what they say is what the rest has
        write_times(out / "gradebook.db", assignment, work.deadline, work.results)
        write_grades(out / "grades.csv", after)
        write_results(path, after)
    return {new.student for old, new in changed if noteworthy(old) != noteworthy(new.late)}, work


def renew_pages(out: Path, assignment: str, root: Path, *, is_held: bool = False) -> LateWork:
    """Follow the deadline, write the pages again that have to say another thing, and return what holds.

    Args:
        out: the folder that `grade` wrote.
        assignment: whose results.
        root: the folder that holds `source/`.
        is_held: whether the caller is who grades into the folder, and holds it.
    """
    changed, work = follow_deadline(out, assignment, root, is_held=is_held)
    if changed:
        write_feedback_again(out, read_class(out, assignment), changed)
    return work


def extensions_of(out: Path, assignment: str, deadline: Deadline | None) -> ExtensionList | None:
    """Return the extensions that a folder holds for an assignment; None for none, or without a deadline.

    Raises:
        AutograderError: the list has mistakes.
    """
    path = _list_path(out, assignment)
    return read_extensions(path, deadline) if deadline is not None and path.is_file() else None


def take_extensions(out: Path, assignment: str, root: Path, path: Path) -> None:
    """Put a list of extensions into the folder, in the place of an earlier one; every command finds it there.

    Raises:
        AutograderError: it has mistakes, or the assignment has no deadline to be extended.
    """
    deadline = read_deadline(root / "source" / assignment) if _is_at_hand(root, assignment) else None
    if deadline is None:
        raise GradeError(
            f"{root} has no deadline of {assignment!r} that could be extended.",
            f"It stands in [deadline] of source/{assignment}/{SETTINGS}: call this at the repository's root.",
        )
    read_extensions(path, deadline)
    try:
        write_file(_list_path(out, assignment), path.read_bytes())
    except OSError as error:
        raise GradeError(f"{out} cannot be written: {error.strerror}.") from error


def _is_at_hand(root: Path, assignment: str) -> bool:
    """Return whether an assignment's source lies there; "" is none's name."""
    return bool(assignment) and (root / "source" / assignment / SETTINGS).is_file()


def _list_path(out: Path, assignment: str) -> Path:
    """Return where a folder keeps an assignment's extensions."""
    return out / "extensions" / f"{assignment}.csv"


def _unknown_times(results: Sequence[SubmissionResult]) -> tuple[str, ...]:
    """Say whose time of hand-in nobody knows where there is a deadline; nothing is taken off there."""
    unknown = [one for one in results if one.late is not None and not one.late.handed_in]
    if not unknown:
        return ()
    marked = [one.student for one in unknown if one.marked_late]
    why = "Nobody knows when these were handed in, so that nothing is taken off"
    notes = [f"{why}: {_named(one.student for one in unknown)}."]
    notes += [f"Of these the download marks as late, without a time: {_named(marked)}."] if marked else []
    return tuple(map(printable, notes))


def _named(students: Iterable[str]) -> str:
    """Return the first few of many students for a sentence."""
    names = [*students]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
