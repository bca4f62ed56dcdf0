"""The otter release's notebook, handed in: known as such, with nothing lost and nothing of otter's run."""

import json

import nbformat
import pytest
from nbformat.v4 import new_markdown_cell

from autograder.assignment.cells import is_blank
from autograder.assignment.placeholders import OTTER_PROMPT
from autograder.assignment.plan import make_plan
from autograder.execute.submission import begun_exercises, prepare

NAME = "mapping_representations"
CODE = "deep_layer = 'dense'\ndeep_reps = None\nimport math"
WORDS = ("The zeros stand apart.", "Fours among nines.", "The deeper, the cleaner.")


@pytest.fixture(scope="module")
def plan(root):
    """The real assignment's plan."""
    return make_plan(root / "source" / NAME, root / "release" / "nbgrader" / NAME)


@pytest.fixture
def given(root):
    """The otter release's notebook, as students get it."""
    return nbformat.read(root / "release" / "otter" / NAME / f"{NAME}.ipynb", as_version=4)


def _fill(notebook, prompt, texts):
    for text in texts:
        next(cell for cell in notebook.cells if cell.source.strip() == prompt).source = text


def _written(prepared):
    """Return the written answers."""
    return [c for c, p in zip(prepared.notebook.cells, prepared.cells, strict=True) if p and p.kind == "written"]


def test_as_it_was_given_it_is_blank(given, plan):
    """Its own placeholders are no answers, its own cells no student's, and nothing in it was changed."""
    prepared = prepare(given, plan)
    assert all(is_blank(cell) for cell in _written(prepared))
    assert begun_exercises(prepared) == frozenset()
    assert [planned.grade_id for planned in prepared.cells if planned] == [cell.grade_id for cell in plan.cells]
    assert None not in prepared.cells
    assert prepared.note == "It is the notebook of the otter release."


@pytest.mark.parametrize("stripped", [False, True])
def test_answers_are_where_they_belong(given, plan, stripped):
    """Each answer stands in its cell, and no given text in its place."""
    _fill(given, OTTER_PROMPT, WORDS)
    next(cell for cell in given.cells if cell.source.startswith("deep_layer = None")).source = CODE
    for cell in given.cells if stripped else ():
        cell.metadata = {}
    prepared = prepare(given, plan)
    assert [cell.source for cell in _written(prepared)] == list(WORDS)
    assert CODE in [cell.source for cell in prepared.notebook.cells]
    assert begun_exercises(prepared) == {"ex1", "ex2", "ex3"}
    assert "END QUESTION" not in json.dumps(prepared.notebook)
    assert "otter" not in "".join(cell.source for cell in prepared.notebook.cells)


def test_one_answer_of_three(given, plan):
    """The others stay blank, whatever stands next to them."""
    places = [n for n, cell in enumerate(given.cells) if cell.source == OTTER_PROMPT]
    given.cells[places[1]].source = WORDS[1]
    assert [is_blank(cell) for cell in _written(prepare(given, plan))] == [True, False, True]


def test_lines_beside_otters_own_are_kept(given, plan):
    """An import that a student put into otter's first cell runs, and words below its last cell stay."""
    next(cell for cell in given.cells if "otter.Notebook" in cell.source).source += "\nimport seaborn"
    given.cells.append(new_markdown_cell("Thank you."))
    own = [cell.source for cell, planned in zip(*_both(prepare(given, plan)), strict=True) if planned is None]
    assert own == ["import seaborn", "Thank you."]


def _both(prepared):
    return prepared.notebook.cells, prepared.cells
