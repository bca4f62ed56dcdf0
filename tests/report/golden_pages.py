"""Golden copies of the pages: a small class on each of them. `make golden` writes the copies again.

Styles, scripts and pictures are left out of a copy, and with them what another version of a library draws.
"""

from __future__ import annotations

import base64
import difflib
import io
import re
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from autograder.accuracy import Accuracy, Figure
from autograder.assignment.misplaced import WordsElsewhere, note_difference, note_origin, note_words
from autograder.lateness import deadline_in_words
from autograder.model import Deadline, Lateness, Mark
from autograder.report.class_page.page import render_class_page
from autograder.report.class_records import ClassRecords
from autograder.report.feedback.page import PageContext, render_page
from autograder.report.marking.page import render_marking_page
from autograder.report.written_text import WrittenText
from tests.report.classes import HOSTILE, IMAGES, check, drawn, entry, records, result

__all__ = ["COMMAND", "PAGES", "difference", "scrub"]

GOLDEN = Path(__file__).parent / "golden"
COMMAND = "make golden"

_REFERENCE = ((0.1, 0.0), (1.0, 0.1), (0.0, 0.9), (0.4, 0.6))
_FOUND = [
    check("ex2_activations", "wrong_layer", detail="conv1", message="`deep_reps` is of another layer. Look at it."),
    check("ex2_embedding", "missing", status="skipped", message="It builds on what isn't there."),
    check("ex2_plot", status="error", score=0.0, message="The check failed by itself."),
    check("ex3_flatten", "missing"),
]
_MAPS = (
    drawn(values="a1", embedding="b2", reference=_REFERENCE),
    drawn(check="ex3_embedding", title="Middle layer", layer=None, fidelity=None),
)
_WRITTEN = {
    "ex1_written": (
        WrittenText(HOSTILE),
        WrittenText("See picture 1.", ("data:,",), "written below the answer's cell"),
    ),
    "ex2_written": (WrittenText("Because."),),
}
_LATE = Lateness(
    "2026-03-03T10:00:00+01:00", "2026-03-01T23:59:00+01:00", "Europe/Berlin", False, 122460, 2, "day", 20.0
)
_LONGER = Lateness("2026-03-07T10:00:30+01:00", "2026-03-08T23:59:59+01:00", "Europe/Berlin", True)
_MARKS = (Mark("ex1_written", 3.5, 4.0, "Say *why*."), Mark("ex2_written", None, 6.0))


def _picture() -> str:
    """Return a picture as Jupyter keeps it."""
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def _executed() -> NotebookNode:
    """Return an executed notebook with one cell of each kind."""
    marks = {"schema_version": 3, "locked": True, "grade": False, "solution": False, "task": False}

    def cell(name: str, source: str, *outputs: NotebookNode, code: bool = True, **more: object) -> NotebookNode:
        values = {"id": name, "metadata": {"nbgrader": marks | {"grade_id": name} | more}}
        return new_code_cell(source, outputs=list(outputs), **values) if code else new_markdown_cell(source, **values)

    failure = new_output("error", ename="CheckFailed", evalue="hidden", traceback=["hidden"])
    printed = new_output("stream", text=f"shape (10, 2)\n{HOSTILE}\n")
    shown = new_output("display_data", data={"image/png": _picture(), "text/plain": "<Figure>"})
    test = "# Points: the activations of a deep layer.\nassert deep_reps is hidden"
    written = {"code": False, "grade": True, "solution": True, "locked": False}
    cells = [
        cell("intro", "# Tiny", code=False),
        cell("ex1_written", f"Because of **strokes**. {HOSTILE}", points=4, **written),
        cell("setup", "import numpy"),
        new_code_cell(f"import math  # {HOSTILE}", id="added"),
        cell("ex2_map", "deep_reps = 1", printed, shown, solution=True, locked=False),
        cell("ex2_activations", test, failure, grade=True, points=4),
        cell("ex2_written", "", points=6, **written),
    ]
    note_difference(cells[2], ("  import numpy", "- n = 6", f"+ import math  # {HOSTILE.splitlines()[0]}"))
    note_origin(cells[3], "setup")
    note_words(cells[-1], [WordsElsewhere("written into the question's cell", "intro")])
    return new_notebook(cells=cells)


def _class() -> ClassRecords:
    """Return a class with something for every part of its pages."""
    blank = (Mark("ex1_written", 0.0, 4.0, blank=True), Mark("ex2_written", None, 6.0))
    entries = (
        entry("ada", maps=_MAPS, marks=_MARKS, late=_LATE),
        entry("bob", *_FOUND, marks=blank, bonus=("ex3_flatten",), late=_LONGER),
        entry("cleo", check(diagnosis="wrong_layer", detail="conv2"), status="timeout", message="Stopped after 600 s."),
        entry(HOSTILE.partition("\n")[0], maps=_MAPS[:1], marks=(Mark("ex1_written", None, 4.0),)),
    )
    previous = (result("ada", check(diagnosis="missing")), result("gone"))
    rubric = {"ex1_written": "* 1 point: **which** digits\n* 1 point: why"}
    deadline = deadline_in_words(Deadline(datetime(2026, 3, 1, 23, 59), "Europe/Berlin", 10.0))  # noqa: DTZ001 - it has
    notes = (f"Line 3 of the extensions is about {HOSTILE!r}, and nothing of theirs is here.",)
    accuracy = Accuracy(Figure(66, 66), Figure(107, 108), Figure(106, 108))
    known = {"rubric": rubric, "accuracy": accuracy, "deadline": deadline, "late_notes": notes}
    return records(*entries, previous=previous, folder="out", **known)


PAGES: dict[str, Callable[[], str]] = {
    "feedback": lambda: render_page(
        "Tiny",
        result("ada", check("ex1_pixels"), *_FOUND, bonus=("ex3_flatten",), late=_LATE),
        _executed(),
        PageContext(_MAPS, IMAGES, _MARKS),
    ),
    "feedback_of_nothing": lambda: render_page(
        "Tiny", result("bob", _FOUND[0], status="crashed", message="Its Python process ended.", late=_LONGER), None
    ),
    "class": lambda: render_class_page(_class()),
    "marking": lambda: render_marking_page(_class(), {"ada": _WRITTEN}),
}
"""The pages by the names of their copies."""


def scrub(page: str) -> str:
    """Return a page without styles, scripts, pictures, their digests, and Bokeh's names for its figures."""
    page = re.sub(r'<div id="[^"]*" data-root-id="[^"]*"', '<div id="…" data-root-id="…"', page)
    page = re.sub(r"(<(style|script)\b[^>]*>).*?(</\2>)", r"\1…\3", page, flags=re.DOTALL)
    page = re.sub(r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]+", "data:…", page)
    return re.sub(r"sha256-[A-Za-z0-9+/=]+", "sha256-…", page)


def difference(name: str, page: str) -> str:
    """Return how a page differs from its golden copy; "" where it doesn't."""
    path = GOLDEN / f"{name}.html"
    if not path.is_file():
        return f"{path.name} is not there: look at the page, then write its copy by `{COMMAND}`."
    lines = difflib.unified_diff(
        path.read_text("utf-8").splitlines(), scrub(page).splitlines(), "golden", "now", lineterm="", n=1
    )
    text = "\n".join(lines)
    return text and f"{text}\nWhere this is meant, write the copy again by `{COMMAND}`, and look at the change."


def main() -> None:
    """Write every copy."""
    GOLDEN.mkdir(exist_ok=True)
    for name, render in PAGES.items():
        (GOLDEN / f"{name}.html").write_text(scrub(render()), "utf-8")
        sys.stdout.write(f"{GOLDEN / name}.html\n")


if __name__ == "__main__":
    main()
