"""Find out which convention a class's folder follows, from all of its names together."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from autograder.collect.conventions import BY_HAND, CONVENTIONS
from autograder.collect.litter import holds_litter_alone, is_litter, litter_of
from autograder.collect.records import Convention, HandIn, Interpretation, Node
from autograder.errors import GradeError

__all__ = ["COURSE_NAMES", "Reading", "apart", "class_entries", "infer"]

_MARKED = frozenset({"gradescope", "moodle", "d2l", "blackboard", "nbgrader"})
_STRONG = 4  # of the conventions: those whose folders can't be a class's own
COURSE_NAMES = frozenset({"source", "release", "autograded", "feedback", "submitted", "exchange", "gradebook.db"})
_MOST_LISTED = 5


@dataclass(frozen=True)
class Reading:
    """What a class's folder holds, by whose convention.

    Attributes:
        convention: the one that explains most.
        hand_ins: what is a student's, each with the convention that says so; ids are unique.
        own: files of the conventions and of the course, by place, each with what it is.
        notes: what a person should know of the choice.
    """

    convention: Convention
    hand_ins: tuple[tuple[HandIn, Convention], ...]
    own: Mapping[str, str]
    notes: tuple[str, ...] = ()


def class_entries(nodes: Sequence[Node], assignment: str, *, arriving: bool = False) -> list[Node]:
    """Return the entries of a class: those of a folder, or of the one folder in it that holds everything.

    Args:
        nodes: what lies in the folder.
        assignment: the assignment's name.
        arriving: whether more will come, so that a lone folder is the first student's.
    """
    entries = list(nodes)
    for _ in range(4):
        visible = [
            node
            for node in entries
            if not is_litter(node) and not _is_course(node) and not (node.is_folder and holds_litter_alone(node))
        ]
        submitted = next((node for node in entries if node.name == "submitted" and node.is_folder), None)
        if submitted is not None and not any(_has_notebook(node) for node in visible):
            entries = submitted.children
        elif not arriving and len(visible) == 1 and _wraps(visible[0], assignment):
            entries = visible[0].children
        else:
            break
    return entries


def infer(entries: Sequence[Node], assignment: str, wanted: str = "auto") -> Reading:
    """Read a class's folder by the convention that explains most of its names.

    Args:
        entries: what lies in it.
        assignment: the assignment's name.
        wanted: the convention to read it by, and by no other; "auto" to find out.

    Raises:
        GradeError: there is no convention of that name.
    """
    own = {node.place: "the course's own" for node in entries if _is_course(node)}
    names = [node for node in entries if not is_litter(node) and node.place not in own]
    if wanted != "auto":
        convention = _named(wanted)
        reading = convention.read(names, assignment)
        return _reading(convention, [(reading, convention)], own, ())
    readings = [(convention.read(names, assignment), convention) for convention in CONVENTIONS]
    count = {convention.name: _explained(reading, names) for reading, convention in readings}
    best, chosen = max(readings, key=lambda pair: (len(count[pair[1].name]), _students_part(pair[0])))
    explained = count[chosen.name]
    people = len(BY_HAND.read(names, assignment).hand_ins)
    if not best.hand_ins or (2 * len(explained) <= people and len(explained) < len(names)):
        layers, rest = _marked(names, assignment)
        notes = [_minority(chosen, len(explained), len(names))] if best.hand_ins and chosen not in dict(layers) else []
        notes += [_mixed(BY_HAND, reading, convention, len(names)) for convention, reading in layers]
        first = (BY_HAND.read(rest, assignment), BY_HAND)
        return _reading(BY_HAND, [first, *((reading, convention) for convention, reading in layers)], own, notes)
    layers, rest = _marked([node for node in names if node.place not in explained], assignment)
    layers.append((BY_HAND, BY_HAND.read(rest, assignment)))
    ties = [
        convention.title
        for reading, convention in readings
        if convention is not chosen and reading.hand_ins and len(count[convention.name]) == len(explained)
    ]
    notes = [*_tied(chosen, ties), *(_mixed(chosen, one, by, len(names)) for by, one in layers if one.hand_ins)]
    return _reading(chosen, [(best, chosen), *((reading, convention) for convention, reading in layers)], own, notes)


def _marked(names: Sequence[Node], assignment: str) -> tuple[list[tuple[Convention, Interpretation]], list[Node]]:
    """Read the names with a mark that one name alone can have; return the rest of the names, too.

    A name that Canvas may have made leaves what looks like another system's mark to the student.
    """
    rest = list(names)
    layers: list[tuple[Convention, Interpretation]] = []
    for convention in CONVENTIONS:
        if convention.name not in _MARKED:
            continue
        reading = convention.read([node for node in rest if not _is_canvas(node, assignment)], assignment)
        if reading.hand_ins:
            layers.append((convention, reading))
            explained = _explained(reading, rest)
            rest = [node for node in rest if node.place not in explained]
    return layers, rest


def _is_canvas(node: Node, assignment: str) -> bool:
    """Return whether a name by itself may be Canvas's, with a mark of another system behind Canvas's own."""
    before = _students_part(next(one for one in CONVENTIONS if one.name == "canvas").read([node], assignment))
    others = (one.read([node], assignment) for one in CONVENTIONS if one.name in _MARKED)
    return before > max(map(_students_part, others))


def _named(name: str) -> Convention:
    """Return the convention of a name."""
    for convention in (BY_HAND, *CONVENTIONS):
        if convention.name == name:
            return convention
    raise GradeError(f"{name!r} is no convention.", "See docs/operations.md for those that there are.")


def _explained(reading: Interpretation, names: Sequence[Node]) -> set[str]:
    """Return the places of the class's entries that a convention explains.

    nbgrader's hand-ins lie one folder deeper.
    """
    places = {hand_in.node.place for hand_in in reading.hand_ins} | set(reading.own)
    return {
        node.place for node in names if node.place in places or any(child.place in places for child in node.children)
    }


def _students_part(reading: Interpretation) -> int:
    """Return how much of all names a convention leaves to the students.

    Where two explain as much, the one that leaves more counts. What stands behind the first
    system's marks may be made to look like another's.
    """
    return sum(len(hand_in.original) for hand_in in reading.hand_ins)


def _reading(
    convention: Convention,
    readings: Sequence[tuple[Interpretation, Convention]],
    own: Mapping[str, str],
    notes: Sequence[str],
) -> Reading:
    """Return readings as one. Where two conventions give one id, the later one's is made another."""
    hand_ins: list[tuple[HandIn, Convention]] = []
    taken: set[str] = set()
    sentences = list(notes)
    for reading, by in readings:
        there = frozenset(taken)
        for hand_in in reading.hand_ins:
            ids = tuple(_free(student, there, by.title) for student in hand_in.students)
            sentences += [
                f"{old!r} is another student's already: {hand_in.node.place!r} is kept apart as {new!r}."
                for old, new in zip(hand_in.students, ids, strict=True)
                if old != new
            ]
            taken |= set(ids)
            hand_ins.append((replace(hand_in, students=ids), by))
    own = {**own, **{place: what for reading, _ in readings for place, what in reading.own.items()}}
    return apart(Reading(convention, tuple(hand_ins), own, tuple(sentences)))


def _free(student: str, taken: frozenset[str], title: str) -> str:
    """Return an id that nobody has."""
    name, number = student, 2
    while name in taken:
        name, number = f"{student} ({title}{'' if number == 2 else f' {number}'})", number + 1
    return name


def apart(reading: Reading) -> Reading:
    """Return a reading in which no two ids differ in case alone: they would share a folder on many a disk.

    An id in small letters stays, else the first one.
    """
    ids = {student for hand_in, _ in reading.hand_ins for student in hand_in.students}
    taken, seen = {student.casefold() for student in ids}, set[str]()
    new: dict[str, str] = {}
    for student in sorted(ids, key=lambda one: (one != one.casefold(), one)):
        if student.casefold() in seen:
            names = (f"{student} ({number})" for number in itertools.count(2))
            new[student] = next(name for name in names if name.casefold() not in taken)
            taken.add(new[student].casefold())
        seen.add(student.casefold())
    hand_ins = tuple(
        (replace(hand_in, students=tuple(new.get(one, one) for one in hand_in.students)), by)
        for hand_in, by in reading.hand_ins
    )
    notes = (
        f"{old!r} is another student's id in other letters: it is kept apart as {name!r}." for old, name in new.items()
    )
    return replace(reading, hand_ins=hand_ins, notes=(*reading.notes, *notes))


def _minority(convention: Convention, part: int, count: int) -> str:
    """Say that a few names look like a system's, and all were read as people's own."""
    return (
        f"{part} of {count} names could be {convention.title}'s; all were read as gathered by hand. "
        f"If that is wrong, say --from {convention.name}."
    )


def _tied(chosen: Convention, ties: Sequence[str]) -> list[str]:
    """Say that several conventions explain as many names."""
    if not ties:
        return []
    sentence = f"The names could be {chosen.title}'s, and just as well {', '.join(ties)}'s"
    return [f"{sentence}: they were read as {chosen.title}'s. If that is wrong, say which with --from."]


def _mixed(chosen: Convention, others: Interpretation, by: Convention, count: int) -> str:
    """Say that some names are not the convention's."""
    places = [hand_in.node.place for hand_in in others.hand_ins]
    more = f" and {len(places) - _MOST_LISTED} more" if len(places) > _MOST_LISTED else ""
    listed = ", ".join(map(repr, places[:_MOST_LISTED])) + more
    sentence = f"{len(places)} of {count} names were read as {by.title}, and most as {chosen.title}"
    return f"{sentence}: {listed}. With --from one of the two is taken for all."


def _is_course(node: Node) -> bool:
    """Return whether an entry is the course's own and no student's."""
    if node.name in {"index.html", "gradebook.db"}:
        return True
    return node.is_folder and node.name == "feedback" and not _has_notebook(node)


def _has_notebook(node: Node) -> bool:
    """Return whether a notebook lies at or below an entry.

    An nbgrader course's own folders are not looked into.
    """
    if node.name in COURSE_NAMES:
        return False
    return any(one.name.casefold().endswith(".ipynb") and not one.is_folder for one in node.walk())


def _wraps(node: Node, assignment: str) -> bool:
    """Return whether a lone folder holds the class, and is no student's.

    A zipped folder looks so.
    """
    if not node.is_folder or node.fault:
        return False
    if any(convention.read([node], assignment).hand_ins for convention in CONVENTIONS[:_STRONG]):
        return False
    if any(convention.read(_visible(node), assignment).hand_ins for convention in CONVENTIONS):
        return True
    if any(convention.read([node], assignment).hand_ins for convention in CONVENTIONS):
        return False
    return node.child(f"{assignment}.ipynb") is None


def _visible(node: Node) -> list[Node]:
    """Return a folder's entries without litter."""
    return [child for child in node.children if litter_of(child, node) == ""]
