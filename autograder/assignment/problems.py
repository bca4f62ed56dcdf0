"""Mistakes in a source, each with its place, reported all at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import SourceError

__all__ = ["Mistake", "Problem", "source_error"]

Mistake = tuple[int, int, str]
"""The index of a notebook's cell, -1 for the notebook as a whole; the line, from 1; what is wrong."""


@dataclass(frozen=True)
class Problem:
    """One mistake in a source.

    Attributes:
        file: the file that it is in.
        cell: the cell's id, or "#7" for the seventh cell without one; empty where the file as a whole is meant.
        line: the line in the cell, or in a file without cells, from 1; a cell as a whole is told by its first; 0 for a file.
        message: what is wrong, and what would be right.
    """

    file: Path
    cell: str
    line: int
    message: str

    def __str__(self) -> str:
        place = ", ".join(
            part for part in (self.cell and f"cell {self.cell}", self.line and f"line {self.line}") if part
        )
        return f"{self.file}: {place}: {self.message}" if place else f"{self.file}: {self.message}"


def source_error(name: str, problems: Sequence[Problem]) -> SourceError:
    """Return the error that lists every mistake of an assignment."""
    lines = "\n".join(f"  {problem}" for problem in problems)
    count = "one mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
    return SourceError(f"{name} has {count}; nothing was written.\n{lines}")
