"""A folder for a web server: each student's page has an address that nobody can guess."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import secrets
from collections.abc import Sequence
from pathlib import Path

from autograder.errors import GradeError
from autograder.files import replacing, write_file
from autograder.give_back.systems import FolderSystem, Page
from autograder.report.feedback.shared_library import share_library
from autograder.texts import guard_formula

__all__ = ["SYSTEM"]

_TOKENS = "addresses.json"
_BYTES = 16  # of chance in an address
_TOKEN = re.compile(r"[\w-]{20,}")


def _write(pages: Sequence[Page], folder: Path, out: Path, assignment: str) -> None:
    """Write the pages, the library that they share, and who has which address.

    A student's address stays the same; who has which stands in OUT alone, readable by nobody else.
    """
    tokens = _tokens(out, [page.student for page in pages])
    for page in pages:
        html, library = share_library(page.path.read_text("utf-8"), above="..")
        write_file(folder / tokens[page.student] / f"{assignment}.html", html)
        if library is not None:
            write_file(folder / library.name, library.text)
    write_file(folder / "index.html", "<!doctype html><title>Feedback</title>\n")  # lists nobody
    rows = [[page.student, f"{tokens[page.student]}/{assignment}.html"] for page in pages]
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(
        [["student", "address"], *([guard_formula(c) for c in row] for row in rows)]
    )
    _write_secret(out / f"addresses-{assignment}.csv", text.getvalue())


def _tokens(out: Path, students: Sequence[str]) -> dict[str, str]:
    """Return each student's token; new ones are drawn, and written down."""
    path = out / _TOKENS
    try:
        tokens: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        if not all(_TOKEN.fullmatch(token) for token in tokens.values()):
            raise ValueError
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise GradeError(
            f"{path} is damaged.", "Remove it to give everybody a new address; the old ones then lead nowhere."
        ) from error
    new = {student: secrets.token_urlsafe(_BYTES) for student in students if student not in tokens}
    if new:
        tokens |= new
        _write_secret(path, json.dumps(tokens, indent=1, ensure_ascii=False) + "\n")
    return tokens


def _write_secret(path: Path, text: str) -> None:
    """Write a file that nobody but its owner reads."""
    with replacing(path) as part:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            os.fchmod(descriptor, 0o600)
            file.write(text)


SYSTEM = FolderSystem(
    name="folder",
    title="a web server",
    next_step="Copy the folder to a web server; OUT has a table of who has which address.",
    default="returned",
    write=_write,
)
