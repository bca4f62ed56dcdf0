"""Write the zip that Gradescope makes its image from.

It holds this grader, the lock of its environment, and one assignment.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autograder.assignment.cells import grade_id, is_test, points_of
from autograder.assignment.settings import SourceNotebook
from autograder.compile.publishing import PROGRAMS, write_zip

__all__ = ["find_faults", "write_gradescope_zip"]

_PACKAGE = Path(__file__).parent.parent
_SCRIPTS = Path(__file__).parent / "container"
_UNFINISHED = (
    "Grading began and did not end: the container was stopped, or ran out of memory. This says nothing about your answers. "
    "Please submit once more; if it happens again, tell your instructor."
)
_MACHINE_PATHS = re.compile(rb"(?<![\w.~$}>-])/(root|home|Users|work|workspace)/\w")


def write_gradescope_zip(source: SourceNotebook, release: Path, lock: Path, target: Path) -> None:
    """Write the zip; the same content gives the same bytes.

    Args:
        source: the assignment.
        release: its nbgrader release, complete.
        lock: the project's requirements.lock.
        target: the file to write.
    """
    assignment = source.assignment
    container = {"assignment": assignment.name, "python": assignment.python, "seconds": assignment.seconds}
    content = dict(_files(source, release, lock)) | {
        "container.json": _json(container),
        "unfinished.json": _json(_unfinished(source)),
    }
    write_zip(target, content)


def _files(source: SourceNotebook, release: Path, lock: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each file's name in the zip, and its content."""
    name, folder = source.assignment.name, source.assignment.folder
    for program in PROGRAMS:
        yield program, (_SCRIPTS / program).read_bytes()
    yield "requirements.lock", lock.read_bytes()
    for path in (source.assignment.notebook, *folder.glob("*.toml")):
        yield f"assignment/source/{name}/{path.name}", path.read_bytes()
    yield from _tree(release, f"assignment/release/{name}")
    yield from _tree(_PACKAGE, "grader/autograder")


def _tree(folder: Path, prefix: str) -> Iterator[tuple[str, bytes]]:
    """Yield every file of a folder, without compiled modules and hidden files."""
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in inside.parts):
            yield f"{prefix}/{inside.as_posix()}", path.read_bytes()


def _unfinished(source: SourceNotebook) -> dict[str, Any]:
    """Return the result that stands until there is another one.

    Every check is without points, and a sentence says why.
    """
    points = {grade_id(cell): points_of(cell) for cell in source.notebook.cells if is_test(cell)}
    return {
        "score": 0.0,
        "output": _UNFINISHED,
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": [
            {
                "name": name,
                "score": 0.0,
                "max_score": float(most),
                "status": "failed",
                "output": "Not graded.",
                "output_format": "text",
                "visibility": "visible",
            }
            for name, most in points.items()
        ],
        "extra_data": {"isolation": None, "status": "unfinished"},
    }


def _json(value: dict[str, Any]) -> bytes:
    """Return a value as a JSON file."""
    return (json.dumps(value, indent=2) + "\n").encode()


def find_faults(path: Path) -> Iterator[str]:
    """Yield a sentence for each thing that is wrong with a finished zip."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        yield from (f"{name} is missing." for name in _names_for_scripts(archive) if name not in names)
        for name in names:
            if name.startswith("/") or ".." in Path(name).parts:
                yield f"{name!r} lies outside."
            if _MACHINE_PATHS.search(archive.read(name)):
                yield f"{name} names a path that only one machine has."


def _names_for_scripts(archive: zipfile.ZipFile) -> Iterator[str]:
    """Yield the files that the scripts look for."""
    name = json.loads(archive.read("container.json"))["assignment"]
    yield from (*PROGRAMS, "requirements.lock", "unfinished.json", "grader/autograder/gradescope/__main__.py")
    yield from (f"assignment/{kind}/{name}/{name}.ipynb" for kind in ("source", "release"))
