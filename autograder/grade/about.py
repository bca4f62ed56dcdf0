"""What a graded folder has to know of its assignment: pages are made from it anywhere, and in a year.

A source that is at hand says it better, since it may have been mended.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from autograder.accuracy import Accuracy, read_accuracy, write_accuracy
from autograder.assignment.policy import SETTINGS, network_digest, read_tables
from autograder.assignment.rubrics import read_rubrics
from autograder.assignment.settings import read_deadline, read_notebook
from autograder.errors import AutograderError, GradeError
from autograder.files import write_file
from autograder.lateness import deadline_in_words
from autograder.log import logged_suppress

__all__ = ["About", "read_about", "renew_about", "write_about"]

_FILE = "about.json"


@dataclass(frozen=True)
class About:
    """What pages say of an assignment.

    Attributes:
        title: what people call it.
        rubric: the mark scheme of each written answer, Markdown, by `grade_id`.
        accuracy: how right the grader is about it; None where nobody has measured that.
        deadline: the class's, in words, and what it costs to be late; "" where there is none.
    """

    title: str
    rubric: dict[str, str] = field(default_factory=dict)
    accuracy: Accuracy | None = None
    deadline: str = ""


def write_about(out: Path, source: Path) -> None:
    """Write down what pages need of a source folder.

    Raises:
        GradeError: the folder can't be written.
    """
    about, folder = _of_source(source), _folder(out, source.name)
    values = {"title": about.title, "rubric": about.rubric, "deadline": about.deadline}
    text = json.dumps(values, indent=1, ensure_ascii=False)
    try:
        write_file(folder / _FILE, text + "\n")
        if about.accuracy is not None:
            write_accuracy(folder, about.accuracy)
    except OSError as error:
        raise GradeError(f"{out} cannot be written: {error.strerror}.") from error


def renew_about(out: Path, assignment: str, root: Path) -> None:
    """Write down what pages need as the source under `root` says it now.

    A source that isn't there, or has mistakes, says nothing.

    Raises:
        GradeError: the folder can't be written.
    """
    about = read_about(out, assignment, root)
    if (root / "source" / assignment / SETTINGS).is_file() and about != read_about(out, assignment, out):
        write_about(out, root / "source" / assignment)


def read_about(out: Path, assignment: str, root: Path) -> About:
    """Return what pages need: from the source under `root`, or else as it was when the class was graded.

    Where neither is there, the title is the name.
    """
    source = root / "source" / assignment
    if (source / SETTINGS).is_file():
        with logged_suppress(AutograderError, OSError, ValueError, KeyError):
            return _of_source(source)
    with logged_suppress(OSError, ValueError, TypeError, KeyError):
        folder = _folder(out, assignment)
        values = json.loads((folder / _FILE).read_text("utf-8"))
        return About(values["title"], values["rubric"], read_accuracy(folder), values.get("deadline", ""))
    return About(assignment)


def _of_source(source: Path) -> About:
    """Return what a source folder says, and what was measured of it as it is today."""
    accuracy = read_accuracy(source.parent.parent / "solutions" / source.name)
    if accuracy is not None and accuracy.digest != network_digest(source):
        accuracy = None
    deadline = read_deadline(source)
    return About(
        title=str(read_tables(source)["title"]),
        rubric=read_rubrics(read_notebook(source)),
        accuracy=accuracy,
        deadline="" if deadline is None else deadline_in_words(deadline),
    )


def _folder(out: Path, assignment: str) -> Path:
    """Return where it lies."""
    return out / "assignments" / assignment
