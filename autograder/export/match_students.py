"""Match results with rows: by ids first, by unique names then, and never by a guess.

A result carries the id under which `grade` found the submission. In an LMS's bulk download that is a name and a number,
such as `lovelaceada_4711` from Canvas or `Ada Lovelace_4711` from Moodle and Brightspace. The number is the LMS's own.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.export.records import Key, Omission, Person

__all__ = ["Match", "fold", "match_students", "name_forms", "name_words"]

_NUMBERED = re.compile(r"(?P<name>.+)_(?P<number>\d+)", re.DOTALL)
_Index = Mapping[tuple[str, str], list[Person]]
_IDS: tuple[Key, ...] = ("number", "id", "login", "email")


@dataclass(frozen=True)
class Match:
    """A student with a row.

    Attributes:
        student: the id of the result.
        person: the row.
    """

    student: str
    person: Person


def fold(text: str) -> str:
    """Return an id in the form in which ids are compared: without case, and without Brightspace's `#`."""
    return unicodedata.normalize("NFC", text).strip().removeprefix("#").casefold()


def name_words(name: str) -> tuple[str, ...]:
    """Return a name's words without case, accents and signs."""
    words = (_squash(word) for word in re.split(r"[\s,_.]+", name))
    return tuple(word for word in words if word)


def name_forms(name: str) -> frozenset[str]:
    """Return what a name may look like when it is written in one word, whichever part comes first.

    `Lovelace, Ada`, `Ada Lovelace` and Canvas's `lovelaceada` have a form in common.
    """
    words = name_words(name)
    return frozenset("".join(words[turn:] + words[:turn]) for turn in range(len(words)))


def _squash(text: str) -> str:
    """Return a text's letters and digits, without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in plain if sign.isalnum())


def match_students(
    students: Sequence[str], people: Sequence[Person], by: Key | None = None
) -> tuple[tuple[Match, ...], tuple[Omission, ...]]:
    """Find each student's row.

    Args:
        students: ids of results.
        people: rows.
        by: the one kind of id to compare; None for ids of every kind, and names where no id matches.

    Returns:
        The matches, each with a row of its own; and the other students, each with the reason.
    """
    index = _index(people)
    answers: list[Match | Omission] = [_find(student, index, by) for student in students]
    holders: dict[int, list[str]] = defaultdict(list)
    for match in answers:
        if isinstance(match, Match):
            holders[match.person.row].append(match.student)
    answers = [_unique(answer, holders) if isinstance(answer, Match) else answer for answer in answers]
    return (
        tuple(answer for answer in answers if isinstance(answer, Match)),
        tuple(answer for answer in answers if isinstance(answer, Omission)),
    )


def _index(people: Sequence[Person]) -> _Index:
    """Return the rows by each of their keys, and by what stands before the @ of an address."""
    index: dict[tuple[str, str], list[Person]] = defaultdict(list)
    for person in people:
        for kind, keys in person.keys.items():
            for key in keys:
                index[kind, key].append(person)
        for address in person.keys.get("email", ()):
            index["mailbox", address.partition("@")[0]].append(person)
    return index


def _find(student: str, index: _Index, by: Key | None) -> Match | Omission:
    """Return one student's row, or why there is none."""
    numbered = _NUMBERED.fullmatch(student)
    kinds = [kind for kind in _IDS if by in (None, kind)] + ["mailbox"] * (by == "email")
    whole = [person for kind in kinds for person in index.get((kind, fold(student)), ())]
    if whole:
        return _only(student, whole)
    if numbered and by in (None, "number"):
        own = index.get(("number", numbered["number"]), [])
        if len(own) == 1 and not _agrees(numbered["name"], own[0]):
            return Omission(student, f"has the number of {own[0].label}, and another name", (own[0].row,))
        if own:
            return _only(student, own)
    if by in (None, "name"):
        name = numbered["name"] if numbered else student
        by_name = [person for form in name_forms(name) for person in index.get(("name", form), ())]
        if by_name:
            return _only(student, by_name)
    return Omission(student, "matches no row")


def _agrees(name: str, person: Person) -> bool:
    """Return whether a downloaded file's name holds a word of a person's name.

    The number alone could be another course's: ids of Moodle's participants begin anew with each assignment.
    """
    squashed = _squash(name)
    return not person.words or any(word in squashed for word in person.words)


def _only(student: str, people: Sequence[Person]) -> Match | Omission:
    """Return the one row; a reason where there are several."""
    rows = {person.row: person for person in people}
    if len(rows) == 1:
        return Match(student, people[0])
    labels = ", ".join(f"{person.label} (line {row + 1})" for row, person in sorted(rows.items()))
    return Omission(student, f"matches {len(rows)} rows: {labels}", tuple(sorted(rows)))


def _unique(match: Match, holders: Mapping[int, Sequence[str]]) -> Match | Omission:
    """Return a match; a reason where another student has the same row."""
    others = list(holders[match.person.row])
    others.remove(match.student)
    if not others:
        return match
    names = ", ".join(repr(other) for other in others)
    return Omission(match.student, f"matches {match.person.label}, as {names} does", (match.person.row,))
