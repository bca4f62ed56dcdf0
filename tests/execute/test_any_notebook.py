"""Whatever a student does to a notebook's cells, no word is lost, and the assignment's cells stand once each."""

from __future__ import annotations

import copy
import re
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from autograder.assignment.cells import is_blank
from autograder.assignment.misplaced import difference_of
from autograder.assignment.plan import AssignmentPlan
from autograder.execute.submission import Prepared, WrongAssignmentError, prepare
from tests.execute.small import make_small
from tests.fuzz import examples

_NEW = {"code": new_code_cell, "markdown": new_markdown_cell, "raw": new_raw_cell}
_PLACES = st.integers(0, 30)
_TEXTS = st.sampled_from(
    [
        "{}",
        "words like {} here",
        "# {}",
        "{} = 1",
        "import {}",
        "answer = '{}'",
        "table = {}",
        "n = '{}'",
        "def {}(): pass",
        "  {}",
        "({}",
    ]
)
_STEPS = st.one_of(
    st.tuples(st.just("insert"), _PLACES, _TEXTS, st.sampled_from(sorted(_NEW))),
    st.tuples(st.sampled_from(["append", "prepend", "replace"]), _PLACES, _TEXTS, st.none()),
    st.tuples(st.sampled_from(["split", "copy", "move", "strip", "retype", "delete"]), _PLACES, _PLACES, st.none()),
)


@cache
def _plan() -> AssignmentPlan:
    """Return the small assignment's plan, made once: Hypothesis's examples share it."""
    return make_small(Path(mkdtemp(prefix="any-notebook-")))


def _changed(steps: list[tuple[str, int, object, str | None]]) -> tuple[NotebookNode, set[str]]:
    """Return the release's notebook after some steps, and the words of the student's that are in it."""
    notebook = nbformat.read(_plan().release / "small.ipynb", as_version=4)
    for number, (step, place, what, kind) in enumerate(steps):
        if notebook.cells or step == "insert":
            _step(notebook.cells, (step, place % max(1, len(notebook.cells)), what, kind), f"word{number}word")
    text = "\n".join(cell.source for cell in notebook.cells)
    return notebook, set(re.findall(r"word\d+word", text))


def _step(cells: list[NotebookNode], step: tuple[str, int, object, str | None], word: str) -> None:
    """Do one step."""
    name, place, what, kind = step
    if name == "insert":
        cells.insert(place, _NEW[kind or "code"](str(what).format(word)))
    elif name == "delete":
        del cells[place]
    elif name == "copy":
        cells.insert(int(str(what)) % len(cells), copy.deepcopy(cells[place]))
    elif name == "move":
        cells.insert(int(str(what)) % len(cells), cells.pop(place))
    elif name == "strip":
        cells[place].metadata = NotebookNode()
    elif name == "retype":
        cells[place].cell_type = sorted(_NEW)[int(str(what)) % 3]
    elif name == "split":
        _split(cells, place, int(str(what)))
    else:
        text, old = str(what).format(word), cells[place].source
        cells[place].source = {"append": f"{old}\n{text}", "prepend": f"{text}\n{old}", "replace": text}[name]


def _split(cells: list[NotebookNode], place: int, at: int) -> None:
    """Split a cell behind a line, as JupyterLab does: both halves keep the metadata."""
    lines = cells[place].source.split("\n")
    half = copy.deepcopy(cells[place])
    cut = at % (len(lines) + 1)
    cells[place].source, half.source = "\n".join(lines[:cut]), "\n".join(lines[cut:])
    cells.insert(place + 1, half)


def _kept(prepared: Prepared) -> str:
    """Return everything that is kept of what the student wrote: cells, and what was put back."""
    return "\n".join(
        [
            *(c.source for c in prepared.notebook.cells),
            *(line for c in prepared.notebook.cells for line in difference_of(c)),
        ]
    )


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_STEPS, max_size=8))
def test_no_word_is_lost(steps: list[tuple[str, int, object, str | None]]) -> None:
    """Every word is in a cell, or in what is shown of a given cell that was put back; and all given cells are ours."""
    notebook, words = _changed(steps)
    try:
        prepared = prepare(notebook, _plan())
    except WrongAssignmentError:
        return
    kept = _kept(prepared)
    assert {word for word in words if word not in kept} == set()
    planned = [one for one in prepared.cells if one is not None]
    assert planned == list(_plan().cells)
    for cell, one in zip(prepared.notebook.cells, prepared.cells, strict=True):
        assert one is None or one.kind in ("solution", "written") or cell.source == one.source
    nbformat.validate(prepared.notebook)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=examples(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_STEPS, max_size=4), st.booleans(), st.sampled_from(["markdown", "raw"]))
def test_words_beside_an_answer_are_an_answer(
    steps: list[tuple[str, int, object, str | None]], above: bool, kind: str
) -> None:
    """A cell of words right above or below the answer's own makes it no blank one, whatever else was done."""
    notebook, _ = _changed(steps)
    places = [n for n, cell in enumerate(notebook.cells) if cell.metadata.get("nbgrader", {}).get("grade_id") == "why"]
    if not places:
        return
    notebook.cells.insert(places[-1] + (not above), _NEW[kind]("The ones are apart from everything."))
    try:
        prepared = prepare(notebook, _plan())
    except WrongAssignmentError:
        return
    (answer,) = (c for c, p in zip(prepared.notebook.cells, prepared.cells, strict=True) if p and p.grade_id == "why")
    assert not is_blank(answer, given="Your answer.")
