"""Find the marked regions of a cell: solutions, hidden tests, mark schemes.

nbgrader takes a marker wherever its words stand in a line, and lets a stray END pass in silence; here every marker must have
its partner, and what is wrong is told with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, cast, get_args

__all__ = ["KINDS", "MARKER", "Kind", "Region", "Regions", "parse_regions"]

Kind = Literal["SOLUTION", "HIDDEN TESTS", "MARK SCHEME"]

KINDS: tuple[Kind, ...] = get_args(Kind)
MARKER = re.compile(rf"\b(BEGIN|END) ({'|'.join(KINDS)})\b")
# A mark scheme stands inside the model answer that it is about, so that no pass can forget it.
_MAY_HOLD = {("SOLUTION", "MARK SCHEME")}


@dataclass(frozen=True)
class Region:
    """One marked region.

    Attributes:
        kind: what the region holds.
        begin: index of the line with the BEGIN marker, from 0.
        end: index of the line with the END marker.
    """

    kind: Kind
    begin: int
    end: int


@dataclass(frozen=True)
class Regions:
    """The regions of one cell.

    Attributes:
        lines: the cell's text, line by line.
        regions: the well-formed regions, in the order in which they end.
        problems: (line, sentence) for each marker without a partner; lines count from 1.
    """

    lines: tuple[str, ...]
    regions: tuple[Region, ...] = ()
    problems: tuple[tuple[int, str], ...] = field(default=())

    def of(self, kind: Kind) -> tuple[Region, ...]:
        """Return the regions of one kind."""
        return tuple(region for region in self.regions if region.kind == kind)

    def inside(self, *kinds: Kind) -> Iterator[str]:
        """Yield the lines inside regions of these kinds, markers left out."""
        for index, line in enumerate(self.lines):
            if not MARKER.search(line) and self._covers(index, kinds):
                yield line

    def outside(self, *kinds: Kind) -> str:
        """Return the text without these regions and without their markers."""
        return "\n".join(line for index, line in enumerate(self.lines) if not self._covers(index, kinds))

    def without_markers(self) -> str:
        """Return the whole text, the markers' lines left out."""
        return "\n".join(line for line in self.lines if not MARKER.search(line))

    def _covers(self, index: int, kinds: tuple[Kind, ...]) -> bool:
        return any(region.begin <= index <= region.end for region in self.regions if region.kind in kinds)


def parse_regions(text: str) -> Regions:
    """Parse a cell's text into its regions; never raises, problems are part of the result."""
    lines = tuple(text.split("\n"))
    regions: list[Region] = []
    problems: list[tuple[int, str]] = []
    unclosed: list[tuple[Kind, int]] = []
    for index, line in enumerate(lines):
        if marker := MARKER.search(line):
            kind = cast(Kind, marker[2])
            step = _open if marker[1] == "BEGIN" else _close
            step(kind, index, unclosed, regions, problems)
    problems += [(index + 1, f"BEGIN {kind} has no END {kind}.") for kind, index in unclosed]
    return Regions(lines, tuple(regions), tuple(sorted(problems)))


def _open(
    kind: Kind, index: int, unclosed: list[tuple[Kind, int]], regions: list[Region], problems: list[tuple[int, str]]
) -> None:
    if unclosed and (unclosed[-1][0], kind) not in _MAY_HOLD:
        outer, line = unclosed[-1]
        problems.append((index + 1, f"BEGIN {kind} stands inside the {outer} region that begins in line {line + 1}."))
    unclosed.append((kind, index))


def _close(
    kind: Kind, index: int, unclosed: list[tuple[Kind, int]], regions: list[Region], problems: list[tuple[int, str]]
) -> None:
    if not unclosed:
        problems.append((index + 1, f"END {kind} has no BEGIN {kind} before it."))
    elif unclosed[-1][0] != kind:
        problems.append((index + 1, f"END {kind} stands where END {unclosed[-1][0]} was expected."))
    else:
        regions.append(Region(kind, unclosed.pop()[1], index))
