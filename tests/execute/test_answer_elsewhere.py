"""Code that was written beside a blank answer cell counts as if it stood in it."""

import copy

import pytest
from nbformat.v4 import new_code_cell

from autograder.execute.submission import prepare

from .test_submission import handed_in, order, sources  # noqa: F401 (a fixture)


def _index(notebook, name):
    return [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells].index(name)


@pytest.fixture
def unanswered(handed_in):  # noqa: F811
    """The first question left as it was given."""
    handed_in.cells[_index(handed_in, "first")].source = "answer = None"
    return handed_in


def test_an_answer_above_is_not_undone(unanswered, plan):
    """The blank cell would set the name to None again: it doesn't run."""
    unanswered.cells.insert(_index(unanswered, "first"), new_code_cell("answer = 42"))
    prepared = prepare(unanswered, plan)
    assert sources(prepared)["first"] == "# The answer stands in a cell above."
    assert order(prepared)[:5] == ["intro", "setup", "", "", "first"]
    assert "The answer to `first` stands in a cell of the student's own, and counts." in prepared.note


@pytest.mark.parametrize("name", ["first_test", "second_text"])
def test_an_answer_below_its_check_runs_before_it(unanswered, plan, name):
    """Answers are taken out where the check stands."""
    unanswered.cells.insert(_index(unanswered, name) + 1, new_code_cell("answer = 42"))
    prepared = prepare(unanswered, plan)
    test = order(prepared).index("first_test")
    assert [cell.source for cell in prepared.notebook.cells[:test]][-2:] == [
        "# The answer stands in a cell below.",
        "answer = 42",
    ]


def test_an_answer_stays_where_it_is(handed_in, plan):  # noqa: F811
    """What follows a question that was answered in its own cell changes nothing of it."""
    handed_in.cells.insert(_index(handed_in, "first_test") + 1, new_code_cell("answer = 0"))
    prepared = prepare(handed_in, plan)
    assert sources(prepared)["first"] == "answer = helper"
    assert order(prepared).index("first_test") < [cell.source for cell in prepared.notebook.cells].index("answer = 0")


@pytest.mark.parametrize("code", ["answer_count = 1", "print(answer)", "answer == 42", "# answer = 42 is right"])
def test_other_code_is_no_answer(unanswered, plan, code):
    """A cell that assigns none of the names leaves the blank one as it is."""
    unanswered.cells.insert(_index(unanswered, "first"), new_code_cell(code))
    assert sources(prepare(unanswered, plan))["first"] == "answer = None"


def test_code_in_two_halves_runs_in_order(handed_in, plan):  # noqa: F811
    """Both halves carry the id; the first is a cell of the student's own before the second."""
    index = _index(handed_in, "first")
    half = copy.deepcopy(handed_in.cells[index])
    half.source = "half = 21"
    handed_in.cells[index].source = "answer = 2 * half"
    handed_in.cells.insert(index, half)
    prepared = prepare(handed_in, plan)
    at = order(prepared).index("first")
    assert [cell.source for cell in prepared.notebook.cells[at - 1 : at + 1]] == ["half = 21", "answer = 2 * half"]
    assert "`first` stands in 2 cells, which run in order." in prepared.note


@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
def test_code_without_an_id_is_found_by_what_it_assigns(handed_in, plan, kind):  # noqa: F811
    """Of cells without ids the one that assigns the names is the answer, whatever its type, and however it looks."""
    index = _index(handed_in, "first")
    handed_in.cells[index] = new_code_cell("answer = 40 + 2\nlong_enough_to_be_unlike = 'the release'")
    handed_in.cells[index].cell_type = kind
    handed_in.cells.insert(index + 1, new_code_cell("check = None"))
    assert sources(prepare(handed_in, plan))["first"].startswith("answer = 40 + 2")


@pytest.mark.parametrize("step", [0, 1])
def test_a_blank_copy_undoes_nothing(handed_in, plan, step):  # noqa: F811
    """Of a cell that was copied, the copy that was left as it was given doesn't run, wherever it stands."""
    index = _index(handed_in, "first")
    twin = copy.deepcopy(handed_in.cells[index])
    twin.source = "answer = None"
    handed_in.cells.insert(index + step, twin)
    prepared = prepare(handed_in, plan)
    assert sources(prepared)["first"] == "answer = helper"
    assert "answer = None" not in [cell.source for cell in prepared.notebook.cells]
