"""Find what students must not see in a release.

That is solutions, hidden tests, mark schemes, and files of the grader.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.assignment.cells import grade_id
from autograder.assignment.policy import SETTINGS
from autograder.assignment.regions import KINDS, parse_regions
from autograder.assignment.settings import SourceNotebook
from autograder.compile.nbgrader_release import release_files

__all__ = ["find_leaks", "secret_lines"]

# A secret shorter than this, spaces and quotes aside, says nothing: `plt.show()`, `)`, `1.`
_LEAST_SECRET = 12
_WORDS_OF_THE_GRADER = (
    "BEGIN SOLUTION",
    "END SOLUTION",
    "HIDDEN TESTS",
    "MARK SCHEME",
    SETTINGS,
    "autograder.checks",
    "autograder.hidden",
)
_PACKAGE = Path(__file__).parent.parent
_NOISE = re.compile(r"[\s'\"`*\\]+")


def _canonical(text: str) -> str:
    """Return the text without spaces, quotes and emphasis.

    otter rewrites tests with other quotes and other lines.
    """
    return _NOISE.sub("", text)


def secret_lines(source: SourceNotebook) -> dict[str, str]:
    """Return each line that students must not see, in canonical form, and the cell that it is from.

    Lines that stand in the public part too (an import, say) are no secret.
    """
    public: list[str] = []
    secrets: list[tuple[str, str]] = []
    for cell in source.notebook.cells:
        regions = parse_regions(cell.source)
        public.append(_canonical(regions.outside(*KINDS)))
        lines = regions.inside(*KINDS)
        secrets += [(_canonical(line), grade_id(cell)) for line in lines]
    public_text = "\n".join(public)
    return {line: cell for line, cell in secrets if len(line) >= _LEAST_SECRET and line not in public_text}


def find_leaks(source: SourceNotebook, release: Path, kind: str) -> Iterator[str]:
    """Yield a sentence for each file or line that a release must not have, or lacks.

    Args:
        source: the assignment.
        release: the folder.
        kind: "nbgrader" or "otter".
    """
    paths = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}
    expected = release_files(source, kind)
    yield from (f"{release.name}: {name} is not a student's file." for name in sorted(paths - expected))
    yield from (f"{release.name}: {name} is missing." for name in sorted(expected - paths))
    secrets = secret_lines(source)
    for name in sorted(paths):
        for text in _texts(release / name):
            yield from _leaks_in(name, text, {} if _is_ours(release, name) else secrets)


def _is_ours(release: Path, name: str) -> bool:
    """Tell whether a file is one of this package's own, which every release has: a line of it is no secret."""
    ours = _PACKAGE / name
    return name.startswith("checks/") and ours.is_file() and ours.read_bytes() == (release / name).read_bytes()


def _leaks_in(name: str, text: str, secrets: dict[str, str]) -> Iterator[str]:
    canonical = _canonical(text)
    for word in _WORDS_OF_THE_GRADER:
        if word in text:
            yield f"{name} holds the words {word!r}."
    for line, cell in secrets.items():
        if line in canonical:
            yield f"{name} holds a hidden line of the cell {cell}: {line[:60]}"


def _texts(path: Path) -> Iterator[str]:
    """Yield all text in a file.

    Of a notebook that is each string by itself, metadata and outputs included.
    """
    yield path.name
    if path.suffix == ".ipynb":
        yield from _strings(json.loads(path.read_text(encoding="utf-8")))
    else:
        yield path.read_bytes().decode("utf-8", errors="ignore")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        # nbformat stores a text as a list of its lines.
        if all(isinstance(item, str) for item in value):
            yield "".join(value)
        else:
            for item in value:
                yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
