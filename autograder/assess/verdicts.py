"""What the judge says to specimens, and how often it is right: of assignments' own ones, and of written zoos."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.accuracy import Figure
from autograder.assess.specimen import Specimen
from autograder.checks.failure import CheckFailed
from autograder.hidden.judge import Judge

__all__ = ["PASSED", "Verdict", "count", "judge_specimen"]

PASSED = "passed"


@dataclass(frozen=True)
class Verdict:
    """What was said to one specimen.

    Attributes:
        specimen: the specimen.
        failure: what a check raised; None where it passed.
    """

    specimen: Specimen
    failure: CheckFailed | None = None

    @property
    def said(self) -> str:
        """The diagnosis; "skipped:" stands before it where there was nothing to compare with."""
        if self.failure is None:
            return PASSED
        return f"{'skipped:' if self.failure.status == 'skipped' else ''}{self.failure.diagnosis}"

    @property
    def agrees(self) -> bool:
        """Whether it is what should have been said."""
        return self.said in (self.specimen.said or {PASSED})

    @property
    def wanted(self) -> str:
        """What should have been said: what was, where that is right."""
        return self.said if self.agrees else " or ".join(sorted(self.specimen.said)) or PASSED


def judge_specimen(judge: Judge | None, specimen: Specimen) -> Verdict:
    """Return what a judge says to a specimen; None where the specimen brings its own."""
    try:
        specimen.ask(judge)
    except CheckFailed as failure:
        return Verdict(specimen, failure)
    return Verdict(specimen)


def count(verdicts: Iterable[Verdict]) -> tuple[Figure, Figure, Figure]:
    """Return how many right specimens passed, how many wrong ones were caught, and how many of these were named."""
    right, caught, named = list[bool](), list[bool](), list[bool]()
    for verdict in verdicts:
        if verdict.specimen.said:
            caught.append(verdict.failure is not None)
            named.append(verdict.agrees)
        else:
            right.append(verdict.failure is None)
    accepted, lost, told = (Figure(sum(each), len(each)) for each in (right, caught, named))
    return accepted, lost, told
