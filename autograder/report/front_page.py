"""The page in front of several class pages: one line an assignment."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.files import write_file
from autograder.report.class_page.attention import needs_attention
from autograder.report.class_page.tallies import Scores, mark_tallies, scores
from autograder.report.class_records import ClassRecords
from autograder.report.templates import fill_template

__all__ = ["FRONT_PAGE", "AssignmentLine", "line_of", "write_front_page"]

FRONT_PAGE = "report.html"


@dataclass(frozen=True)
class AssignmentLine:
    """What is said of an assignment.

    Attributes:
        name: the assignment's name.
        title: the name that people read.
        page: its class page's file.
        deadline: the class's, in words; "" where it isn't known.
        scores: the class's points.
        submissions: how many there are.
        waiting: how many written answers wait for a person.
        looks: how many students need a look.
    """

    name: str
    title: str
    page: str
    deadline: str
    scores: Scores
    submissions: int
    waiting: int
    looks: int


def line_of(records: ClassRecords) -> AssignmentLine:
    """Return an assignment's line; the records' maps don't matter."""
    groups = needs_attention(records.entries)
    return AssignmentLine(
        name=records.assignment,
        title=records.title,
        page=records.page,
        deadline=records.deadline,
        scores=scores(records.entries),
        submissions=len(records.entries),
        waiting=sum(tally.waiting for tally in mark_tallies(records.entries)),
        looks=len({look.entry.student for group in groups for look in group.looks}),
    )


def write_front_page(lines: Sequence[AssignmentLine], out: Path) -> None:
    """Write the page; a reader meets the old one or the new one."""
    write_file(out / FRONT_PAGE, fill_template("front", lines=lines, quoted=shlex.quote(str(out))))
