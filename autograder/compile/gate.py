"""The gate: check a build's promises before anything is published."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path

from autograder.assignment.cells import grade_id, is_test, points_of
from autograder.assignment.plan import make_plan
from autograder.assignment.settings import SourceNotebook
from autograder.compile.gradescope_zip import find_faults
from autograder.compile.leaks import find_leaks
from autograder.compile.publishing import Compilation
from autograder.errors import AutograderError, GateError, OutOfTimeError
from autograder.execute.engine import Engine
from autograder.model import CheckResult, Submission
from autograder.peers.nbgrader import Course
from autograder.peers.otter import otter_run
from autograder.sandbox.isolation import strongest_isolation

__all__ = ["check_promises", "differences", "score_findings"]

_Run = tuple[str, bool, tuple[CheckResult, ...]]
"""What was run, whether every point is expected, and the results."""

# Two at a time: each run is one Python with TensorFlow, and the least machine that
# this is for has two cores.
_RUNS_AT_ONCE = 2
# More threads than cores wait for one another: each run gets its share.
_THREADS = max(1, (os.cpu_count() or 1) // _RUNS_AT_ONCE)


def check_promises(compilation: Compilation, again: Callable[[], Compilation]) -> Iterator[str]:
    """Check every promise, and yield a line of progress for each.

    Args:
        compilation: the outputs to look at.
        again: compiles the same source a second time, elsewhere.

    Raises:
        GateError: one or more promises are broken; the message lists all of them.
    """
    findings = [*_leaks(compilation)]
    yield f"leaks: {len(findings) or 'none'}"
    changes = [*_changes(compilation, again())]
    yield f"files that a second build changes: {len(changes) or 'none'}"
    findings += changes
    faults = [f"the zip for Gradescope: {fault}" for fault in find_faults(compilation.path("gradescope_zip"))]
    yield f"faults of the zip for Gradescope: {len(faults) or 'none'}"
    findings += faults
    for label, expect_all, results in chain(_by_peers(compilation), _by_grade(compilation)):
        total, most = sum(check.score for check in results), sum(check.max_score for check in results)
        yield f"{label}: {total:g} of {most:g}"
        findings += score_findings(compilation.source, label, results, expect_all=expect_all)
    if findings:
        lines = "\n".join(f"  {finding}" for finding in findings)
        raise GateError(f"{compilation.source.assignment.name} does not pass the gate; nothing was published.\n{lines}")


def _leaks(compilation: Compilation) -> Iterator[str]:
    for kind in ("nbgrader", "otter"):
        yield from (f"release/{kind}: {leak}" for leak in find_leaks(compilation.source, compilation.path(kind), kind))


def _changes(compilation: Compilation, second: Compilation) -> Iterator[str]:
    for kind in ("nbgrader", "otter", "solutions"):
        for name in differences(compilation.path(kind), second.path(kind)):
            yield f"{kind}: a second build changes {name}."
    if not filecmp.cmp(compilation.path("gradescope_zip"), second.path("gradescope_zip"), shallow=False):
        yield "the zip for Gradescope: a second build changes it."


def differences(one: Path, other: Path) -> list[str]:
    """Return the files, relative to both folders, that are not byte for byte the same in both."""
    names = {path.relative_to(folder) for folder in (one, other) for path in folder.rglob("*") if path.is_file()}
    _, mismatched, absent = filecmp.cmpfiles(one, other, sorted(map(str, names)), shallow=False)
    return sorted([*mismatched, *absent])


def _by_grade(compilation: Compilation) -> Iterator[_Run]:
    """Yield the results of both notebooks by `autograder grade`: what it can't judge, nobody would get points for."""
    assignment = compilation.source.assignment
    notebooks = {"solved notebook": "solutions", "blank release": "nbgrader"}
    plan = make_plan(assignment.folder, compilation.path("nbgrader"))
    with Engine(plan, isolation=strongest_isolation(), threads=_THREADS) as engine:
        for label, kind in notebooks.items():
            path = compilation.path(kind) / f"{assignment.name}.ipynb"
            outcome = engine.run(Submission(kind, assignment.name, path, str(path)))
            yield f"{label} by autograder grade", kind == "solutions", outcome.result.checks


def _by_peers(compilation: Compilation) -> Iterator[_Run]:
    """Yield the results of both notebooks by nbgrader and by otter."""
    name = compilation.source.assignment.name
    solved, blank = compilation.path("solutions") / f"{name}.ipynb", compilation.path("nbgrader") / f"{name}.ipynb"
    otter_zip, otter_blank = compilation.path("otter_zip"), compilation.path("otter") / f"{name}.ipynb"
    runs: list[tuple[str, bool, Callable[[], tuple[CheckResult, ...]]]] = [
        (
            "solved notebook by otter run",
            True,
            lambda: otter_run(otter_zip, compilation.otter_solved, threads=_THREADS),
        ),
        ("solved notebook by nbgrader", True, lambda: _by_nbgrader(compilation, "solved", solved)),
        ("blank release by otter run", False, lambda: otter_run(otter_zip, otter_blank, threads=_THREADS)),
        ("blank release by nbgrader", False, lambda: _by_nbgrader(compilation, "blank", blank)),
    ]
    with ThreadPoolExecutor(_RUNS_AT_ONCE) as pool:
        futures = [(label, expect_all, pool.submit(run)) for label, expect_all, run in runs]
        for label, expect_all, future in futures:
            try:
                yield label, expect_all, future.result()
            except OutOfTimeError:
                raise  # it says nothing about what was built
            except AutograderError as error:
                yield label, expect_all, (CheckResult("(all)", "error", 0, 0, message=error.message),)


def _by_nbgrader(compilation: Compilation, student: str, notebook: Path) -> tuple[CheckResult, ...]:
    with Course(compilation.source.assignment, compilation.path("nbgrader"), threads=_THREADS) as course:
        course.submit(student, notebook)
        run = course.autograde(student)
        if run.late is not None:
            raise run.late
        return course.checks(student)


def score_findings(
    source: SourceNotebook, label: str, results: tuple[CheckResult, ...], *, expect_all: bool
) -> Iterator[str]:
    """Yield a sentence for each graded test whose score is not what it must be.

    Every test of the source must have been scored, out of its own points: a grader that crashes
    reports 0 of 0, and calls it a pass.
    """
    checks = {check.name: check for check in results}
    for cell in source.notebook.cells:
        if is_test(cell):
            name, points = grade_id(cell), float(points_of(cell))
            check = checks.get(name)
            expected = points if expect_all else 0.0
            if check is None:
                yield f"{label}: {name} was not scored: {'; '.join(c.message or '' for c in results if c.status == 'error')}"
            elif check.max_score != points or check.score != expected:
                result = f"{check.score:g} of {check.max_score:g}"
                yield f"{label}: {name} gives {result}, expected {expected:g} of {points:g}: {check.message or ''}"
