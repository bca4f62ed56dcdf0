"""What a file is, by its name, and what to call it."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["common_start", "handed_in_as", "notebook_stem"]

_NOTEBOOK = re.compile(r"(?P<stem>.+)\.ipynb(?:\.(?:json|txt|download))?", re.DOTALL | re.IGNORECASE)
"""Browsers and mail programs put an ending of their own behind a notebook's."""

_NAMES = {
    "pdf": "a PDF",
    "py": "a Python script",
    "html": "a web page",
    "htm": "a web page",
    "docx": "a Word document",
    "doc": "a Word document",
    "odt": "a text document",
    "zip": "an archive",
    "7z": "an archive of a kind that isn't opened",
    "rar": "an archive of a kind that isn't opened",
    "txt": "a text",
    "ipynb": "a notebook",
}


def notebook_stem(name: str) -> str | None:
    """Return a notebook's name without its ending; None where the name is no notebook's."""
    match = _NOTEBOOK.fullmatch(name)
    return match["stem"] if match else None


def handed_in_as(name: str) -> str:
    """Return what to call a file that is no notebook."""
    return _NAMES.get(name.rpartition(".")[2].casefold(), "a file")


def common_start(names: Sequence[str], sign: str) -> int:
    """Return how many characters several names have in common before they differ; 0 of one name.

    It counts up to and with the last `sign`.
    """
    if len(names) < 2:
        return 0
    first, last = min(names), max(names)
    same = next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    return first.rfind(sign, 0, same) + 1
