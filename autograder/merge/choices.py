"""Decide from which folder each student's result and marks are taken, and name what can't be decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autograder.merge.gradebooks import Given
from autograder.merge.inputs import MergeInput
from autograder.model import SubmissionResult
from autograder.totals import total_of

__all__ = ["Choices", "Conflict", "choose"]


@dataclass(frozen=True)
class Conflict:
    """One thing that folders say otherwise.

    Attributes:
        what: whose, and which.
        said: what each says, by folder.
        decided: the folder that is right; None where nobody has said.
    """

    what: str
    said: tuple[tuple[Path, str], ...]
    decided: Path | None

    @property
    def sentence(self) -> str:
        """The conflict for people."""
        said = "; ".join(f"{words} in {out}" for out, words in self.said)
        return f"{self.what}: {said}." + (f" {self.decided} counts." if self.decided else "")


@dataclass(frozen=True)
class Choices:
    """What is taken from where.

    Attributes:
        inputs: by student, the folder whose result and files are taken.
        given: by student and cell, what people gave.
        joined: the students whose marks don't all come from that folder.
        conflicts: what folders say otherwise, decided or not.
    """

    inputs: Mapping[str, MergeInput]
    given: Mapping[str, Mapping[str, Given]]
    joined: frozenset[str]
    conflicts: tuple[Conflict, ...]

    @property
    def undecided(self) -> tuple[Conflict, ...]:
        """What a person has to decide."""
        return tuple(one for one in self.conflicts if one.decided is None)


def choose(inputs: Sequence[MergeInput], prefer: Path | None) -> Choices:
    """Return what is taken from where.

    Args:
        inputs: the folders; of several that say the same the first counts.
        prefer: the folder that is right where they say otherwise; None for none.
    """
    chosen, given, joined, conflicts = (
        dict[str, MergeInput](),
        dict[str, dict[str, Given]](),
        set[str](),
        list[Conflict](),
    )
    for student in sorted({student for one in inputs for student in one.results}):
        holders = [one for one in inputs if student in one.results]
        chosen[student] = next((one for one in holders if one.out == prefer), holders[0])
        conflicts += _result_conflict(student, holders, prefer)
        own = chosen[student]
        same_work = [one for one in holders if _work(one.results[student]) == _work(own.results[student])]
        marks, doubts = _join_given(student, same_work, prefer)
        conflicts += doubts
        if marks:
            given[student] = marks
        if marks != own.given.get(student, {}):
            joined.add(student)
    return Choices(chosen, given, frozenset(joined), tuple(conflicts))


def _result_conflict(student: str, holders: Sequence[MergeInput], prefer: Path | None) -> list[Conflict]:
    """Return whether folders have other results of a student.

    How long it took, and in which words it is told, is no matter.
    """
    results = {one.out: one.results[student] for one in holders}
    if len({_verdict(result) for result in results.values()}) == 1:
        return []
    other_work = len({_work(result) for result in results.values()}) > 1
    what = f"{student}, result" + (" of another hand-in" if other_work else "")
    said = tuple((out, _result_words(result, results.values())) for out, result in results.items())
    return [Conflict(what, said, prefer if prefer in results else None)]


def _work(result: SubmissionResult) -> str:
    """Return the digest of what was handed in."""
    return result.receipt.get("notebook", "")


def _verdict(result: SubmissionResult) -> tuple[Any, ...]:
    """Return what has to be the same in two folders."""
    checks = tuple(replace(check, message=None) for check in result.checks)
    return _work(result), result.status, result.score, result.max_score, frozenset(result.bonus), checks


def _result_words(result: SubmissionResult, others: Iterable[SubmissionResult]) -> str:
    """Return a result for a sentence, with the checks in which it differs from another one."""
    same = set(result.checks).intersection(*(other.checks for other in others))
    checks = (check for check in result.checks if check not in same)
    words = ", ".join(" ".join(filter(None, (one.name, one.diagnosis or one.status, one.detail))) for one in checks)
    return f"{total_of(result)}, {result.status}" + (f" ({words})" if words else "")


def _join_given(
    student: str, inputs: Sequence[MergeInput], prefer: Path | None
) -> tuple[dict[str, Given], list[Conflict]]:
    """Return what people gave a student in any of the folders, and where they gave something else."""
    own = {one.out: one.given.get(student, {}) for one in inputs}
    marks, conflicts = dict[str, Given](), list[Conflict]()
    for cell in sorted({cell for given in own.values() for cell in given}):
        here = {out: given[cell] for out, given in own.items() if cell in given}
        points, doubt = _one_of(f"{student}, points of {cell}", here, lambda one: one.points, prefer)
        comment, other = _one_of(f"{student}, comment on {cell}", here, lambda one: one.comment, prefer)
        conflicts += doubt + other
        score, extra = points or (None, None)
        marks[cell] = Given(score, extra, comment or "")
    return marks, conflicts


def _one_of(
    what: str, here: Mapping[Path, Given], part: Callable[[Given], Any], prefer: Path | None
) -> tuple[Any, list[Conflict]]:
    """Return the one value that folders have; of several the preferred one, and the conflict."""
    said = {out: part(one) for out, one in here.items() if part(one)}
    values = list(dict.fromkeys(said.values()))
    if len(values) < 2:
        return (values[0] if values else None), []
    decided = prefer if prefer in said else None
    words = tuple((out, _words(value)) for out, value in said.items())
    return said[decided if decided is not None else next(iter(said))], [Conflict(what, words, decided)]


def _words(value: Any) -> str:
    """Return points or a comment for a sentence."""
    if isinstance(value, str):
        return repr(value)
    score, extra = value
    return " + ".join(f"{points:g}" for points in (score, extra) if points is not None)
