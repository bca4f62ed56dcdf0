"""Say why an answer is not there: the cell that should make it stopped with an error, or was too slow."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.assignment.plan import PlannedCell
from autograder.checks.meanings import Diagnosis
from autograder.execute.moved_names import replacement
from autograder.execute.notebook_run import Execution

__all__ = ["UNDEFINED", "reasons"]

UNDEFINED = re.compile(r"name '(\w+)' is not defined")
# What an answer may be whose cell didn't run to its end: not there, or not finished.
_UNFINISHED = (
    Diagnosis.MISSING,
    Diagnosis.NOT_FINITE,
    Diagnosis.TOO_FEW_ROWS,
    Diagnosis.DEGENERATE,
    Diagnosis.NO_PLOT,
    Diagnosis.NO_LABELS,
    Diagnosis.TOO_FEW_POINTS,
    Diagnosis.UNKNOWN,
)


def reasons(test: PlannedCell, diagnosis: str, message: str, execution: Execution) -> list[str]:
    """Return sentences that say which cell stopped, with what, and what replaces a name that has moved.

    Args:
        test: the test that failed.
        diagnosis: what it said; a mistake that no stop explains has no reasons.
        message: its text, which names the answers that it is about.
        execution: how the notebook ran.
    """
    if diagnosis not in _UNFINISHED:
        return []
    named = [name for name in test.answers if f"`{name}`" in message] or list(test.answers)
    asked = dict(zip(test.answers, zip(test.asked_in, test.asked_where, strict=True), strict=True))
    cells = dict(asked[name] for name in named) | dict(_own_cells(named, execution))
    stopped = {words: execution.errors[cell] for cell, words in cells.items() if cell in execution.errors}
    undefined = [match[1] for error in stopped.values() if (match := UNDEFINED.search(error))]
    stopped |= {words: execution.errors[cell] for cell, words in _own_cells(undefined, execution)}
    slow = [f"{_capital(words)} took too long." for cell, words in cells.items() if cell in execution.slow]
    return [_sentence(words, error) for words, error in stopped.items()] or slow


def _own_cells(names: list[str], execution: Execution) -> Iterator[tuple[str, str]]:
    """Yield (id, words) of the student's added cells that should assign one of the names and stopped."""
    for cell, own in execution.own_names.items():
        if own.intersection(names):
            yield cell, f"your own {cell}"


def _sentence(words: str, error: str) -> str:
    """Return what a cell stopped with, and what replaces a name that has moved."""
    return f"{_capital(words)} stopped with {error.removesuffix('.')}. {replacement(error)}".rstrip()


def _capital(words: str) -> str:
    """Return words as a sentence begins with them."""
    return words[:1].upper() + words[1:]
