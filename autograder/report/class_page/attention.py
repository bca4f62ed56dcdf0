"""List who needs a person: what the machine could not do by itself, and maps that equal another's.

Equal maps as a hint. t-SNE is deterministic: equal values, equal settings and an equal seed give an embedding with equal bytes, and
a class that follows a worked example with `random_state=0` shares its settings honestly. Equal representations say nothing at all:
all who took the same layer rightly have the same numbers. So equal embeddings are told in two cases only.

* *The values that they are of differ.* The same settings don't lead from different values to the same map. It is left out where
  every one of the group is known to have embedded other values than were handed in: that mistake explains it.
* *The settings are unusual.* Among those with the same values (to the byte), fewer than a quarter have this map. If a quarter
  share it, it is what the worked example or a habit (`random_state=42`) leads to. Below nine students with the same values,
  nothing can be called unusual: two friends who take a rare layer with the usual settings have equal maps, and so do strangers.

A group is told only up to a size: people who copy from each other are a handful, however large the class, whereas a seed that
forty students share is a fashion. What is left is a reason to read two notebooks side by side, and no more than that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from autograder.checks.meanings import Diagnosis
from autograder.model import NOTHING, CheckResult
from autograder.report.class_records import AlikeStudents, Entry

__all__ = ["EqualMaps", "Look", "LookGroup", "alike_answers", "equal_maps", "needs_attention"]

_USUAL_SHARE = 0.25
"""Of those with the same values: from here on their settings are usual."""

_CLASS_SHARE = 0.05
_LEAST_STUDENTS, _MOST_STUDENTS = 3, 5
"""The largest group that is reported: a twentieth of the class, but at least 3 students and at most 5."""

_OTHER_VALUES_DIAGNOSES = (Diagnosis.EMBEDDING_OF_OTHER_LAYER, Diagnosis.EMBEDDING_OF_PIXELS)
"""Diagnoses of a map of other values than those handed in."""


@dataclass(frozen=True)
class Look:
    """One student who needs a look.

    Attributes:
        entry: the student.
        why: one sentence, or none where the group's heading says all.
    """

    entry: Entry
    why: str


@dataclass(frozen=True)
class LookGroup:
    """Students who need a look for the same reason.

    Attributes:
        heading: the reason.
        advice: what to do about it.
        looks: who.
    """

    heading: str
    advice: str
    looks: tuple[Look, ...]


@dataclass(frozen=True)
class EqualMaps:
    """Students with equal maps that usual settings don't explain.

    Attributes:
        entries: who.
        titles: which maps.
        why: what makes it worth a look.
    """

    entries: tuple[Entry, ...]
    titles: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class _HeldMap:
    """One student's map, as far as it is compared."""

    entry: Entry
    title: str
    values: str
    explained: bool


def needs_attention(entries: Sequence[Entry]) -> tuple[LookGroup, ...]:
    """Return the students who need a person, by reason; reasons that nobody gives are left out."""
    groups = (
        LookGroup(
            "Our checks failed",
            "The fault is ours, not the student's: nothing was decided. Read the answer, and give points in formgrader.",
            tuple(_of_checks(entries, lambda check: check.status == "error")),
        ),
        LookGroup(
            "Stopped",
            "What was answered before the stop counts. Grading again with more `--timeout` or `--memory` may help.",
            tuple(_with_status(entries, ("timeout", "memory", "crashed"))),
        ),
        LookGroup(
            "Nothing that could be graded",
            "Ask for another file.",
            tuple(_with_status(entries, ("unreadable", "wrong_assignment"))),
        ),
        LookGroup(
            "Nothing was answered",
            "The notebook came back as it was given out. Ask whether it is the right file.",
            tuple(Look(one, "") for one in entries if one.not_answered == NOTHING),
        ),
        LookGroup(
            "Handed in with a remark",
            "Cells that were lost or changed were restored before grading.",
            tuple(
                Look(one, one.result.message) for one in entries if one.result.status == "graded" and one.result.message
            ),
        ),
        LookGroup(
            "Wrong in a way that no diagnosis fits",
            "Either a mistake that is new to us, or a right answer that the check doesn't know.",
            tuple(
                _of_checks(
                    entries, lambda check: check.status == "failed" and check.diagnosis in (None, Diagnosis.UNKNOWN)
                )
            ),
        ),
    )
    return tuple(group for group in groups if group.looks)


def alike_answers(
    entries: Sequence[Entry], alike: Iterable[AlikeStudents]
) -> tuple[tuple[AlikeStudents, tuple[Entry, ...]], ...]:
    """Return whose written answers are alike, with who they are; whoever has no result any more is left out."""
    by_student = {entry.student: entry for entry in entries}
    groups = ((one, tuple(by_student[name] for name in one.students if name in by_student)) for one in alike)
    return tuple((one, who) for one, who in groups if len(who) > 1)


def _of_checks(entries: Iterable[Entry], wanted: Callable[[CheckResult], bool]) -> Iterator[Look]:
    """Yield the students who have such a check, with what it says."""
    for entry in entries:
        checks = [check for check in entry.result.checks if wanted(check)]
        if checks:
            yield Look(entry, " ".join(f"`{check.name}`: {check.message or 'no message.'}" for check in checks))


def _with_status(entries: Iterable[Entry], statuses: Sequence[str]) -> Iterator[Look]:
    """Yield the students whose submission was stopped in one of these ways, in the ways' order."""
    for status in statuses:
        for entry in entries:
            if entry.result.status == status:
                message = f": {entry.result.message}" if entry.result.message else "."
                yield Look(entry, f"{status.replace('_', ' ').capitalize()}{message}")


def equal_maps(entries: Sequence[Entry]) -> tuple[EqualMaps, ...]:
    """Return groups of students with equal maps that usual settings don't explain.

    The module's text says when. Groups that share more maps come first, then smaller ones.
    """
    most = min(_MOST_STUDENTS, max(_LEAST_STUDENTS, int(_CLASS_SHARE * len(entries))))
    reasons: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    members: dict[tuple[str, ...], tuple[Entry, ...]] = {}
    for group, why in _unexplained(_held_maps(entries)):
        if 2 <= len(group) <= most:
            students = tuple(sorted(held.entry.student for held in group))
            members[students] = tuple(held.entry for held in group)
            reasons[students].append((group[0].title, why))
    groups = [
        EqualMaps(members[key], tuple(dict.fromkeys(title for title, _ in maps)), min(why for _, why in maps))
        for key, maps in reasons.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-len(group.titles), len(group.entries))))


def _held_maps(entries: Iterable[Entry]) -> dict[tuple[str, str], list[_HeldMap]]:
    """Return the students with each map, by the map's check and the embedding's digest."""
    holders: dict[tuple[str, str], list[_HeldMap]] = defaultdict(list)
    for entry in entries:
        diagnoses = {check.name: check.diagnosis for check in entry.result.checks}
        for student_map in entry.maps:
            # In the order in which a student makes them: representation, then embedding.
            values, embedding = ("", "", *student_map.digests.values())[-2:]
            explained = diagnoses.get(student_map.check) in _OTHER_VALUES_DIAGNOSES
            if embedding:
                holders[student_map.check, embedding].append(_HeldMap(entry, student_map.title, values, explained))
    return holders


def _unexplained(holders: dict[tuple[str, str], list[_HeldMap]]) -> Iterator[tuple[list[_HeldMap], str]]:
    """Yield groups with the same map and no usual reason for it, each with a sentence on it."""
    with_values: dict[tuple[str, str], int] = defaultdict(int)
    for (check, _), group in holders.items():
        for held in group:
            with_values[check, held.values] += 1
    for (check, _), group in holders.items():
        values = {held.values for held in group if held.values}
        if len(values) > 1 and not all(held.explained for held in group):
            yield group, "The maps are equal to the byte, and the values that they should be of are not."
        elif len(values) == 1:
            others = with_values[check, values.pop()]
            if len(group) < _USUAL_SHARE * others:
                yield (
                    group,
                    f"Of {others} students with the same values only these have this map: unusual settings or an equal seed.",
                )
