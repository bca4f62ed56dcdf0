"""Why a submission stops before its end: ids, statuses, and the one wording of each."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, Self

__all__ = ["NOT_HANDED_IN", "Stop", "SubmissionStatus"]

SubmissionStatus = Literal["graded", "timeout", "memory", "crashed", "unreadable", "wrong_assignment"]

NOT_HANDED_IN = "Nothing could be checked: no notebook of this assignment was handed in."


class Stop(StrEnum):
    """Why a notebook did not run to its end.

    Attributes:
        event: what happened to the notebook's process, as every message words it.
    """

    event: str

    TIMEOUT = "timeout", "took too long and was stopped"
    MEMORY = "memory", "used more memory than is allowed and was stopped"
    DISK = "disk", "wrote more files than is allowed and was stopped"
    FLOOD = "flood", "showed more than can be taken in and was stopped"
    CRASHED = "crashed", "ended by itself"

    def __new__(cls, value: str, event: str) -> Self:
        """Make a member of its id, and of what happened."""
        member = str.__new__(cls, value)
        member._value_, member.event = value, event
        return member

    @classmethod
    def named(cls, text: str) -> Stop | None:
        """Return the member of that id; None where there is none."""
        return next((stop for stop in cls if stop == text), None)

    def sentence(self, rest: str = "") -> str:
        """Return the event as a sentence; `rest` says where, or what follows from it."""
        return f"The notebook's process {self.event}{rest}."

    @property
    def status(self) -> SubmissionStatus:
        """What a submission is reported as."""
        return "crashed" if self in (Stop.DISK, Stop.FLOOD) else self.value  # type: ignore[return-value]
