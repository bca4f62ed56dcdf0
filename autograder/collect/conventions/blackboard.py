"""Blackboard's download: files with a stamp, and a receipt for each attempt.

A file is called `Homework_ada_attempt_2026-03-01-10-30-00_homework.ipynb`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from autograder.collect.kinds import common_start
from autograder.collect.records import HandIn, Interpretation, Node
from autograder.log import log_suppressed

__all__ = ["Blackboard"]

_NAME = re.compile(
    r"(?P<who>.+?_[^_]+?)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|(?P<receipt>\.txt))", re.DOTALL
)
_RECEIPT_BYTES = 4096


class Blackboard:
    """Read the names of Blackboard's Assignment File Download."""

    name = "blackboard"
    title = "Blackboard"
    dated = True

    def read(self, entries: Sequence[Node], assignment: str) -> Interpretation:
        """Read all names: the task's title before the student's name is the same in each."""
        matches = [(node, match) for node in entries if not node.is_folder and (match := _NAME.fullmatch(node.name))]
        users = _users({match["who"] for _, match in matches})
        users |= {
            match["who"]: user for node, match in matches if match["receipt"] and (user := _receipt_user(node, match))
        }
        return Interpretation(tuple(_hand_in(node, match, users[match["who"]]) for node, match in matches))


def _hand_in(node: Node, match: re.Match[str], user: str) -> HandIn:
    """Return what one name says."""
    try:
        when = datetime.strptime(match["when"], "%Y-%m-%d-%H-%M-%S")  # noqa: DTZ007 - the name has no time zone
    except ValueError:
        when = None
    return HandIn((user,), node, match["file"] or "", when, entry="Blackboard's receipt" if match["receipt"] else "")


def _users(names: Iterable[str]) -> dict[str, str]:
    """Return the user's part of each name: what stands behind what all have in common, up to a `_`.

    A user's name may have a `_`; of one name alone, the user's part is taken to have none.
    """
    names = list(names)
    title = common_start(names, "_")
    return {name: name[title:] if title else name.rpartition("_")[2] for name in names}


def _receipt_user(node: Node, match: re.Match[str]) -> str:
    """Return the user's name that stands in brackets on a receipt's first line.

    It is "" where the file's name doesn't have it.
    """
    if node.path is None:
        return ""
    try:
        with node.path.open("rb") as file:
            line = file.read(_RECEIPT_BYTES).decode("utf-8-sig", "replace").partition("\n")[0]
    except OSError as error:
        log_suppressed(error)
        return ""
    user = re.search(r"\(([^()]+)\)\s*$", line)
    return user[1] if user and match["who"].endswith(f"_{user[1]}") else ""
