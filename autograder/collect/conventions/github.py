"""GitHub Classroom's clones: `assignment-user/`, a repository for each student."""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.collect.kinds import common_start
from autograder.collect.records import HandIn, Interpretation, Node

__all__ = ["GitHub"]

_USER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?")


class GitHub:
    """Read the names of the repositories that GitHub Classroom made."""

    name = "github"
    title = "GitHub Classroom"
    dated = False

    def read(self, entries: Sequence[Node], assignment: str) -> Interpretation:
        """Find the repositories: they begin alike.

        They do with the assignment's name or, where they are clones, with another.
        """
        slug = f"{re.sub(r'[^a-z0-9]+', '-', assignment.casefold()).strip('-')}-"
        folders = [node for node in entries if node.is_folder and not node.fault]
        named = [node for node in folders if node.name.casefold().startswith(slug)]
        if named:
            return _read(named, len(slug))
        clones = [node for node in folders if node.child(".git")]
        start = common_start([node.name for node in clones], "-")
        return _read(clones, start) if start else Interpretation()


def _read(folders: Sequence[Node], start: int) -> Interpretation:
    """Return repositories whose user's name begins behind so many signs."""
    hand_ins = (HandIn((node.name[start:],), node) for node in folders if _USER.fullmatch(node.name[start:]))
    return Interpretation(tuple(hand_ins))
