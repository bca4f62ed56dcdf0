"""Say of every file and folder what it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from autograder.collect.choose import Choice, walk_own
from autograder.collect.infer import COURSE_NAMES, Reading
from autograder.collect.litter import litter_of
from autograder.collect.records import CollectedFile, FileKind, HandIn, Node

__all__ = ["account"]

_LATE = {True: "late", False: "on time", None: ""}


def account(
    nodes: Sequence[Node], entries: Sequence[Node], reading: Reading, choices: Mapping[str, Choice]
) -> list[CollectedFile]:
    """Return a line for each file and folder.

    Args:
        nodes: everything that lies under the path.
        entries: what lies in the class's folder.
        reading: whose it is.
        choices: what counts.
    """
    lines = {
        node.place: _owned(node, hand_in, convention.name, choices)
        for hand_in, convention in reading.hand_ins
        for node, _ in walk_own(hand_in.node)
    }
    above = {parent for place in lines for parent in _parents(place)} | {
        parent for entry in entries for parent in _parents(entry.place)
    }
    beside = {entry.place: owner for entry in entries if (owner := _owner(entry, reading))}
    return [
        lines[node.place] if node.place in lines else _unowned(node, mark, above, beside)
        for node, mark in _walk(nodes, reading.own)
    ]


def _owned(node: Node, hand_in: HandIn, convention: str, choices: Mapping[str, Choice]) -> CollectedFile:
    """Return the line of a student's file."""
    kind, why = choices[hand_in.students[0]].kinds[node.place]
    return CollectedFile(
        node.place,
        kind,
        "; ".join(hand_in.students),
        hand_in.when.isoformat() if hand_in.when and not node.is_folder else "",
        _LATE[hand_in.late],
        why,
        convention,
    )


def _walk(nodes: Sequence[Node], own: Mapping[str, str]) -> Iterator[tuple[Node, tuple[FileKind, str] | None]]:
    """Yield each node with what it is by itself, or by what it lies in; None where neither says it."""
    waiting: list[tuple[Node, Node | None, tuple[FileKind, str] | None]] = [(node, None, None) for node in nodes]
    while waiting:
        node, parent, mark = waiting.pop()
        if mark is None and (whose := litter_of(node, parent)):
            mark = ("litter", whose)
        if mark is None and node.place in own:
            mark = ("course", own[node.place])
        yield node, mark
        waiting += [(child, node, mark) for child in node.children]


def _unowned(
    node: Node, mark: tuple[FileKind, str] | None, above: set[str], beside: Mapping[str, str]
) -> CollectedFile:
    """Return the line of what no student's hand-in holds."""
    if node.place in above:
        return CollectedFile(node.place, "folder")
    if mark is not None:
        return CollectedFile(node.place, mark[0], why=mark[1])
    if node.fault:
        return CollectedFile(node.place, "refused", why=node.fault)
    owner = next((beside[parent] for parent in _parents(node.place) if parent in beside), "")
    if owner:
        return CollectedFile(node.place, "attachment", owner, why="lies beside the assignment's folder")
    if node.place.partition("/")[0] in COURSE_NAMES:
        return CollectedFile(node.place, "course", why="the course's own")
    empty = node.is_folder and not node.children
    return CollectedFile(node.place, "not understood", why="an empty folder" if empty else "nobody's, by its name")


def _owner(entry: Node, reading: Reading) -> str:
    """Return whose folder holds a hand-in that lies one folder deeper; "" for nobody's."""
    inside = {child.place for child in entry.children}
    return next(("; ".join(hand_in.students) for hand_in, _ in reading.hand_ins if hand_in.node.place in inside), "")


def _parents(place: str) -> Iterator[str]:
    """Yield the places of the folders that something lies in."""
    while "/" in place:
        place = place.rpartition("/")[0]
        yield place
