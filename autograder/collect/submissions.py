"""Find the submissions in a folder as it came: from nbgrader, from an LMS, or gathered by hand.

Each entry of the folder is recognised by its own name, so that a folder may mix forms:

| from | an entry | student |
| --- | --- | --- |
| nbgrader | `ada/<assignment>/…ipynb`, with or without `submitted/` above | `ada` |
| by hand | `ada.ipynb`, or `ada/….ipynb` | `ada` |
| Canvas | `lovelaceada_LATE_4711_9301_homework-1.ipynb` | `lovelaceada_4711` |
| Moodle | `Ada Lovelace_4711_assignsubmission_file_/….ipynb`, or the same as one file name | `Ada Lovelace_4711` |
| Blackboard | `Homework_ada_attempt_2026-03-01-10-30-00_….ipynb` | `ada` |
| Brightspace | `4711-12 - Ada Lovelace - Mar 1, 2026 1030 AM/….ipynb` | `Ada Lovelace_4711` |
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.collect.archives import unpack
from autograder.errors import GradeError
from autograder.model import Submission

__all__ = ["collect", "collect_one"]

_CANVAS = re.compile(r"(?P<name>.+?)_(?:LATE_)?(?P<id>\d+)_(?P<when>\d+)_(?P<file>.+)")
_MOODLE = re.compile(r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_file_?(?P<file>.*)")
_BLACKBOARD = re.compile(r".+?_(?P<name>[^_]+)_attempt_(?P<when>\d{4}(?:-\d\d){5})(?:_(?P<file>.+)|\.txt)")
_BRIGHTSPACE = re.compile(r"(?P<id>\d+)-\d+ - (?P<name>.+) - (?P<when>[^-]+)")
_IGNORED = frozenset({"__MACOSX", "feedback", "index.html"})

_FORMS = "nbgrader's submitted/<student>/<assignment>/, <student>.ipynb, a folder of these, an LMS download, or a .zip of them"


@dataclass(frozen=True)
class _Entry:
    """One file or folder that belongs to a student.

    Attributes:
        student: whose it is.
        path: the file or folder.
        when: sorts a student's hand-ins by time.
    """

    student: str
    path: Path
    when: str = ""


@contextmanager
def collect(path: Path, assignment: str) -> Iterator[tuple[Submission, ...]]:
    """Yield the submissions under a path, sorted by student.

    An archive stays unpacked as long as the context lasts.

    Args:
        path: a folder, a .zip, or one student's notebook.
        assignment: the assignment's name.

    Raises:
        GradeError: there is nothing to grade, or the archive is refused.
    """
    if not path.exists():
        raise GradeError(f"{path} is not there.", f"Give {_FORMS}.")
    with TemporaryDirectory(prefix="autograder-submissions-", ignore_cleanup_errors=True) as temporary:
        submissions = _submissions(_found(path, Path(temporary), assignment), assignment)
        if not submissions:
            raise GradeError(f"{path} holds no submission of {assignment!r}.", f"Give {_FORMS}.")
        yield submissions


def collect_one(folder: Path, student: str, assignment: str) -> Submission:
    """Return the submission in a folder that is one student's alone, by the same rules."""
    return _submission(_readable(student), [_Entry(student, folder)], assignment)


def _found(path: Path, temporary: Path, assignment: str) -> list[_Entry]:
    """Return the entries under a path; an archive is unpacked into a temporary folder."""
    if not path.is_file():
        return _entries(path, assignment)
    if path.suffix == ".ipynb":
        # Whoever names a link means what it points to; in a class's folder a link is refused.
        return [replace(entry, path=path.resolve())] if (entry := _named(path)) else []
    if path.suffix.lower() != ".zip":
        raise GradeError(f"{path} is no folder, no .zip and no notebook.", f"Give {_FORMS}.")
    unpack(path, temporary)
    return _entries(temporary, assignment)


def _entries(folder: Path, assignment: str) -> list[_Entry]:
    """Return a folder's entries, or those of the one folder in it that holds everything."""
    for _ in range(4):
        visible = _visible(folder)
        if (folder / "submitted").is_dir():
            folder = folder / "submitted"
        elif len(visible) == 1 and _wraps(visible[0], assignment):
            folder = visible[0]
        else:
            return [entry for path in visible if (entry := _entry(path, assignment))]
    return []


def _wraps(path: Path, assignment: str) -> bool:
    """Tell whether a lone folder holds the class, and is no student's.

    A zipped folder looks so.
    """
    if not path.is_dir() or path.is_symlink() or _MOODLE.fullmatch(path.name) or _BRIGHTSPACE.fullmatch(path.name):
        return False
    return not (path / assignment).exists() and not (path / f"{assignment}.ipynb").exists()


def _visible(folder: Path) -> list[Path]:
    """Return a folder's entries without those that tools leave behind."""
    return sorted(path for path in folder.iterdir() if path.name not in _IGNORED and not path.name.startswith("."))


def _entry(path: Path, assignment: str) -> _Entry | None:
    """Recognise one entry by its name; None when it is nobody's."""
    if _MOODLE.fullmatch(path.name) or not path.is_dir() or path.is_symlink():
        return _named(path)
    return _folder(path, assignment)


def _folder(path: Path, assignment: str) -> _Entry | None:
    """Recognise a folder: Brightspace's, nbgrader's, or one that simply has a student's name."""
    if match := _BRIGHTSPACE.fullmatch(path.name):
        return _Entry(f"{match['name']}_{match['id']}", path, _brightspace_time(match["when"]))
    handed_in = path / assignment
    if handed_in.is_dir() or handed_in.is_symlink():
        return _Entry(path.name, handed_in)
    return _Entry(path.name, path) if any(path.glob("*.ipynb")) else None


def _named(path: Path) -> _Entry | None:
    """Recognise a name: Moodle's, Blackboard's, Canvas's, or a notebook's that is a student's."""
    if match := _MOODLE.fullmatch(path.name):
        return _Entry(f"{match['name']}_{match['id']}", path)
    if match := _BLACKBOARD.fullmatch(path.name):
        return _Entry(match["name"], path, match["when"])
    if match := _CANVAS.fullmatch(path.name):
        return _Entry(f"{match['name']}_{match['id']}", path, match["when"].zfill(20))
    return _Entry(path.stem, path) if path.suffix == ".ipynb" else None


def _brightspace_time(text: str) -> str:
    """Return Brightspace's time in a form that sorts; the text itself where a locale writes it otherwise."""
    for form in ("%b %d, %Y %I%M %p", "%B %d, %Y %I%M %p", "%d %B, %Y %I%M %p", "%d %b, %Y %I%M %p"):
        try:
            return datetime.strptime(f"{text.strip()} +0000", f"{form} %z").isoformat()
        except ValueError:
            continue
    return text


def _submissions(entries: list[_Entry], assignment: str) -> tuple[Submission, ...]:
    """Return one submission a student."""
    students: dict[str, list[_Entry]] = {}
    for entry in entries:
        students.setdefault(_readable(entry.student), []).append(entry)
    return tuple(_submission(student, own, assignment) for student, own in sorted(students.items()))


def _readable(name: str) -> str:
    r"""Return a name that can be written as UTF-8.

    Bytes of another encoding, as old archives have them, become `\xe9`.
    """
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _submission(student: str, entries: list[_Entry], assignment: str) -> Submission:
    """Choose the notebook that counts: the last one that was handed in.

    Of those handed in together it is the one with the assignment's name.
    """
    notebooks = [(entry.when, notebook) for entry in entries for notebook in _notebooks(entry.path)]
    if not notebooks:
        origin = entries[-1].path
        return Submission(student, assignment, None, str(origin), _why_not(origin))
    _, chosen = max(notebooks, key=lambda pair: (pair[0], assignment in pair[1].stem, *_age(pair[1])))
    note = (
        "" if len(notebooks) == 1 else f"{len(notebooks)} notebooks were handed in: {chosen.name!r}, the last, counts."
    )
    return Submission(student, assignment, chosen, str(chosen), note)


def _notebooks(path: Path) -> list[Path]:
    """Return the notebooks at or in an entry.

    Links are refused: whoever reads the file would follow them.
    """
    if path.is_symlink():
        return []
    candidates = sorted(path.rglob("*.ipynb")) if path.is_dir() else [path]
    return [
        notebook
        for notebook in candidates
        if notebook.suffix == ".ipynb"
        and notebook.is_file()
        and not notebook.is_symlink()
        and not _hidden(notebook, path)
    ]


def _hidden(notebook: Path, folder: Path) -> bool:
    """Tell whether a notebook is a tool's own copy, such as one in `.ipynb_checkpoints`."""
    return any(part.startswith(".") or part in _IGNORED for part in notebook.relative_to(folder).parts)


def _age(notebook: Path) -> tuple[int, tuple[int, str]]:
    """Return the sort key of the notebooks of one hand-in.

    It is the time of change, then `homework-2` behind `homework-1`.
    """
    number = re.search(r"[-_ (](\d+)\)?$", notebook.stem)
    return int(notebook.stat().st_mtime), (int(number[1]) if number else 0, notebook.name)


def _why_not(path: Path) -> str:
    """Say why an entry gives no notebook."""
    if path.is_symlink() or (path.is_dir() and any(notebook.is_symlink() for notebook in path.rglob("*.ipynb"))):
        return f"{path.name!r} is a link, or holds one; links are not followed."
    return f"{path.name!r} holds no notebook."
