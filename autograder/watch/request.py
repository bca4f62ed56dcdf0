"""What is to be watched, and how closely."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.errors import GradeError
from autograder.grade.grade import GradeRequest

__all__ = ["WatchRequest"]


@dataclass(frozen=True)
class WatchRequest:
    """An inbox, and what becomes of it.

    Attributes:
        grading: how it is graded, and where to; its path is the inbox.
        root: the repository's root.
        until_idle: ends when nothing new came for so many seconds, and nothing waits; None for never.
        patience: seconds that a file which seems to be half may stay as it is until it is taken so.
        between_looks: seconds from one look at the inbox to the next.
        between_pages: seconds from one class page to the next, while results come.
    """

    grading: GradeRequest
    root: Path
    until_idle: float | None = None
    patience: float = 60.0
    between_looks: float = 0.5
    between_pages: float = 30.0

    def refuse_wrong_folders(self) -> None:
        """Raise where the inbox is no folder, or the results would lie in it.

        Raises:
            GradeError: it is so.
        """
        inbox, out = self.grading.path, self.grading.out
        if not inbox.is_dir():
            raise GradeError(f"{inbox} is no folder that could be watched.", "Give the folder that hand-ins arrive in.")
        if out.resolve().is_relative_to(inbox.resolve()):
            raise GradeError(f"{out} lies in the inbox: results would be taken for hand-ins.", "Give another --out.")
