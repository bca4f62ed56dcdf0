"""A folder that people gathered by hand: `ada.ipynb`, or `ada/` with whatever ada handed in."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.collect.archives import is_archive
from autograder.collect.kinds import handed_in_as, notebook_stem
from autograder.collect.litter import is_checkpoint, litter_of
from autograder.collect.records import HandIn, Interpretation, Node

__all__ = ["ByHand"]

_ARCHIVES = (".tar.gz", ".tgz", ".tar", ".zip")
_OTHERS = (".pdf", ".py", ".html", ".htm", ".docx", ".doc", ".odt", ".rtf", ".7z", ".rar", ".jpg", ".jpeg", ".png")
"""What students hand in in a notebook's place; a table or a note is more likely the course's own."""


class ByHand:
    """Take each name for a student's."""

    name = "folder"
    title = "gathered by hand"
    dated = False

    def read(self, entries: Sequence[Node], assignment: str) -> Interpretation:
        """Read all names.

        A file's without its ending is its student's, and so is a folder's that holds anything.
        """
        return Interpretation(tuple(hand_in for node in entries if (hand_in := _hand_in(node))))


def _hand_in(node: Node) -> HandIn | None:
    """Return what one entry says; None where it is nobody's."""
    if node.is_folder:
        return HandIn((node.name,), node) if any(_counts(child, node) for child in node.children) else None
    stem = notebook_stem(node.name)
    if stem is None:
        ending = next((one for one in (*_ARCHIVES, *_OTHERS) if node.name.casefold().endswith(one)), "")
        stem = node.name[: -len(ending)] if ending and node.name.casefold() != "index.html" else ""
    if not stem:
        return None
    entry = "" if notebook_stem(node.name) or is_archive(node.name) else handed_in_as(node.name)
    return HandIn((stem,), node, node.name, entry=entry)


def _counts(node: Node, parent: Node) -> bool:
    """Return whether something in a student's folder is the student's: a file, or a folder with one.

    An editor's copy says at least that there was a notebook.
    """
    if litter_of(node, parent):
        return not node.is_folder and is_checkpoint(node.name)
    return not node.is_folder or bool(node.fault) or any(_counts(child, node) for child in node.children)
