"""`results.jsonl` and `grades.csv`: one line a submission, never half of one."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Iterable
from pathlib import Path

from autograder.errors import GradeError
from autograder.files import append_line, write_file
from autograder.log import log_suppressed
from autograder.model import SubmissionResult
from autograder.texts import guard_formula
from autograder.totals import total_of

__all__ = ["append_result", "keep_previous", "log_result", "read_results", "write_grades", "write_results"]

_LOGGER = logging.getLogger(__name__)


def read_results(path: Path, *, forgiving: bool = False) -> tuple[SubmissionResult, ...]:
    """Return the results of earlier runs, while others may be written.

    A last line without its end is being written, or was cut off by a kill: it is no result yet.

    Args:
        path: `results.jsonl`; where there is none, there are no results.
        forgiving: whether a line that is no result is passed over.

    Raises:
        GradeError: a whole line is no result.
    """
    if not path.exists():
        return ()
    data = path.read_bytes()
    whole = data[: data.rfind(b"\n") + 1]
    results = []
    for number, line in enumerate(whole.decode("utf-8", "replace").splitlines(), start=1):
        try:
            results.append(SubmissionResult.from_json(json.loads(line)))
        except (ValueError, TypeError, AttributeError) as error:
            if forgiving:
                log_suppressed(error)
                continue
            raise GradeError(f"{path}, line {number} is no result: {error}.", "Remove it, or use --fresh.") from error
    return tuple(results)


def append_result(path: Path, result: SubmissionResult) -> None:
    """Write one line, and return when it is on the disk."""
    append_line(path, result.to_json())


def write_results(path: Path, results: Iterable[SubmissionResult]) -> None:
    """Write all lines anew; a reader meets the old ones or the new ones."""
    write_file(path, "".join(json.dumps(result.to_json()) + "\n" for result in results))


def keep_previous(path: Path, before: Iterable[SubmissionResult], assignment: str) -> None:
    """Write down what one assignment's results were before they change; what is there of others stays.

    Args:
        path: `results.previous.jsonl`.
        before: results of any assignments.
        assignment: whose change.
    """
    others = (one for one in read_results(path, forgiving=True) if one.assignment != assignment)
    write_results(path, (*others, *(one for one in before if one.assignment == assignment)))


def log_result(result: SubmissionResult) -> None:
    """Log what came of a submission, and each check of ours that failed."""
    messages = [
        result.message or "",
        *(f"{check.name}: {check.message}" for check in result.checks if check.status == "error"),
    ]
    level = logging.INFO if result.has_fault else logging.DEBUG
    told = (result.assignment, result.student, result.status, total_of(result), result.seconds, " ".join(messages))
    _LOGGER.log(level, "%s, %s: %s, %s in %g s. %s", *told)


def write_grades(path: Path, results: Iterable[SubmissionResult]) -> None:
    """Write the scores as a table for spreadsheets, one column a check, sorted by student.

    `score` has the bonus in it; what being late costs stands beside it in percent, and is not taken off.
    """
    rows = sorted(results, key=lambda result: (result.student, result.assignment))
    names = list(dict.fromkeys(check.name for row in rows for check in row.checks))
    head = ["student", "assignment", "status", "score", "max_score", "bonus", "max_bonus"]
    lines: list[list[object]] = [[*head, "handed_in", "due", "late_percent", *names, "message"]]
    for row in rows:
        scores = {check.name: check.score for check in row.checks}
        fields = [guard_formula(row.student), row.assignment, row.status, row.score, row.max_score]
        total, late = total_of(row), row.late
        times = [late.handed_in, late.until, late.percent] if late else [guard_formula(row.handed_in), "", ""]
        points = [scores.get(name, "") for name in names]
        lines.append([*fields, total.bonus, total.max_bonus, *times, *points, guard_formula(row.message or "")])
    table = io.StringIO(newline="")
    # Texts are quoted: parted by another sign, one could hold a formula in its middle.
    csv.writer(table, quoting=csv.QUOTE_NONNUMERIC).writerows(lines)
    write_file(path, table.getvalue())
