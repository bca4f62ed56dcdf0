"""Read a notebook's file as people's programs write it, and say what a file is that is none."""

from __future__ import annotations

import codecs
import json
import re
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.bounded.messages import RefusalError
from autograder.texts import replace_surrogates

__all__ = ["CELL_TYPES", "MAX_BYTES", "MAX_CELLS", "UnreadableError", "read_file", "read_notebook"]

MAX_BYTES = 100 * 2**20
"""A notebook with a dozen large figures has 10 MB."""
MAX_CELLS = 5000
CELL_TYPES = ("code", "markdown", "raw")

_NEWEST = (4, 5)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as UTF-16's does
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"{\0", "utf-16-le"),
    (b"\0{", "utf-16-be"),
)
_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "an archive or an office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"\x1f\x8b", "an archive"),
    (b"bplist00", "a macOS shortcut"),
)
_CONFLICT = re.compile(r"^(?:<{7} |>{7} |={7}$)", re.MULTILINE)
_WEB_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_SCRIPT = re.compile(r"^(?:#!.*python|import \w|from [\w.]+ import |def \w+\(|class \w+[(:]|# %%)", re.MULTILINE)
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_LOOKED_AT = 100_000  # characters, to say what a file is


class UnreadableError(RefusalError):
    """A file is no notebook; the text says why."""


def read_notebook(path: Path) -> NotebookNode:
    """Return a notebook in nbformat 4, whichever format it was written in.

    Raises:
        UnreadableError: it is too large, no JSON, or no notebook.
    """
    return read_file(path)[0]


def read_file(path: Path) -> tuple[NotebookNode, str]:
    """Return a notebook in nbformat 4, and what was unusual about its file; "" where nothing was.

    Raises:
        UnreadableError: it is too large, no JSON, or no notebook.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UnreadableError(f"The notebook has {size / 2**20:.0f} MB; {MAX_BYTES // 2**20} are allowed.")
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"The file cannot be read as a notebook: {type(error).__name__}.") from error
    text, notes = _decode(data)
    try:
        content = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"The file cannot be read as a notebook: it is not JSON{_what(data, text)}.") from error
    mended = _mend(content, notes)
    return _as_notebook(json.dumps(content) if mended else text), " ".join(notes)


def _decode(data: bytes) -> tuple[str, list[str]]:
    """Return a file's text, with notes of what was unusual: Latin-1, and zeros behind the end."""
    mark, encoding = next(((mark, encoding) for mark, encoding in _MARKS if data.startswith(mark)), (b"", "utf-8"))
    body = data if b"{" in mark else data[len(mark) :]
    notes = []
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        text = body.decode("latin-1" if encoding == "utf-8" else encoding, "replace")
        notes.append("The file is in no form of Unicode, and was read as Latin-1.")
    whole = text.rstrip("\0")
    if whole and len(whole) < len(text):
        notes.append("The file ends in zeros, as one that was synchronised half: compare it with the student's.")
    return whole, notes


def _what(data: bytes, text: str) -> str:
    """Return what a file is that is not JSON, as the end of a sentence; "" where nobody knows."""
    beginning = text[:_LOOKED_AT]
    kind = next((what for magic, what in _MAGIC if data.startswith(magic)), None)
    if kind:
        return f", but {kind}"
    if not text.strip():
        return ": it holds nothing but zeros" if data else ": it is empty"
    if _WEB_PAGE.match(beginning):
        return ", but a web page: the page about the notebook was saved, and not the file"
    if conflict := _CONFLICT.search(text):
        return f": markers of a merge conflict stand in it, the first in line {text.count(chr(10), 0, conflict.start()) + 1}"
    if _SCRIPT.search(beginning) and not beginning.lstrip().startswith("{"):
        return ", but a Python script"
    return ": it breaks off or is damaged" if beginning.lstrip().startswith("{") else ""


def _mend(content: Any, notes: list[str]) -> bool:
    """Put right in place what every editor opens and nbformat refuses; return whether anything was."""
    if not isinstance(content, dict) or not ("cells" in content or "worksheets" in content):
        return False
    mended = _mend_format(content, notes)
    mended |= _mend_mapping(content)
    sheets = content.get("worksheets") if "cells" not in content else [content]
    for sheet in sheets if isinstance(sheets, list) else ():
        if isinstance(sheet, dict):
            cells = _cells(sheet)
            mended |= _mend_mapping(sheet)
            mended |= sum(map(_mend_cell, cells)) > 0
            mended |= _mend_ids(cells, have_ids=(content["nbformat"], content["nbformat_minor"]) >= (4, 5))
    return mended


def _mend_format(content: dict[str, Any], notes: list[str]) -> bool:
    """Put right the number of the format; a format from the future is read as the newest of today."""
    major, minor = content.get("nbformat"), content.get("nbformat_minor")
    if type(major) is int and type(minor) is int and (major, minor) <= _NEWEST:
        return False
    if type(major) is int and major > _NEWEST[0]:
        notes.append(f"The notebook is of format {major}, which is not known yet: it was read as format {_NEWEST[0]}.")
    old = "cells" not in content
    content["nbformat"] = 3 if old else _NEWEST[0]
    content["nbformat_minor"] = 0 if old else _NEWEST[1]
    for number, cell in enumerate(_cells(content)):
        cell.setdefault("id", f"cell-{number}")
    return True


def _cells(content: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cells of a notebook, or of a worksheet, that are any."""
    cells = content.get("cells")
    return [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []


def _mend_mapping(owner: dict[str, Any]) -> bool:
    """Put right metadata that are missing, null, or no mapping."""
    if isinstance(owner.get("metadata"), dict):
        return False
    owner["metadata"] = {}
    return True


def _mend_cell(cell: dict[str, Any]) -> bool:
    """Put right one cell: its text, its metadata, and what only editors look at."""
    mended = _mend_mapping(cell)
    key = "input" if "input" in cell else "source"
    source = cell.get(key)
    if source is None:
        cell[key], mended = "", True
    elif isinstance(source, list) and not all(isinstance(line, str) for line in source):
        cell[key], mended = [line for line in source if isinstance(line, str)], True
    if cell.get("cell_type") == "code" and not _are_outputs(cell.get("outputs")):
        cell["outputs"], mended = [], True  # ours are made anew
    if cell.get("cell_type") == "code" and "execution_count" not in cell and key == "source":
        cell["execution_count"], mended = None, True
    if "attachments" in cell and not isinstance(cell["attachments"], dict):
        del cell["attachments"]
        mended = True
    return mended


def _are_outputs(outputs: object) -> bool:
    """Return whether a cell's outputs have the form of outputs."""
    return isinstance(outputs, list) and all(isinstance(output, dict) and "output_type" in output for output in outputs)


def _mend_ids(cells: list[dict[str, Any]], *, have_ids: bool) -> bool:
    """Give cells new ids where one stands twice, or is none; formats before 4.5 have no ids."""
    ids = [cell["id"] for cell in cells if "id" in cell]
    proper = all(isinstance(one, str) and _ID.fullmatch(one) for one in ids) and len(set(map(str, ids))) == len(ids)
    if proper and (have_ids or not ids):
        return False
    for number, cell in enumerate(cells):
        cell.pop("id", None)
        if have_ids:
            cell["id"] = f"cell-{number}"
    return True


def _as_notebook(text: str) -> NotebookNode:
    """Return JSON as a notebook, cells checked for what is used of them."""
    try:
        notebook: NotebookNode = nbformat.reads(text, as_version=4)
        proper = len(notebook.cells) <= MAX_CELLS and all(
            isinstance(cell.source, str) and cell.cell_type in CELL_TYPES for cell in notebook.cells
        )
    except MemoryError:
        raise  # whoever bounds this process's memory tells it
    except Exception as error:  # nbformat raises whatever its parsing of a hostile file happens to hit
        raise UnreadableError("The file is JSON, but not a notebook.") from error
    for cell in notebook.cells if proper else ():
        cell.source = replace_surrogates(cell.source)
    if not proper:
        raise UnreadableError(f"The file is JSON, but not a notebook of at most {MAX_CELLS} cells.")
    return notebook
