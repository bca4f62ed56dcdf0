"""nbgrader's `submitted/`, and the names of its exchange's inbox.

It holds `ada/<assignment>/`, with `timestamp.txt`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from autograder.collect.records import HandIn, Interpretation, Node
from autograder.collect.times import read_stamp
from autograder.log import log_suppressed

__all__ = ["Nbgrader"]

_INBOX = re.compile(r"(?P<user>[^+]+)\+(?P<assignment>[^+]+)\+(?P<when>[^+]+)(?:\+[^+]*)?", re.DOTALL)
_STAMP = "timestamp.txt"


class Nbgrader:
    """Read the folders of an nbgrader course."""

    name = "nbgrader"
    title = "nbgrader"
    dated = False

    def read(self, entries: Sequence[Node], assignment: str) -> Interpretation:
        """Find each student's folder of the assignment; a student who has others only did not hand in."""
        inbox = [(node, match) for node in entries if node.is_folder and (match := _INBOX.fullmatch(node.name))]
        folders = [node for node in entries if node.is_folder and not _INBOX.fullmatch(node.name)]
        courses = [(node, own) for node in folders if (own := node.child(assignment)) and _holds(own)]
        hand_ins = (
            *(_from_inbox(node, match) for node, match in inbox if match["assignment"] == assignment),
            *(HandIn((node.name,), own, when=_stamp(own)) for node, own in courses),
        )
        others = [node for node, match in inbox if match["assignment"] != assignment]
        others += [node for node in folders if courses and not node.child(assignment) and _has_others(node, assignment)]
        return Interpretation(hand_ins, {node.place: "other assignments" for node in others if hand_ins})


def _from_inbox(node: Node, match: re.Match[str]) -> HandIn:
    """Return what one name of the exchange's inbox says."""
    return HandIn((match["user"],), node, when=_stamp(node) or read_stamp(match["when"]))


def _holds(own: Node) -> bool:
    """Return whether a student's folder of the assignment is one, or a link in place of one."""
    return own.is_folder or bool(own.fault)


def _has_others(node: Node, assignment: str) -> bool:
    """Return whether a student's folder holds folders of other assignments, and nothing of this one."""
    inside = [child for child in node.children if not child.name.startswith(".")]
    notebooks = (one.name for one in node.walk() if one.name.casefold().endswith(".ipynb"))
    return (
        bool(inside) and all(child.is_folder for child in inside) and all(assignment not in name for name in notebooks)
    )


def _stamp(folder: Node) -> datetime | None:
    """Return what the time stamp in a folder says; None where there is none."""
    node = folder.child(_STAMP)
    if node is None or node.path is None:
        return None
    try:
        with node.path.open("rb") as file:
            return read_stamp(file.read(100).decode("utf-8", "replace"))
    except OSError as error:  # it is the student's: one that closes it keeps the name's time
        log_suppressed(error)
        return None
