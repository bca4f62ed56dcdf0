"""What grades one submission: the interface that every engine keeps."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from nbformat import NotebookNode

from autograder.model import Isolation, Submission, SubmissionResult

__all__ = ["Engine", "Graded", "Limits"]


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        seconds: wall time for the whole notebook. The release's solution takes 25 s, most of it in three maps.
        memory: GiB held by its kernel and the kernel's children. TensorFlow, the data and a map take 1.
    """

    seconds: float = 600.0
    memory: float = 4.0


@dataclass(frozen=True)
class Graded:
    """A submission that was graded.

    Attributes:
        result: what the machine says.
        notebook: the executed notebook, hidden tests in it; None when nothing could be executed.
    """

    result: SubmissionResult
    notebook: NotebookNode | None


class Engine(Protocol):
    """Grades submissions, several at a time from several threads; a context manager that cleans up after itself."""

    @property
    def isolation(self) -> Isolation:
        """The sandbox level that submissions really run under."""

    @property
    def gradebook(self) -> Path:
        """An nbgrader gradebook that knows the assignment and no student."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def grade(self, submission: Submission) -> Graded:
        """Grade one submission. A student's failure is a result; only our own bugs raise."""

    def stop(self) -> None:
        """End what runs at once."""
