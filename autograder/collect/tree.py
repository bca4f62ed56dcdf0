"""Read a folder's names into a tree: so deep and so many, and no link is followed."""

from __future__ import annotations

import os
import stat
import unicodedata
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from autograder.collect.litter import is_litter
from autograder.collect.records import Node

__all__ = ["MAX_DEPTH", "TOO_DEEP", "read_tree", "readable", "without_twins"]

MAX_DEPTH = 40
"""Folders in folders. People make five; a program that makes a thousand means no good."""
MAX_ENTRIES = 100_000
"""Files and folders below one entry of a class's folder: an environment with TensorFlow has 40,000."""

_MOST_MARKS = 30  # one behind the other on a letter, as Unicode's stream-safe texts have at most

TOO_DEEP = f"lies deeper than {MAX_DEPTH} folders, and is not looked into"


def readable(name: str) -> str:
    r"""Return a name in Unicode's composed form; bytes of another encoding than UTF-8 become `\xe9`."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    marks = (
        sum(1 for _ in run)
        for combines, run in groupby(text, lambda letter: unicodedata.combining(letter) > 0)
        if combines
    )
    # To put marks in order takes the square of their number: of 100,000, an hour.
    return unicodedata.normalize("NFC", text) if max(marks, default=0) <= _MOST_MARKS else text


def read_tree(folder: Path) -> list[Node]:
    """Return what lies in a folder, sorted by name.

    Args:
        folder: exists, and can be read.
    """
    entries = _list(folder, "")
    for entry in entries:
        _fill(entry)
    return entries


def _fill(top: Node) -> None:
    """Read what lies below one entry, level by level; virtual environments and the like come last."""
    waiting: deque[tuple[Node, Node | None, int]] = deque([(top, None, 1)] if _enterable(top) else [])
    later: deque[tuple[Node, Node | None, int]] = deque()
    left = MAX_ENTRIES
    while waiting or later:
        own = bool(waiting)
        node, parent, depth = waiting.popleft() if own else later.popleft()
        children = _children(node, depth, left)
        left -= len(children)
        node.children += children
        behind = waiting if own and not is_litter(node, parent) else later
        behind += [(child, node, depth + 1) for child in children if _enterable(child)]


def _children(node: Node, depth: int, left: int) -> list[Node]:
    """Return a folder's entries, so many as are left; folders that lie too deep are told."""
    children = _list(node.path, f"{node.place}/") if node.path is not None else []
    for child in children:
        if depth >= MAX_DEPTH and child.is_folder:
            child.path, child.fault = None, TOO_DEEP
    if len(children) <= left:
        return children
    fault = f"holds more than {MAX_ENTRIES:,} files with what lies beside it: the rest is not looked into"
    return [*children[: max(0, left)], Node("…", f"{node.place}/…", None, fault=fault)]


def _enterable(node: Node) -> bool:
    """Return whether a node is a folder that may be looked into."""
    return node.is_folder and not node.fault


def _list(folder: Path, place: str) -> list[Node]:
    """Return a folder's own entries; one that can't be listed is told by a node of its own."""
    try:
        with os.scandir(folder) as entries:
            return without_twins(
                [_node(entry, place) for entry in sorted(entries, key=lambda entry: entry.name)], place
            )
    except OSError as error:
        return [Node("…", f"{place}…", None, fault=f"can't be listed: {error.strerror}")]


def without_twins(nodes: Sequence[Node], place: str) -> list[Node]:
    """Return nodes of one folder sorted by name, each with a name of its own.

    Of two whose composed names are one, the second gets a number. On the disk `é` may
    be one sign or two, and two students may have the same name in either form.
    """
    taken = {node.name for node in nodes}
    numbers: dict[str, int] = {}
    result = []
    for node in nodes:
        name = node.name
        while name in numbers or (name != node.name and name in taken):
            numbers[node.name] += 1
            stem, dot, ending = node.name.partition(".")
            name = f"{stem} ({numbers[node.name]}){dot}{ending}"
        numbers[name] = 1
        result.append(node if name == node.name else replace(node, name=name, place=place + name))
    return sorted(result, key=lambda node: node.name)


def _node(entry: os.DirEntry[str], place: str) -> Node:
    """Return one entry of a folder."""
    name = readable(entry.name)
    try:
        about = entry.stat(follow_symlinks=False)
    except OSError as error:
        return Node(name, place + name, None, fault=f"can't be read: {error.strerror}")
    fault = _fault(about.st_mode)
    is_folder = stat.S_ISDIR(about.st_mode)
    return Node(name, place + name, None if fault else Path(entry.path), is_folder, fault, about.st_mtime)


def _fault(mode: int) -> str:
    """Return why a file of this mode isn't read; "" where it may be."""
    if stat.S_ISLNK(mode):
        return "is a link; links are not followed"
    return "" if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else "is a device or a pipe"
