"""Brightspace's (D2L's) download: a folder for each hand-in.

It is called `4711-12 - Ada Lovelace - Mar 1, 2026 1030 AM`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.collect.records import HandIn, Interpretation, Node
from autograder.collect.times import read_time

__all__ = ["D2L"]

_FOLDER = re.compile(r"(?P<id>\d+)-(?P<folder>\d+) - (?P<name>.+?) - (?P<when>(?:(?! - ).)*\d(?:(?! - ).)*)", re.DOTALL)


class D2L:
    """Read the names of Brightspace's assignment download."""

    name = "d2l"
    title = "Brightspace"
    dated = True

    def read(self, entries: Sequence[Node], assignment: str) -> Interpretation:
        """Read all names; a file that stands for a folder is nobody's."""
        matches = ((node, _FOLDER.fullmatch(node.name)) for node in entries if node.is_folder or node.fault)
        hand_ins = tuple(
            HandIn((f"{match['name']}_{match['id']}",), node, when=read_time(match["when"]))
            for node, match in matches
            if match
        )
        index = {node.place: "Brightspace's list" for node in entries if node.name == "index.html" and hand_ins}
        return Interpretation(hand_ins, index)
