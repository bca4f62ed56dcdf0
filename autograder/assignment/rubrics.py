"""The mark schemes of a source notebook, for those who mark; students never see them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.assignment.cells import grade_id, is_written
from autograder.assignment.problems import Mistake
from autograder.assignment.regions import parse_regions

__all__ = ["RubricItem", "find_rubric_mistakes", "read_items", "read_rubrics"]

_AMOUNT = r"(?P<points>\d+(?:\.\d+)?|half an?) points?"
_BULLET = re.compile(
    rf"^\s*[*+-]\s+(?:(?P<head>[^:,]{{1,60}}), )?(?:\*\*|__)?{_AMOUNT}(?:(?:\*\*|__):|:(?:\*\*|__)?) *(?P<text>.+)$",
    re.IGNORECASE,
)
"""Such as "* 1 point: why", "* half a point: why", "* Question 2, 2 points: what (1); why (1)."."""
_PART = re.compile(r"(?P<text>[^;].*?) ?\((?P<points>\d+(?:\.\d+)?)\)(?:[;.,]|$)")
_MENTION = re.compile(r"^\s*[*+-]\s.*\b(?:\d+(?:\.\d+)?|half an?) points?\b(?!')", re.IGNORECASE)


@dataclass(frozen=True)
class RubricItem:
    """Something that an answer may get points for.

    Attributes:
        points: as many.
        text: what for, in Markdown.
    """

    points: float
    text: str


def read_rubrics(notebook: NotebookNode) -> dict[str, str]:
    """Return the mark scheme of each written answer that has one, in Markdown, by `grade_id`."""
    written = ((grade_id(cell), parse_regions(cell.source)) for cell in notebook.cells if is_written(cell))
    schemes = {name: "\n".join(regions.inside("MARK SCHEME")).strip() for name, regions in written}
    return {name: scheme for name, scheme in schemes.items() if scheme}


def read_items(scheme: str) -> tuple[RubricItem, ...]:
    """Return a mark scheme's items: its bullets that begin with points, those in parentheses one by one.

    A bullet without points tells something, and is no item.
    """
    return tuple(item for line in scheme.split("\n") for item in _items(line))


def _items(line: str) -> Iterator[RubricItem]:
    """Yield the items of one line."""
    bullet = _BULLET.match(line)
    if bullet is None:
        return
    points, head = _number(bullet["points"]), f"{bullet['head']}: " if bullet["head"] else ""
    parts = [RubricItem(float(part["points"]), head + part["text"].strip()) for part in _PART.finditer(bullet["text"])]
    if parts and sum(part.points for part in parts) == points:
        yield from parts
    else:
        yield RubricItem(points, head + bullet["text"].strip())


def _number(points: str) -> float:
    """Return points that are written as a number or as "half a"."""
    return 0.5 if points.lower().startswith("half") else float(points)


def find_rubric_mistakes(cells: Sequence[NotebookNode]) -> Iterator[Mistake]:
    """Yield the bullets of mark schemes that speak of points and can't be ticked on the marking page."""
    for index, cell in enumerate(cells):
        for region in parse_regions(cell.source).of("MARK SCHEME") if is_written(cell) else ():
            for number, line in enumerate(cell.source.split("\n"), start=1):
                if region.begin < number - 1 < region.end and _MENTION.match(line) and not _BULLET.match(line):
                    yield (
                        index,
                        number,
                        "the marking page can't read this item's points: begin it with them, as in `* 1 point: …`.",
                    )
