"""Read a class that lies in folders for its sections, each with its students' work."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from autograder.collect.conventions import BY_HAND, CONVENTIONS
from autograder.collect.infer import Reading, apart, class_entries, infer
from autograder.collect.kinds import notebook_stem
from autograder.collect.litter import holds_litter_alone, is_litter, litter_of
from autograder.collect.records import Convention, HandIn, Node

__all__ = ["infer_class"]

_SECTION = re.compile(
    r"(?:course|section|sect?|group|grp|class|lab|tutorial|tut|team|period|cohort|kurs|gruppe|klasse|übung|groupe|grupo)?"
    r"[ _-]*(?:[a-z]|\d{1,2}[a-z]?)|mon|tue|wed|thu|fri|(?:mon|tues|wednes|thurs|fri)day|(?:morn|even)ing|afternoon",
    re.IGNORECASE,
)
"""What people call a section. A student's id may look so too: the name alone decides nothing."""
_LEAST_NAMED, _LEAST_UNNAMED = 2, 3
"""Students of a section, on average: a student's folder holds an attempt or two."""
_MOST_REPEATED = 0.2
"""Of the names in sections, the share that stands in several: attempts are called alike, and few people are."""


def infer_class(entries: Sequence[Node], assignment: str, wanted: str = "auto") -> Reading:
    """Read a class's folder as `infer` does, section by section where folders in it hold students' work.

    Args:
        entries: what lies in it.
        assignment: the assignment's name.
        wanted: the convention to read it by; "auto" to find out; "folder" takes no folder for a section.

    Raises:
        GradeError: there is no convention of that name.
    """
    whole = infer(entries, assignment, wanted)
    by_hand = whole.convention is BY_HAND or not whole.hand_ins
    sections = _sections(entries, assignment) if by_hand and wanted != BY_HAND.name else []
    if not sections:
        return whole
    rest = [node for node in entries if node not in sections]
    readings = [("", infer(rest, assignment, wanted))] if rest else []
    for section in sections:
        inside = class_entries(section.children, assignment)
        readings.append((section.name, infer(inside, assignment, wanted)))
    return _joined(readings, [section.name for section in sections])


def _sections(entries: Sequence[Node], assignment: str) -> list[Node]:
    """Return the folders of a class that are sections and no students: all of them, or none."""
    folders = [node for node in entries if node.is_folder and not node.fault and not is_litter(node)]
    folders = [node for node in folders if _visible(node) and not holds_litter_alone(node)]
    if len(folders) < 2:
        return []
    if all(_is_download(node, assignment) for node in folders):
        return folders
    inside = [_students_in(node, assignment) for node in folders]
    often = Counter(name for names in inside for name in set(names))
    repeated = sum(count > 1 for count in often.values())
    if all(_SECTION.fullmatch(node.name) for node in folders):
        proper = _LEAST_NAMED * len(folders) <= sum(map(len, inside)) and repeated <= _MOST_REPEATED * len(often)
    else:
        beside = any(_has_notebook_beside(node) for node in folders)
        proper = _LEAST_UNNAMED * len(folders) <= sum(map(len, inside)) and not repeated and not beside
    return folders if proper and all(inside) else []


def _is_download(node: Node, assignment: str) -> bool:
    """Return whether a folder is a system's download: two students or more, and nothing but theirs."""
    inside = _visible(node)
    for convention in CONVENTIONS:
        reading = convention.read(inside, assignment)
        students = {student for hand_in in reading.hand_ins for student in hand_in.students}
        places = {hand_in.node.place for hand_in in reading.hand_ins} | set(reading.own)
        known = [one for one in inside if one.place in places or any(child.place in places for child in one.children)]
        if len(students) > 1 and len(known) == len(inside):
            return True
    return False


def _students_in(node: Node, assignment: str) -> list[str]:
    """Return the names in a folder that may be students': folders with a notebook, and notebooks."""
    names = []
    for child in _visible(node):
        stem = None if child.is_folder else notebook_stem(child.name)
        if child.is_folder and any(notebook_stem(one.name) for one in child.walk() if not one.is_folder):
            names.append(child.name.casefold())
        elif stem is not None and assignment.casefold() not in stem.casefold():
            names.append(stem.casefold())
    return names


def _has_notebook_beside(node: Node) -> bool:
    """Return whether a notebook lies in a folder itself, and not in a folder in it."""
    return any(not child.is_folder and notebook_stem(child.name) is not None for child in _visible(node))


def _visible(node: Node) -> list[Node]:
    """Return a folder's entries without litter."""
    return [child for child in node.children if not litter_of(child, node)]


def _joined(readings: Sequence[tuple[str, Reading]], names: Sequence[str]) -> Reading:
    """Return the readings of sections as one; a student of one section is nobody of another."""
    taken: set[str] = set()
    hand_ins: list[tuple[HandIn, Convention]] = []
    own: dict[str, str] = {}
    listed = ", ".join(map(repr, names[:5])) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    notes = [
        f"{len(names)} folders were read as sections of the class: {listed}. If they are students, say --from folder."
    ]
    for section, reading in readings:
        there = frozenset(taken)
        for hand_in, by in reading.hand_ins:
            ids = tuple(f"{one} ({section})" if one.casefold() in there else one for one in hand_in.students)
            notes += [
                f"{old!r} is in another section too: {hand_in.node.place!r} is kept apart as {new!r}."
                for old, new in zip(hand_in.students, ids, strict=True)
                if old != new
            ]
            taken |= {one.casefold() for one in ids}
            hand_ins.append((replace(hand_in, students=ids), by))
        own |= reading.own
        notes += [f"{section}: {note}" if section else note for note in reading.notes]
    conventions = Counter(by.name for _, by in hand_ins)
    most = max((reading.convention for _, reading in readings), key=lambda one: conventions[one.name])
    return apart(Reading(most, tuple(hand_ins), own, tuple(dict.fromkeys(notes))))
