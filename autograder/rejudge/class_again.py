"""Judge a graded folder again by the assignment of today, or by another policy."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from autograder.assignment.plan import AssignmentPlan, make_plan
from autograder.assignment.policy import SETTINGS
from autograder.assignment.settings import read_source
from autograder.errors import GradeError
from autograder.files import write_file
from autograder.grade.grade import alone
from autograder.grade.ledger import Ledger
from autograder.grade.results import read_results
from autograder.graded_folder import name_of, suffix_of
from autograder.model import Assignment, SubmissionResult
from autograder.rejudge.again import ClassAgain, rejudge
from autograder.rejudge.apply import apply_again
from autograder.rejudge.table import write_changes

__all__ = ["RejudgeRequest", "changes_path", "follow_checks", "judge_class_again"]


@dataclass(frozen=True)
class RejudgeRequest:
    """What is to be judged again, and by what.

    Attributes:
        out: the folder that `grade` wrote.
        root: the repository's root.
        assignment: whose results; None for the only one that there is.
        policy: a file in the place of `assignment.toml`; None for the source's own.
        checks: the checks that are judged; () for all.
        never_lower: whether a check keeps its result where it would give less now.
        apply: whether the new results count from now on.
        run_again: whether the next `grade` runs those that can't be judged.
        jobs: how many are judged side by side.
    """

    out: Path
    root: Path
    assignment: str | None = None
    policy: Path | None = None
    checks: tuple[str, ...] = ()
    never_lower: bool = False
    apply: bool = False
    run_again: bool = False
    jobs: int = 1


def changes_path(out: Path, assignment: str | None) -> Path:
    """Return where it is written down who would change.

    Where the folder holds several assignments, the file's name has the assignment's in it.

    Raises:
        AutograderError: there are no results of it, or several assignments and none was named.
    """
    return out / f"rejudge{suffix_of(out, name_of(out, assignment))}.csv"


def judge_class_again(request: RejudgeRequest) -> tuple[ClassAgain, tuple[str, ...]]:
    """Judge a class again, and write down who would change.

    Returns:
        What came of it, and what changed in the gradebook's cells, in sentences.

    Raises:
        AutograderError: there are no results, the assignment has mistakes, or the folder can't be written.
    """
    out, cells = request.out, tuple[str, ...]()
    name = name_of(out, request.assignment)
    with alone(out), _assignment(request, name) as (assignment, plan):
        _refuse_unknown(request.checks, plan)
        again = rejudge(
            out,
            plan,
            _results(out, name),
            checks=frozenset(request.checks) or None,
            never_lower=request.never_lower,
            jobs=request.jobs,
        )
        write_changes(again, changes_path(out, name))
        if request.apply:
            cells = apply_again(out, assignment, plan, again)
        if request.run_again:
            Ledger(out).run_again(again.gone, name)
    return again, cells


def follow_checks(out: Path, root: Path, name: str, jobs: int) -> ClassAgain | None:
    """Judge a class again where the assignment has other checks, or other points, than it was graded with.

    Who can't be judged is run by the `grade` that finds the work.

    Returns:
        What came of it; None where nothing has changed.

    Raises:
        AutograderError: the assignment has mistakes, or the folder can't be written.
    """
    results = _results(out, name)
    if not results:
        return None
    plan = make_plan(root / "source" / name, root / "release" / "nbgrader" / name)
    checks = [(test.grade_id, test.points) for test in plan.tests]
    same = all([(check.name, check.max_score) for check in one.checks] == checks for one in results)
    if same and all(one.bonus == plan.bonus for one in results):
        return None
    request = RejudgeRequest(out, root, name, apply=True, run_again=True, jobs=jobs)
    return judge_class_again(request)[0]


@contextmanager
def _assignment(request: RejudgeRequest, name: str) -> Iterator[tuple[Assignment, AssignmentPlan]]:
    """Yield the assignment, with the policy that was asked for."""
    source, release = request.root / "source" / name, request.root / "release" / "nbgrader" / name
    with tempfile.TemporaryDirectory(prefix="autograder-policy-") as folder:
        if request.policy is not None:
            copy = Path(folder) / name
            shutil.copytree(source, copy)
            try:
                write_file(copy / SETTINGS, request.policy.read_bytes())
            except OSError as error:
                raise GradeError(f"{request.policy} can't be read: {error.strerror}.") from error
            source = copy
        yield read_source(source).assignment, make_plan(source, release)


def _refuse_unknown(checks: tuple[str, ...], plan: AssignmentPlan) -> None:
    """Raise where a check that is asked for isn't there."""
    names = [test.grade_id for test in plan.tests]
    unknown = [name for name in checks if name not in names]
    if unknown:
        raise GradeError(f"{plan.name} has no check {unknown[0]!r}.", f"It has: {', '.join(names)}.")


def _results(out: Path, name: str) -> tuple[SubmissionResult, ...]:
    """Return the results of one assignment."""
    return tuple(one for one in read_results(out / "results.jsonl") if one.assignment == name)
