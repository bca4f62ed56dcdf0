"""How large what students hand in may be: an archive, one student's archives, a class's."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CLASS_LIMITS", "STUDENT_LIMITS", "ArchiveLimits", "ByteBudget", "StudentBudget"]


@dataclass(frozen=True)
class ArchiveLimits:
    """How large an archive may be.

    Attributes:
        members: files and folders in it, those that its members' names imply too.
        directory: bytes of a zip's list of members, which is held in memory.
        member: bytes of one member that is taken out.
        total: bytes of all members that are taken out; of a tar archive, of all.
    """

    members: int
    directory: int
    member: int
    total: int


CLASS_LIMITS = ArchiveLimits(members=200_000, directory=64 * 2**20, member=500 * 2**20, total=20 * 2**30)
"""A class of 1000 that hands in data and weights with each notebook stays under 10 GiB."""
STUDENT_LIMITS = ArchiveLimits(members=50_000, directory=16 * 2**20, member=100 * 2**20, total=2**29)
"""A notebook with its data; a virtual environment is listed and stays where it is."""


class ByteBudget:
    """Bytes that archives may still take out, for one student and for the class.

    Half of the class's bytes are shared out evenly beforehand; the other half is for whoever needs more, so that no
    student's archives can take what another's need.

    Args:
        students: how many share it.
        total: bytes of all.
    """

    def __init__(self, students: int, total: int = CLASS_LIMITS.total) -> None:
        self._own = total // (2 * max(1, students))
        self._pool = total - self._own * students

    def of_student(self) -> StudentBudget:
        """Return what one student's archives may take out together."""
        return StudentBudget(self, self._own)

    @property
    def pool(self) -> int:
        """How many bytes are left that all share."""
        return self._pool

    def draw(self, count: int) -> None:
        """Take bytes that all share."""
        self._pool -= count


class StudentBudget:
    """Bytes that one student's archives may still take out.

    Args:
        budget: the class's.
        own: those that nobody else can take.
    """

    def __init__(self, budget: ByteBudget, own: int) -> None:
        self._budget, self._own = budget, own
        self._left = STUDENT_LIMITS.total

    @property
    def left(self) -> int:
        """How many bytes may still be taken."""
        return min(self._left, self._own + self._budget.pool)

    def take(self, count: int) -> None:
        """Take bytes, no more than are left."""
        own = min(count, self._own)
        self._budget.draw(count - own)
        self._own -= own
        self._left -= count
