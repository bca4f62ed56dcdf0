"""Explain a student's result: what each check saw, against which bounds, and what would have been right."""

from __future__ import annotations

import dataclasses
import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.appeal.plain_run import PlainVerdict, run_plainly
from autograder.assignment.cells import grade_id
from autograder.assignment.plan import AssignmentPlan, PlannedCell, make_plan
from autograder.assignment.settings import read_source
from autograder.claims.folder import ClaimsFolder
from autograder.claims.packing import GoneError
from autograder.errors import GradeError
from autograder.execute.judge_again import JudgeAgain
from autograder.grade.folders import folder_name
from autograder.grade.kept_claims import read_run
from autograder.grade.map_files import read_images, read_maps
from autograder.grade.results import read_results
from autograder.graded_folder import name_of
from autograder.hidden.evidence import Evidence
from autograder.judging.messages import TestOutcome
from autograder.log import log_suppressed
from autograder.model import CheckResult, MapImages, StudentMap, SubmissionResult
from autograder.reuse.service import ReuseService

__all__ = ["AnswerCell", "ExplainRequest", "ExplainedCheck", "Explanation", "explain"]

_MOST_CHARACTERS = 20_000  # of a student's cell


@dataclass(frozen=True)
class ExplainRequest:
    """What is to be explained.

    Attributes:
        out: the folder that `grade` wrote.
        root: the repository's root.
        student: whose result.
        check: the check's `grade_id`; None for all.
        assignment: which assignment; None for the only one that there is.
        plain: whether the submission is run once more without any shortcut.
        notebook: the file as it was handed in; None to look for it where it was collected.
    """

    out: Path
    root: Path
    student: str
    check: str | None = None
    assignment: str | None = None
    plain: bool = False
    notebook: Path | None = None


@dataclass(frozen=True)
class AnswerCell:
    """A cell that a check's answers came from.

    Attributes:
        name: its `grade_id`.
        where: the same in a student's words.
        source: what the student wrote there; "" where the cell is lost.
    """

    name: str
    where: str
    source: str


@dataclass(frozen=True)
class ExplainedCheck:
    """A check's result, and what it saw.

    Attributes:
        result: as it counts.
        evidence: what it measured, against which bounds.
        cells: where the answers came from.
        drawn: the map that it is about, beside the grader's; None where it is about none.
        now: what the check would say today, where that is another thing.
    """

    result: CheckResult
    evidence: tuple[Evidence, ...] = ()
    cells: tuple[AnswerCell, ...] = ()
    drawn: StudentMap | None = None
    now: CheckResult | None = None


@dataclass(frozen=True)
class Explanation:
    """A student's result, explained.

    Attributes:
        result: the whole of it.
        title: the assignment's.
        checks: those that were asked for.
        images: what the maps are of; None where nobody knows.
        note: why nothing was measured again; "" where it was.
        plain: what came of the slow way; None where it wasn't gone.
    """

    result: SubmissionResult
    title: str
    checks: tuple[ExplainedCheck, ...]
    images: MapImages | None = None
    note: str = ""
    plain: PlainVerdict | None = None

    def to_json(self) -> str:
        """Return everything but pictures as JSON."""
        values = dataclasses.asdict(dataclasses.replace(self, images=None))
        del values["images"]
        return json.dumps(values, indent=1, ensure_ascii=False, default=str) + "\n"


def explain(request: ExplainRequest) -> Explanation:
    """Explain a student's result from what was kept of it; with `plain` it is run once more.

    Raises:
        AutograderError: there is no such student or check, the assignment has mistakes, or the file that was handed
            in is not there for `plain`.
    """
    name = name_of(request.out, request.assignment)
    result = _result_of(request.out, name, request.student)
    source = read_source(request.root / "source" / name)
    plan = make_plan(source.assignment.folder, request.root / "release" / "nbgrader" / name)
    wanted = _wanted(result, request.check)
    outcomes, now, note = _judge(request, plan, result)
    maps = {drawn.check: drawn for drawn in read_maps(request.out, result.student, name)}
    sources = _sources(request.out / "autograded" / folder_name(result.student) / name / f"{name}.ipynb")
    tests = {test.grade_id: test for test in plan.tests}
    checks = tuple(
        ExplainedCheck(
            check,
            outcomes[check.name].evidence if check.name in outcomes else (),
            _cells(tests.get(check.name), sources),
            maps.get(check.name),
            now[check.name] if now.get(check.name, check) != check else None,
        )
        for check in wanted
    )
    plain = None
    if request.plain:
        plain = run_plainly(request.out, source.assignment, plan, result, notebook=request.notebook)
    return Explanation(result, source.assignment.title, checks, read_images(request.out, name), note, plain)


def _result_of(out: Path, name: str, student: str) -> SubmissionResult:
    """Return a student's result.

    Raises:
        GradeError: there is none.
    """
    results = {one.student: one for one in read_results(out / "results.jsonl") if one.assignment == name}
    if student in results:
        return results[student]
    near = difflib.get_close_matches(student, results, 3)
    tip = f"The nearest are: {', '.join(near)}." if near else f"{len(results)} students have one: see {out}/grades.csv."
    raise GradeError(f"{out} holds no result of {student!r} in {name}.", tip)


def _wanted(result: SubmissionResult, check: str | None) -> tuple[CheckResult, ...]:
    """Return the results of the checks that were asked for.

    Raises:
        GradeError: there is no such check.
    """
    names = [one.name for one in result.checks]
    if check is not None and check not in names:
        raise GradeError(f"{result.assignment} has no check {check!r}.", f"It has: {', '.join(names)}.")
    return tuple(one for one in result.checks if check in (None, one.name))


def _judge(
    request: ExplainRequest, plan: AssignmentPlan, result: SubmissionResult
) -> tuple[Mapping[str, TestOutcome], Mapping[str, CheckResult], str]:
    """Judge what was kept once more, with what is measured on the way; say why where that can't be.

    Returns:
        What the tests say, and the checks' results of today, by id, and a sentence where there are none.
    """
    claims = ClaimsFolder(request.out / "claims", 0)
    try:
        run = read_run(claims, result.student, result.assignment)
        service = ReuseService(folder=request.out / "tsne_memory", at_once=1)
        checks = None if request.check is None else frozenset({request.check})
        with JudgeAgain(plan, read=claims.bytes_of, service=service, checks=checks, explain=True) as judge:
            now, outcomes = judge.judge(run)
    except GoneError as error:
        return {}, {}, f"Nothing could be measured again: {error}."
    return outcomes, {check.name: check for check in now}, ""


def _sources(path: Path) -> dict[str, str]:
    """Return the texts of an executed notebook's cells, by id; none where it can't be read."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        return {grade_id(cell): "".join(cell["source"])[:_MOST_CHARACTERS] for cell in cells if grade_id(cell)}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        log_suppressed(error)
        return {}


def _cells(test: PlannedCell | None, sources: Mapping[str, str]) -> tuple[AnswerCell, ...]:
    """Return the cells that a test's answers came from."""
    if test is None:
        return ()
    words = dict(zip(test.asked_in, test.asked_where, strict=True))
    return tuple(AnswerCell(name, where, sources.get(name, "")) for name, where in words.items())
