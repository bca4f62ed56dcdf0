"""Grade the submission of a container: every way out of here leaves a result."""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.assignment.plan import make_plan
from autograder.collect.submissions import collect_one
from autograder.errors import AutograderError
from autograder.execute.engine import Engine
from autograder.gradescope.container import Container, cores, memory_bytes
from autograder.gradescope.ending import EndedError, Ending
from autograder.gradescope.outcome import FAILED, NO_SANDBOX, STOPPED, TOO_SLOW, write_result, write_sentence
from autograder.model import Isolation, SubmissionResult
from autograder.sandbox.isolation import choose_isolation
from autograder.sandbox.limits import GIB, Limits
from autograder.texts import printable
from autograder.totals import total_of

__all__ = ["grade_container", "limits_for"]

_RUNNING_SHARE = 0.75  # of the time that is left, for the notebook; the rest is for judging what it answered
_GRADER_BYTES = 1.5 * GIB  # of the container's memory: the grader, the judging process, the one that computes maps


def grade_container(container: Container) -> int:
    """Grade, write `results.json`, and say on standard output, which instructors alone see, what happened.

    Returns:
        The exit code, 0 where there is a result that can be read.
    """
    start = time.monotonic()
    seconds = container.seconds

    def write_end(deadline: bool) -> None:
        sentence = TOO_SLOW.format(seconds=seconds) if deadline else STOPPED
        write_sentence(container, sentence, status="timeout" if deadline else "stopped")

    try:
        with Ending(seconds, write_end) as ending:
            _grade(container, ending, start + seconds)
    except EndedError:
        _print("Grading was ended: it ran out of time, or the container was stopped.")
    return 0


def _grade(container: Container, ending: Ending, end: float) -> None:
    """Grade, or say why not."""
    try:
        isolation = choose_isolation("auto")
    except AutograderError as error:
        _print(f"{error.message} See docs/gradescope.md.")
        with ending.writing():
            write_sentence(container, NO_SANDBOX, status="no_sandbox")
        return
    try:
        _grade_at(container, ending, isolation, end)
    except Exception as error:  # noqa: BLE001 (whatever it is, the student gets a sentence and the instructor the rest)
        _print(error.message if isinstance(error, AutograderError) else traceback.format_exc())
        with ending.writing():
            write_sentence(container, FAILED, status="failed", isolation=isolation)


def _grade_at(container: Container, ending: Ending, isolation: Isolation, end: float) -> None:
    """Grade at one level of isolation, and write the result before anything is taken down."""
    plan = make_plan(container.source, container.release)
    with TemporaryDirectory(prefix="autograder-submission-", ignore_cleanup_errors=True) as store:
        submission = collect_one(container.submission, container.student, plan.name, Path(store))
        _print(f"{submission.student}: {submission.origin}, isolation {isolation}, {end - time.monotonic():.0f} s")
        threads = cores()
        with Engine(
            plan,
            isolation=isolation,
            limits=limits_for(end - time.monotonic(), memory_bytes()),
            threads=threads,
            private=(container.root / "source", container.submission, container.results.parent),
        ) as engine:
            outcome = engine.run(submission)
            written = frozenset(cell.grade_id for cell in plan.cells if cell.kind == "written")
            images = engine.images if outcome.maps else None
            with ending.writing():
                write_result(container, outcome, images, written=written)
    _print_result(outcome.result)


def limits_for(seconds: float, memory: int) -> Limits:
    """Return what the submission may use of a container's time and memory.

    Args:
        seconds: what is left of the time.
        memory: bytes that the container has.
    """
    standard = Limits()
    share = min(standard.memory, max(0.25, (memory - _GRADER_BYTES) / GIB))
    return Limits(seconds=max(1.0, seconds * _RUNNING_SHARE), memory=share)


def _print_result(result: SubmissionResult) -> None:
    """Print the result, check by check."""
    _print(f"{result.status}: {total_of(result)}, {result.seconds:g} s. {result.message or ''}")
    for check in result.checks:
        mistake = " ".join(filter(None, [check.diagnosis, check.detail]))
        _print(f"  {check.name}: {check.status}, {check.score:g} of {check.max_score:g} {mistake}")
        if check.status == "error":
            _print(f"    {check.message}")


def _print(line: str) -> None:
    """Print a line for the instructor, without what a terminal would obey."""
    sys.stdout.write("\n".join(printable(part, "") for part in line.split("\n")) + "\n")
    sys.stdout.flush()
