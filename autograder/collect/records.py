"""What passes between the steps of collecting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from autograder.model import RosterMatch, Submission

__all__ = ["CollectedFile", "Collection", "Convention", "FileKind", "HandIn", "Interpretation", "Node", "Roster"]

FileKind = Literal[
    "notebook",
    "earlier",
    "other",
    "attachment",
    "entry",
    "archive",
    "folder",
    "course",
    "litter",
    "refused",
    "not understood",
]


@dataclass(eq=False)
class Node:
    """One file or folder, on the disk or in an archive; a tree of them is filled in place.

    Attributes:
        name: its name, in Unicode's composed form.
        place: its path below the class's folder, for people; parts are parted by `/`.
        path: where its bytes lie; None where they were not taken out of an archive.
        is_folder: whether it is a folder.
        fault: why it is not read; "" where it may be.
        changed: its time of change, in seconds since 1970.
        children: what is in it; of an archive that was opened, its members.
    """

    name: str
    place: str
    path: Path | None
    is_folder: bool = False
    fault: str = ""
    changed: float = 0.0
    children: list[Node] = field(default_factory=list)

    def walk(self) -> Iterator[Node]:
        """Yield the node and everything below it; the tree's depth is bounded."""
        yield self
        for child in self.children:
            yield from child.walk()

    def child(self, name: str) -> Node | None:
        """Return what has this name in it; None where nothing has."""
        return next((child for child in self.children if child.name == name), None)


@dataclass(frozen=True)
class HandIn:
    """One file or folder that a convention says is a student's.

    Attributes:
        students: whose it is; several where a group handed in together.
        node: the file or folder.
        original: the file's name as the student knew it; "" for a folder.
        when: when it was handed in; None where the convention doesn't say, or can't be read.
        rank: orders hand-ins where there are no times.
        late: whether the convention says that it was late; None where it says nothing.
        entry: what it is where it is no file of the student's, such as "a text entry".
    """

    students: tuple[str, ...]
    node: Node
    original: str = ""
    when: datetime | None = None
    rank: int = 0
    late: bool | None = None
    entry: str = ""


@dataclass(frozen=True)
class Interpretation:
    """How one convention reads a class's folder.

    Attributes:
        hand_ins: what it takes for students' work.
        own: files that the convention itself writes, by place, each with what it is.
    """

    hand_ins: tuple[HandIn, ...] = ()
    own: Mapping[str, str] = field(default_factory=dict)


class Convention(Protocol):
    """How one system names what students handed in."""

    name: str
    title: str
    dated: bool

    def read(self, entries: Sequence[Node], assignment: str) -> Interpretation:
        """Read all names of a class's folder together; what it doesn't know is left out.

        Args:
            entries: what lies in the folder, litter left out.
            assignment: the assignment's name.
        """


class Roster(Protocol):
    """A class list."""

    def match(self, students: Sequence[str]) -> RosterMatch:
        """Find each student's line."""


@dataclass(frozen=True)
class CollectedFile:
    """What one file or folder is; one line of `collected.csv`.

    Attributes:
        path: below the class's folder; a member of a student's archive stands below the archive.
        kind: what it is.
        student: whose it is; "" for nobody's. Members of a group are parted by "; ".
        handed_in: when, as ISO 8601; "" where nobody says.
        late: "late" or "on time"; "" where nobody says.
        why: why it counts, or what it is, in words.
        convention: who says so.
        on_roster: the student's name in the class list; "" without one.
    """

    path: str
    kind: FileKind
    student: str = ""
    handed_in: str = ""
    late: str = ""
    why: str = ""
    convention: str = ""
    on_roster: str = ""


@dataclass(frozen=True)
class Collection:
    """Everything under a path.

    Attributes:
        path: the path, as it was given.
        assignment: the assignment's name.
        convention: the name of the convention that explains most.
        submissions: one for each student, sorted.
        files: one for each file and folder, sorted by path.
        notes: sentences for the person who collects.
        roster: how the class list fits; None without one.
    """

    path: str
    assignment: str
    convention: str
    submissions: tuple[Submission, ...]
    files: tuple[CollectedFile, ...]
    notes: tuple[str, ...] = ()
    roster: RosterMatch | None = None

    @property
    def not_understood(self) -> tuple[CollectedFile, ...]:
        """What a person has to look at."""
        return tuple(file for file in self.files if file.kind in ("not understood", "refused"))
