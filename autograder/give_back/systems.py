"""What a module of `lms/` says about how its system takes feedback."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Recipient", "ReturnSystem"]


@dataclass(frozen=True)
class Recipient:
    """A student who gets a page.

    Attributes:
        student: the id.
        assignment: the assignment's name.
        path: of what was handed in, as the collect stage wrote it down; "" where nobody knows.
        token: what stands for the student in addresses; "" where the system needs none.
    """

    student: str
    assignment: str
    path: str = ""
    token: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The names along the path."""
        return tuple(self.path.split("/"))


@dataclass(frozen=True, kw_only=True)
class ReturnSystem:
    """A system that takes feedback.

    Attributes:
        name: what `--lms` calls it.
        title: what people call it.
        upload: what to do with what was written, as a sentence.
        place: (recipient) -> where the page lies in the zip or folder; None where the names don't say it.
        convention: whose names `place` reads, as the collect stage calls it; "" where it needs none.
        as_zip: whether it takes one zip; else a folder.
        beside: files that were handed in with the notebook, and that have to lie beside its page.
        hidden_names: whether each student gets a token.
        shares_library: whether pages stay beside each other, so that one file can hold what all load.
    """

    name: str
    title: str
    upload: str
    place: Callable[[Recipient], str | None]
    convention: str = ""
    as_zip: bool = True
    beside: tuple[str, ...] = ()
    hidden_names: bool = False
    shares_library: bool = False
