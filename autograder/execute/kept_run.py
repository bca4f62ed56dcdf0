"""What is kept of a submission's run, so that it can be judged again without a kernel."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.assignment.plan import AssignmentPlan
from autograder.claims.packing import GoneError, PackedClaims, Packing, pack
from autograder.execute.notebook_run import CollectedAnswers, Execution
from autograder.judging.messages import Judgement, TestOutcome
from autograder.texts import text_digest

if TYPE_CHECKING:
    from pydantic import TypeAdapter

__all__ = ["KeptAnswers", "KeptRun", "keep_run", "run_from_json", "run_to_json"]


@dataclass(frozen=True)
class KeptAnswers:
    """What was taken out after one question.

    Attributes:
        tests: the ids of the tests that look at it.
        names: of the answers that were asked for.
        claims: what the kernel wrote about them; None where it wrote nothing that can be read.
    """

    tests: tuple[str, ...]
    names: tuple[str, ...]
    claims: PackedClaims | None


@dataclass(frozen=True)
class KeptRun:
    """What judging a submission needs of its run.

    Attributes:
        execution: how the notebook ran.
        begun: the exercises that the student wrote anything in.
        answers: what was taken out, in order.
        called: what the tests said that call functions, by id: a kernel is needed to ask them again.
        checks: digests of these tests' texts as they were, by id.
    """

    execution: Execution
    begun: frozenset[str]
    answers: tuple[KeptAnswers, ...]
    called: Mapping[str, TestOutcome] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)

    @property
    def digests(self) -> frozenset[str]:
        """Of all bytes that are kept for it."""
        packed = (answers.claims for answers in self.answers)
        return frozenset[str]().union(*(one.kept for one in packed if one is not None))


def keep_run(
    plan: AssignmentPlan,
    execution: Execution,
    begun: frozenset[str],
    collected: Sequence[CollectedAnswers],
    judgement: Judgement,
    packing: Packing,
) -> KeptRun:
    """Return what is kept of a run; the bytes that are kept with it go into `packing`.

    Args:
        plan: the assignment.
        execution: how the notebook ran.
        begun: the exercises that the student wrote anything in.
        collected: what was taken out.
        judgement: what came of it.
        packing: takes what is to be kept.

    Raises:
        TooMuchError: it is more than anybody's answers need.
    """
    tests, answers = {test.grade_id: test for test in plan.tests}, list[KeptAnswers]()
    for one in collected:
        names = dict.fromkeys(name for test in one.tests for name in tests[test].answers)
        arrays = next((judgement.arrays[test] for test in one.tests if test in judgement.arrays), {})
        packed = None if one.claims is None else pack(one.claims, arrays, packing)
        answers.append(KeptAnswers(one.tests, tuple(names), packed))
    called = {
        name: judgement.outcomes[name] for name, test in tests.items() if test.functions and name in judgement.outcomes
    }
    checks = {name: text_digest(tests[name].check) for name in called}
    return KeptRun(execution, begun, tuple(answers), called, checks)


def run_to_json(run: KeptRun) -> str:
    """Return a record of a run as JSON: equal runs have equal texts."""
    values = _adapter().dump_python(run)  # sets as such: their order is another in each process
    return json.dumps(values, sort_keys=True, separators=(",", ":"), default=sorted)


def run_from_json(text: bytes) -> KeptRun:
    """Return the record that `run_to_json` wrote.

    Raises:
        GoneError: it is no such record.
    """
    from pydantic import ValidationError

    try:
        return _adapter().validate_json(text)
    except ValidationError as error:
        raise GoneError("the record of its claims is damaged") from error


@functools.cache
def _adapter() -> TypeAdapter[KeptRun]:
    """Return what checks a record as it is read."""
    from pydantic import TypeAdapter  # a tenth of a second to import

    return TypeAdapter(KeptRun)
