"""Know what programs leave behind in a folder, so that nobody is asked about it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from autograder.collect.records import Node

__all__ = ["holds_litter_alone", "is_checkpoint", "is_litter", "litter_of"]

_FOLDERS = {
    "__macosx": "macOS's",
    ".ipynb_checkpoints": "Jupyter's checkpoints",
    "__pycache__": "Python's",
    "node_modules": "packages",
    "site-packages": "packages",
    "dist-packages": "packages",
    "$recycle.bin": "Windows's",
    "system volume information": "Windows's",
    "@eadir": "a file server's",
}
_FILES = {
    "desktop.ini": "Windows's",
    "thumbs.db": "Windows's",
    "ehthumbs.db": "Windows's",
    "icon\r": "macOS's",
}
_PATTERNS = (
    (re.compile(r"\._.*", re.DOTALL), "macOS's"),
    (re.compile(r"~\$.*|\.~lock\..*", re.DOTALL), "an office program's lock"),
    (re.compile(r".*~|#.*#|.*\.(?:sw[op]|bak|tmp|crdownload|part|pyc)", re.DOTALL | re.IGNORECASE), "a program's copy"),
    (re.compile(r"\..+", re.DOTALL), "hidden"),
)
_CHECKPOINT = re.compile(r".*-checkpoint\.ipynb", re.DOTALL | re.IGNORECASE)


def litter_of(node: Node, parent: Node | None = None) -> str:
    """Return whose litter a file or folder is, by its own name and place; "" where it is none.

    Args:
        node: the file or folder.
        parent: what it lies in; None at the top.
    """
    name = node.name.casefold()
    if node.is_folder:
        if name in _FOLDERS:
            return _FOLDERS[name]
        if node.child("pyvenv.cfg") or (parent is not None and _is_environment(node, parent)):
            return "a virtual environment"
    elif name in _FILES:
        return _FILES[name]
    if is_checkpoint(node.name) and parent is not None:
        return "an editor's checkpoint"
    return next((whose for pattern, whose in _PATTERNS if pattern.fullmatch(node.name)), "")


def is_litter(node: Node, parent: Node | None = None) -> bool:
    """Return whether a file or folder is litter."""
    return bool(litter_of(node, parent))


def holds_litter_alone(node: Node) -> bool:
    """Return whether a folder holds files, and each of them is litter.

    Half of an environment does, and so does a lone checkpoint.
    """
    files = _files_in(node, None, litter=False)
    first = next(files, None)
    return first is True and all(files)


def _files_in(node: Node, parent: Node | None, *, litter: bool) -> Iterator[bool]:
    """Yield for each file at or below a node whether it is litter, or lies in some."""
    litter = litter or (parent is not None and is_litter(node, parent))
    if not node.is_folder:
        yield litter
    for child in node.children:
        yield from _files_in(child, node, litter=litter)


def is_checkpoint(name: str) -> bool:
    """Return whether a name is that of Jupyter's own copy of a notebook."""
    return _CHECKPOINT.fullmatch(name) is not None


def _is_environment(node: Node, parent: Node) -> bool:
    """Return whether a folder is a virtual environment by its name and what is in it.

    It may be half made, or half copied.
    """
    usual = node.name.casefold() in ("venv", "env", "virtualenv")
    inside = {child.name.casefold() for child in node.children}
    return usual and bool(inside & {"lib", "lib64", "scripts"}) and bool(inside & {"bin", "include", "scripts"})
