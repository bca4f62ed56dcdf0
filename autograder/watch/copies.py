"""Copy what was handed in before anybody reads it, so that a change meanwhile makes no difference."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp

from autograder.bounded.processes import BoundedProcesses
from autograder.collect.limits import StudentBudget
from autograder.collect.opening import ArchiveOpener
from autograder.collect.records import Node
from autograder.execute.notebook_file import MAX_BYTES
from autograder.log import log_suppressed
from autograder.model import Submission
from autograder.watch.stamps import ChangedError, Stamp, opened

__all__ = ["Copies", "CopyOpener"]

StampOf = Callable[[Path], Stamp | None]
"""Returns what a file of the inbox was at the last look; None where it wasn't there."""


class Copies:
    """Keeps copies of notebooks while they are graded.

    Args:
        store: a folder of the grader's own.
        stamp_of: knows the inbox.
    """

    def __init__(self, store: Path, stamp_of: StampOf) -> None:
        self._store, self._stamp_of = store, stamp_of

    def of(self, submission: Submission) -> Submission:
        """Return a submission with a notebook that nobody else writes.

        One that is too large to be graded stays where it is, and one that can't be read is told.

        Raises:
            ChangedError: it is another one than was seen.
            OSError: the copy can't be written.
        """
        notebook = submission.notebook
        if notebook is None:
            return submission
        own = self._store in notebook.parents  # a member of an archive, which was taken out
        stamp = None if own else self._stamp_of(notebook)
        if stamp is None and not own:
            raise ChangedError(f"{notebook} is gone")
        if stamp is not None and stamp.size > MAX_BYTES:
            return submission
        copy = Path(mkdtemp(prefix="notebook-", dir=self._store)) / notebook.name
        try:
            _copy(notebook, stamp, copy)
        except BaseException as error:
            shutil.rmtree(copy.parent, ignore_errors=True)
            if isinstance(error, PermissionError):
                note = f"{notebook.name!r} can't be read: the file allows it to nobody but its owner."
                return replace(submission, notebook=None, note=f"{note} {submission.note}".strip())
            raise
        return replace(submission, notebook=copy)

    def discard(self, submission: Submission) -> None:
        """Remove the copy that a submission has."""
        if submission.notebook is not None and submission.notebook.parent.parent == self._store:
            shutil.rmtree(submission.notebook.parent, ignore_errors=True)


def _copy(path: Path, stamp: Stamp | None, copy: Path) -> None:
    """Copy a file; one of the inbox as it was seen."""
    if stamp is None:
        shutil.copyfile(path, copy)
        return
    with opened(path, stamp) as source, copy.open("wb") as target:
        shutil.copyfileobj(source, target)


@dataclass
class _Opened:
    """Archives of one hand-in that were opened: their trees, and the folder that holds what was taken out."""

    trees: list[list[Node] | None]
    folder: Path
    size: int
    is_used: bool = True


class CopyOpener(ArchiveOpener):
    """Opens copies of archives, and each state of an archive once.

    Args:
        store: a folder of the grader's own.
        processes: where the processes come from that unpack.
        stamp_of: knows the inbox.
    """

    def __init__(self, store: Path, processes: BoundedProcesses, stamp_of: StampOf) -> None:
        super().__init__(store, processes)
        self._processes, self._stamp_of = processes, stamp_of
        self._opened: dict[tuple[tuple[str, Stamp | None], ...], _Opened] = {}

    def read(self, archives: Sequence[tuple[Path, str]], budget: StudentBudget) -> list[list[Node] | None]:
        """Return the members of each archive, as `ArchiveOpener` does."""
        key = tuple((str(path), self._stamp_of(path)) for path, _ in archives)
        if key in self._opened:
            known = self._opened[key]
            known.is_used = True
            budget.take(min(budget.left, known.size))
            return known.trees
        before, folder = budget.left, Path(mkdtemp(prefix="archives-", dir=self.store))
        try:
            copies = [
                (_copy_archive(path, stamp, folder), place)
                for (path, place), (_, stamp) in zip(archives, key, strict=True)
            ]
        except OSError as error:  # it has changed: another look comes
            log_suppressed(error)
            shutil.rmtree(folder, ignore_errors=True)
            return [None] * len(archives)
        trees = ArchiveOpener(folder, self._processes).read(copies, budget)
        for copy, _ in copies:
            copy.unlink()
        self._opened[key] = _Opened(trees, folder, before - budget.left)
        return trees

    def forget_unused(self) -> None:
        """Remove what was taken out of archives that nobody asked for since the last call."""
        for key, opened_ in [*self._opened.items()]:
            if not opened_.is_used:
                shutil.rmtree(opened_.folder, ignore_errors=True)
                del self._opened[key]
            opened_.is_used = False


def _copy_archive(path: Path, stamp: Stamp | None, folder: Path) -> Path:
    """Copy an archive as it was seen, under a short name with its ending."""
    if stamp is None:
        raise ChangedError(f"{path} is gone")
    copy = Path(mkdtemp(dir=folder)) / f"archive{''.join(path.suffixes[-2:])[-8:]}"
    _copy(path, stamp, copy)
    return copy
