"""Run one submission once more without any shortcut, and compare the verdicts."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.assignment.plan import AssignmentPlan
from autograder.assignment.recognise import recogniser
from autograder.collect.record_files import record_path
from autograder.collect.submissions import CollectRequest, collect
from autograder.errors import GradeError
from autograder.grade import GradeRequest, grade
from autograder.grade.ledger import digest_of
from autograder.log import log_suppressed
from autograder.model import Assignment, CheckResult, Submission, SubmissionResult

__all__ = ["PlainVerdict", "handed_in", "run_plainly"]

_STUDENT = "submission"


@dataclass(frozen=True)
class PlainVerdict:
    """What came of a submission that ran without any shortcut.

    Attributes:
        checks: the results.
        score: their sum.
        differing: the names of the checks that say another thing than what counts.
    """

    checks: tuple[CheckResult, ...]
    score: float
    differing: tuple[str, ...]

    @property
    def stands(self) -> bool:
        """Whether the verdict is the same."""
        return not self.differing


def run_plainly(
    out: Path, assignment: Assignment, plan: AssignmentPlan, result: SubmissionResult, *, notebook: Path | None = None
) -> PlainVerdict:
    """Run a submission with no shared start, no memory of maps or predictions, and no replaced function.

    Args:
        out: the folder that `grade` wrote.
        assignment: the assignment.
        plan: its cells.
        result: what counts.
        notebook: the file as it was handed in; None to look for it where it was collected.

    Raises:
        AutograderError: the file isn't there, or isn't the one that was graded.
    """
    with (
        handed_in(out, plan, result.student) if notebook is None else nullcontext(notebook) as file,
        tempfile.TemporaryDirectory(prefix="autograder-plain-") as work,
    ):
        _refuse_another(file, result)
        folder = Path(work)
        (folder / "in").mkdir()
        shutil.copyfile(file, folder / "in" / f"{_STUDENT}.ipynb")
        request = GradeRequest(
            folder / "in",
            assignment,
            plan.release,
            folder / "out",
            plain=True,
            quiet=True,
            claims=0,
            convention="folder",
        )
        (again,) = grade(request, Console(stderr=True), _write_nothing)
    before = {check.name: _verdict(check) for check in result.checks}
    after = {check.name: _verdict(check) for check in again.checks}
    names = dict.fromkeys([*before, *after])
    differing = tuple(name for name in names if before.get(name) != after.get(name))
    return PlainVerdict(again.checks, again.score, differing)


def _write_nothing(*_: Any, **__: Any) -> None:
    """Take the place of what writes a page."""


def _verdict(check: CheckResult) -> tuple[str, float, float, str | None]:
    """Return what counts of a check; the last digits in a message may differ."""
    return check.status, check.score, check.max_score, check.diagnosis


@contextmanager
def handed_in(out: Path, plan: AssignmentPlan, student: str) -> Iterator[Path]:
    """Yield the file that a student handed in, from where the class was collected.

    Raises:
        GradeError: it isn't there any more.
    """
    values = _collected(out, plan.name)
    request = CollectRequest(Path(values["path"]), plan.name, str(values["convention"]), recogniser(plan))
    tip = "Give the file as it was handed in: --notebook FILE."
    try:
        with collect(request) as collection:
            found = {one.student: one for one in collection.submissions}.get(student)
            if found is None or found.notebook is None:
                raise GradeError(f"What {student} handed in is not in {values['path']} any more.", tip)
            yield found.notebook
    except OSError as error:
        raise GradeError(f"{values['path']} can't be read: {error.strerror}.", tip) from error


def _collected(out: Path, name: str) -> dict[str, Any]:
    """Return what was written down of collecting."""
    try:
        values: dict[str, Any] = json.loads(record_path(out, name).read_bytes())
        _ = values["path"], values["convention"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        log_suppressed(error)
        raise GradeError(
            f"{out} doesn't say where submissions came from.", "Give the file as it was handed in: --notebook FILE."
        ) from error
    return values


def _refuse_another(file: Path, result: SubmissionResult) -> None:
    """Raise where a file isn't the one that a result is about."""
    try:
        digest = digest_of(Submission(result.student, result.assignment, file, ""))
    except OSError as error:
        raise GradeError(f"{file} can't be read: {error.strerror}.") from error
    if result.receipt.get("notebook", digest) != digest:
        raise GradeError(
            f"{file.name} is not the notebook of {result.student} that was graded.",
            "The receipt has that one's digest: give it with --notebook FILE.",
        )
