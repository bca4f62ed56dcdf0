"""Judge the results of a class again, and find what differs; nothing is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment.plan import AssignmentPlan
from autograder.claims.folder import ClaimsFolder
from autograder.claims.packing import GoneError
from autograder.execute.judge_again import JudgeAgain
from autograder.execute.verdicts import not_run
from autograder.grade.kept_claims import read_run
from autograder.judging.messages import TestOutcome
from autograder.model import CheckResult, SubmissionResult
from autograder.reuse.service import ReuseService
from autograder.totals import exact_sum

__all__ = ["CheckChange", "ClassAgain", "JudgedAgain", "rejudge"]

_NEVER_READ = ("unreadable", "wrong_assignment")


@dataclass(frozen=True)
class CheckChange:
    """One check of one student that says another thing now.

    Attributes:
        student: the student's id.
        name: the check's `grade_id`.
        before: its result up to now; None where the check is new.
        after: its result now; None where the check is gone.
        kept: whether the result of before stays because it gives more.
    """

    student: str
    name: str
    before: CheckResult | None
    after: CheckResult | None
    kept: bool = False


@dataclass(frozen=True)
class JudgedAgain:
    """One submission's result, judged again.

    Attributes:
        before: the result up to now.
        after: the result now.
        changes: the checks that differ.
        outcomes: what the tests said whose results count now, by id.
    """

    before: SubmissionResult
    after: SubmissionResult
    changes: tuple[CheckChange, ...] = ()
    outcomes: Mapping[str, TestOutcome] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class ClassAgain:
    """A class, judged again.

    Attributes:
        judged: each submission, in the order of the results.
        gone: why some could not be judged, by student: their results stay as they are.
    """

    judged: tuple[JudgedAgain, ...]
    gone: Mapping[str, str]

    @property
    def changed(self) -> tuple[JudgedAgain, ...]:
        """Whose results differ."""
        return tuple(one for one in self.judged if one.after != one.before)


def rejudge(
    out: Path,
    plan: AssignmentPlan,
    results: Sequence[SubmissionResult],
    *,
    checks: frozenset[str] | None = None,
    never_lower: bool = False,
    jobs: int = 1,
) -> ClassAgain:
    """Judge results again, from what was kept in a folder; nothing is written but maps that judging needs.

    Args:
        out: the folder that `grade` wrote.
        plan: the assignment, with the policy by which it is judged.
        results: those of this assignment.
        checks: the checks that are judged; None for all. The others keep their results.
        never_lower: whether a check keeps its result where it would give less now.
        jobs: how many are judged side by side.
    """
    claims, gone, judged = ClaimsFolder(out / "claims", 0), dict[str, str](), list[JudgedAgain]()
    service = ReuseService(folder=out / "tsne_memory", at_once=jobs)
    with JudgeAgain(plan, read=claims.bytes_of, service=service, jobs=jobs, checks=checks) as judge:

        def one(result: SubmissionResult) -> JudgedAgain | str:
            """Judge one submission; return why it can't be judged."""
            if result.status in _NEVER_READ:
                words = next((check.message or "" for check in result.checks), "")
                new, outcomes = not_run(plan.tests, words), dict[str, TestOutcome]()
            else:
                try:
                    new, outcomes = judge.judge(read_run(claims, result.student, result.assignment))
                except GoneError as error:
                    return str(error)
            return _compared(result, new, outcomes, plan, checks=checks, never_lower=never_lower)

        with ThreadPoolExecutor(jobs) as threads:
            for result, what in zip(results, threads.map(one, results), strict=True):
                if isinstance(what, str):
                    gone[result.student] = what
                    judged.append(JudgedAgain(result, result))
                else:
                    judged.append(what)
    return ClassAgain(tuple(judged), gone)


def _compared(
    before: SubmissionResult,
    new: Sequence[CheckResult],
    outcomes: Mapping[str, TestOutcome],
    plan: AssignmentPlan,
    *,
    checks: frozenset[str] | None,
    never_lower: bool,
) -> JudgedAgain:
    """Return a submission with its new results where they count, and what differs."""
    old, fresh = {check.name: check for check in before.checks}, {check.name: check for check in new}
    whole, changes = list[CheckResult](), list[CheckChange]()
    names = [test.grade_id for test in plan.tests]
    for name in [*names, *(name for name in old if name not in names)]:
        was, now = old.get(name), fresh.get(name)
        if checks is not None and name not in checks:
            now = was
        keeps = never_lower and was is not None and now is not None and now.score < was.score <= now.max_score
        if was != now:
            changes.append(CheckChange(before.student, name, was, now, kept=keeps))
        result = dataclasses.replace(was, max_score=now.max_score) if keeps and was and now else now
        if result is not None:
            whole.append(result)
    after = dataclasses.replace(
        before,
        checks=tuple(whole),
        score=exact_sum(check.score for check in whole),
        max_score=exact_sum(check.max_score for check in whole),
        bonus=plan.bonus,
    )
    counting = {change.name for change in changes if not change.kept}
    said = {name: outcome for name, outcome in outcomes.items() if name in counting}
    return JudgedAgain(before, after, tuple(changes), said)
