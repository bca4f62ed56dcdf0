"""Moodle's download: `Ada Lovelace_4711_assignsubmission_file_`.

It is a folder, or stands before a file's own name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.collect.records import HandIn, Interpretation, Node

__all__ = ["Moodle"]

_FOLDER = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?P<plugin>[a-z]+)_?(?P<file>)", re.DOTALL)
_FILE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?P<plugin>[a-z]+)_?(?P<file>.*)", re.DOTALL)
_ENTRIES = {"onlinetext": "a text entry", "comments": "comments", "onlineaudio": "a recording"}


class Moodle:
    """Read the names of Moodle's Download all submissions."""

    name = "moodle"
    title = "Moodle"
    dated = False

    def read(self, entries: Sequence[Node], assignment: str) -> Interpretation:
        """Read all names. Behind a folder's stamp stands nothing; behind a file's, what the student chose."""
        matches = ((node, (_FOLDER if node.is_folder else _FILE).fullmatch(node.name)) for node in entries)
        return Interpretation(tuple(_hand_in(node, match) for node, match in matches if match))


def _hand_in(node: Node, match: re.Match[str]) -> HandIn:
    """Return what one name says."""
    student = f"{match['name']}_{match['id']}"
    return HandIn((student,), node, match["file"], entry=_ENTRIES.get(match["plugin"], ""))
