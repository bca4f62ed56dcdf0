"""What an outcome and two files tell, for tests."""

import difflib

from autograder.export import ExportOutcome


def changed_lines(before: bytes, after: bytes, encoding: str = "utf-8") -> list[str]:
    """Return the lines that an export took out and put in."""
    lines = [data.decode(encoding).splitlines(keepends=True) for data in (before, after)]
    return [line for line in difflib.ndiff(*lines) if line[0] in "+-"]


def reasons(outcome: ExportOutcome) -> dict[str, str]:
    """Return the students whose row stays, with the reasons."""
    return {kept.who: kept.why for kept in (*outcome.kept, *outcome.unmatched)}
