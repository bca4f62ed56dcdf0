"""What the tests' outcomes become, where an exercise was left out."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from autograder.assignment.plan import PlannedCell
from autograder.execute.submission import begun_exercises, prepare
from autograder.execute.verdicts import tell_unanswered
from autograder.model import CheckResult

TESTS = tuple(
    PlannedCell(name, "test", "code", "", "{}", 1.0, answers=answers)
    for name, answers in (("ex2_reps", ("layer", "reps")), ("ex2_plot", ("emb", "plot")))
)


def _told(*kinds: str | None, begun: tuple[str, ...] = ()) -> list[tuple[str | None, str | None]]:
    messages = ("`reps` is None.", "`plot` is None, which shows nothing.")
    checks = tuple(
        CheckResult(test.grade_id, "failed", 0.0, 1.0, kind, None, message)
        for test, kind, message in zip(TESTS, kinds, messages, strict=True)
    )
    return [(check.diagnosis, check.detail) for check in tell_unanswered(checks, TESTS, begun)]


def test_a_plot_that_was_never_made_is_missing() -> None:
    """`no_plot` is for a map without a plot: with nothing there at all, the plot is missing as the rest is."""
    assert _told("missing", "no_plot") == [("missing", None), ("missing", None)]
    assert _told("wrong_layer", "no_plot") == [("wrong_layer", None), ("no_plot", None)]


def test_what_is_missing_from_a_begun_exercise_has_its_name() -> None:
    """Who wrote something there did not leave it out, whatever came of it."""
    assert _told("missing", "no_plot", begun=("ex2",)) == [("missing", "reps"), ("missing", "plot")]


def test_plain_asserts_of_a_blank_notebook_say_missing() -> None:
    """They know no such word; where anything was written, what they say stands."""
    assert _told("unknown", "unknown") == [("missing", None), ("missing", None)]
    assert _told("unknown", "missing", begun=("ex1",)) == [("unknown", None), ("missing", None)]


@pytest.fixture
def handed_in(plan):
    """A notebook as students get it, and where its cells stand."""
    notebook = nbformat.read(plan.release / "small.ipynb", as_version=4)
    return notebook, [cell.metadata.nbgrader.grade_id for cell in notebook.cells]


def test_as_it_was_given_nothing_is_begun(plan, handed_in) -> None:
    """White space, an emptied cell and a cell that was deleted are nothing either."""
    notebook, ids = handed_in
    assert begun_exercises(prepare(notebook, plan)) == frozenset()
    notebook.cells[ids.index("first")].source = ""
    notebook.cells[ids.index("why")].source += "\n\n"
    notebook.cells.insert(0, new_code_cell(" "))
    del notebook.cells[1 + ids.index("second")]
    assert begun_exercises(prepare(notebook, plan)) == frozenset()


@pytest.mark.parametrize("cell", ["first", "second", "why"])
def test_code_and_words_begin_an_exercise(plan, handed_in, cell) -> None:
    """Anything that the student wrote into an answer's cell begins its exercise."""
    notebook, ids = handed_in
    notebook.cells[ids.index(cell)].source = "x = 1"
    assert begun_exercises(prepare(notebook, plan)) == {cell}


def test_a_cell_of_the_students_own_begins_the_exercise_that_it_stands_in(plan, handed_in) -> None:
    """It belongs to the assignment's cell before it."""
    notebook, ids = handed_in
    notebook.cells.insert(ids.index("second_text") + 1, new_code_cell("x = 1"))
    assert begun_exercises(prepare(notebook, plan)) == {"second"}


@pytest.mark.parametrize(
    ("first", "second", "unanswered"),
    [
        ("answer = None", "table = None", ("first", "second")),
        ("", "table = 3", ("first",)),
        ("answer = undefined", "table = 3", ()),
    ],
)
def test_a_blank_notebook_was_not_answered(grade, first, second, unanswered) -> None:
    """From the notebook to the record: a cell that was left as it was is told apart from one that failed."""
    assert grade(first=first, second=second).result.unanswered == unanswered
