"""The gate: check a build's promises before anything is published."""

from __future__ import annotations

import filecmp
import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.accuracy import Figure
from autograder.assignment.cells import grade_id, is_test, points_of
from autograder.assignment.plan import make_plan
from autograder.assignment.settings import SourceNotebook
from autograder.compile.accuracy_gate import accuracy_findings, accuracy_of
from autograder.compile.gradescope_zip import find_faults
from autograder.compile.leaks import find_leaks
from autograder.compile.publishing import Compilation
from autograder.errors import AutograderError, GateError, OutOfTimeError
from autograder.execute.engine import Engine
from autograder.model import CheckResult, Submission
from autograder.peers.nbgrader import Course
from autograder.peers.otter import otter_run
from autograder.sandbox.isolation import strongest_isolation

__all__ = ["agreement_findings", "check_promises", "differences", "score_findings"]


@dataclass(frozen=True)
class _Graded:
    """A notebook that is graded on every route.

    Attributes:
        label: what people call it.
        nbgrader: the notebook in nbgrader's form.
        otter: the same in otter's.
        expected: whether it must get every point, or none; None where the routes must agree, and no more.
    """

    label: str
    nbgrader: Path
    otter: Path
    expected: bool | None


_Run = tuple[_Graded, str, tuple[CheckResult, ...]]
"""What was graded, by whom, and the results."""

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
    graded = [*_notebooks(compilation, compilation.stage / "graded")]
    scores: dict[str, dict[str, tuple[CheckResult, ...]]] = {}
    for notebook, route, results in chain(_by_peers(compilation, graded), _by_grade(compilation, graded)):
        label = f"{notebook.label} by {route}"
        total, most = sum(check.score for check in results), sum(check.max_score for check in results)
        yield f"{label}: {total:g} of {most:g}"
        if notebook.expected is None:
            scores.setdefault(notebook.label, {})[route] = results
        else:
            findings += score_findings(compilation.source, label, results, expect_all=notebook.expected)
    for label, by_route in scores.items():
        findings += agreement_findings(compilation.source, label, by_route)
    if (accuracy := accuracy_of(compilation)) is not None:
        yield (
            f"accuracy ({accuracy.form} form): right values accepted {_of(accuracy.accepted)}, wrong ones caught "
            f"{_of(accuracy.caught)}, named {_of(accuracy.named)}"
        )
        findings += accuracy_findings(accuracy, compilation.source.assignment.bars)
    if findings:
        lines = "\n".join(f"  {finding}" for finding in findings)
        raise GateError(f"{compilation.source.assignment.name} does not pass the gate; nothing was published.\n{lines}")


def _of(figure: Figure) -> str:
    return f"{figure.got} of {figure.of}"


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


def _notebooks(compilation: Compilation, folder: Path) -> Iterator[_Graded]:
    """Yield what is graded: the solved and the blank notebook, and the sample submissions, which are written into a folder."""
    name = f"{compilation.source.assignment.name}.ipynb"
    solved = compilation.path("solutions") / name
    yield _Graded("solved notebook", solved, compilation.otter_solved, expected=True)
    yield _Graded(
        "blank release", compilation.path("nbgrader") / name, compilation.path("otter") / name, expected=False
    )
    for number, sample in enumerate(compilation.source.assignment.submissions, start=1):
        notebook: NotebookNode = nbformat.read(solved, as_version=4)
        for cell in notebook.cells:
            cell.source = sample.text if grade_id(cell) == sample.cell else cell.source
        whole, untested = (folder / f"{kind}-{number}" / name for kind in ("whole", "untested"))
        _write(notebook, whole)
        notebook.cells = [cell for cell in notebook.cells if not is_test(cell)]
        _write(notebook, untested)  # otter has its tests in the zip
        yield _Graded(f"submission {sample.title!r}", whole, untested, expected=None)


def _write(notebook: NotebookNode, path: Path) -> None:
    """Write a notebook into a folder of its own."""
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def _by_grade(compilation: Compilation, graded: Sequence[_Graded]) -> Iterator[_Run]:
    """Yield the results by `autograder grade`: what it can't judge, nobody would get points for."""
    assignment = compilation.source.assignment
    plan = make_plan(assignment.folder, compilation.path("nbgrader"))
    with Engine(plan, isolation=strongest_isolation(), threads=_THREADS) as engine:
        for notebook in graded:
            path = notebook.nbgrader
            outcome = engine.run(Submission("gate", assignment.name, path, str(path)))
            yield notebook, "autograder grade", outcome.result.checks


def _by_peers(compilation: Compilation, graded: Sequence[_Graded]) -> Iterator[_Run]:
    """Yield the results by nbgrader and by otter."""
    runs: list[tuple[_Graded, str, Callable[[], tuple[CheckResult, ...]]]] = []
    for number, notebook in enumerate(graded):
        by_otter = functools.partial(otter_run, compilation.path("otter_zip"), notebook.otter, threads=_THREADS)
        by_nbgrader = functools.partial(_by_nbgrader, compilation, f"gate{number}", notebook.nbgrader)
        runs += [(notebook, "otter run", by_otter), (notebook, "nbgrader", by_nbgrader)]
    with ThreadPoolExecutor(_RUNS_AT_ONCE) as pool:
        futures = [(notebook, route, pool.submit(run)) for notebook, route, run in runs]
        for notebook, route, future in futures:
            try:
                yield notebook, route, future.result()
            except OutOfTimeError:
                raise  # it says nothing about what was built
            except AutograderError as error:
                yield notebook, route, (CheckResult("(all)", "error", 0, 0, message=error.message),)


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


def agreement_findings(
    source: SourceNotebook, label: str, by_route: Mapping[str, tuple[CheckResult, ...]]
) -> Iterator[str]:
    """Yield a sentence for each graded test that a submission has different scores for on different routes."""
    checks = {route: {check.name: check for check in results} for route, results in by_route.items()}
    for name in (grade_id(cell) for cell in source.notebook.cells if is_test(cell)):
        found = {route: each.get(name) for route, each in checks.items()}
        if len({None if check is None else (check.score, check.max_score) for check in found.values()}) > 1 or any(
            check is not None and check.status == "error" for check in found.values()
        ):
            told = ", ".join(
                f"{'nothing' if check is None else f'{check.score:g}'} by {route}" for route, check in found.items()
            )
            why = next((check.message for check in found.values() if check is not None and check.status == "error"), "")
            yield f"{label}: {name} gives {told}{': ' if why else ''}{why or ''}"
