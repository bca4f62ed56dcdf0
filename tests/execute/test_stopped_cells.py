"""What an answer lacks because its cell stopped is told with the error, and what came before it counts."""

import pytest

from autograder.assignment.names import names_if_python
from autograder.assignment.plan import PlannedCell
from autograder.execute.notebook_run import Execution
from autograder.execute.stopped_cells import reasons

TEST = PlannedCell(
    "ex2_plot", "test", "code", "", "{}", 2.0,
    answers=("emb", "layer", "plot"), asked_in=("map", "first", "map"), asked_where=("the map's cell", "the first cell", "the map's cell"),
)  # fmt: skip
PLOTLY = "ModuleNotFoundError: No module named 'plotly'"


def _reasons(diagnosis="missing", message="`plot` is None.", own="", **execution):
    own_names = {"cell 2": frozenset(names_if_python(own).assigned)} if "cell 2" in execution.get("errors", {}) else {}
    return reasons(TEST, diagnosis, message, Execution(**execution, own_names=own_names))


@pytest.mark.parametrize("diagnosis", ["missing", "no_plot", "no_labels", "too_few_rows", "unknown"])
def test_the_error_is_told(diagnosis):
    """With every diagnosis that may come of it."""
    assert _reasons(diagnosis, errors={"map": PLOTLY}) == [f"The map's cell stopped with {PLOTLY}."]


def test_what_no_stop_explains_has_no_reason():
    """A wrong layer is wrong whatever came later; another answer's cell is another matter."""
    assert _reasons("wrong_layer", errors={"map": PLOTLY}) == []
    assert _reasons(errors={"first": PLOTLY}) == []
    assert _reasons(message="Nothing is named.", errors={"first": PLOTLY}) == [f"The first cell stopped with {PLOTLY}."]


def test_what_has_moved_is_told_behind_it():
    """In one sentence more."""
    error = "TypeError: TSNE.__init__() got an unexpected keyword argument 'n_iter'"
    (told,) = _reasons("no_plot", errors={"map": error})
    assert told == f"The map's cell stopped with {error}. scikit-learn calls t-SNE's number of steps `max_iter` now."


def test_a_cell_that_took_too_long_is_told():
    """Where none stopped with an error."""
    assert _reasons("no_plot", slow=("map",)) == ["The map's cell took too long."]
    assert _reasons("no_plot", slow=("map",), errors={"map": PLOTLY}) == [f"The map's cell stopped with {PLOTLY}."]


def test_a_cell_of_the_students_own_is_told_too():
    """One that should assign the answer, or a name that the answer's cell missed."""
    assert _reasons(own="plot = draw()", errors={"cell 2": PLOTLY}) == [f"Your own cell 2 stopped with {PLOTLY}."]
    assert _reasons(own="other = draw()", errors={"cell 2": PLOTLY}) == []
    chain = {"map": "NameError: name 'px' is not defined", "cell 2": PLOTLY}
    assert _reasons(own="import plotly.express as px", errors=chain) == [
        "The map's cell stopped with NameError: name 'px' is not defined.",
        f"Your own cell 2 stopped with {PLOTLY}.",
    ]


def test_the_error_is_one_line_and_what_came_before_counts(grade):
    """A module that isn't there, a magic that isn't known, an error of several lines."""
    told = {
        "answer = 42\nimport plotly": None,
        "import plotly\nanswer = 42": "stopped with ModuleNotFoundError: No module named 'plotly'.",
        "%tensorflow_version 2.x\nanswer = 42": "stopped with UsageError: Line magic function `%tensorflow_version` not found. ",
        "np.float\nanswer = 42": "stopped with AttributeError: module 'numpy' has no attribute 'float'. NumPy has no `np.float`",
    }
    for first, words in told.items():
        check = grade(first=first).result.checks[0]
        assert (check.status, check.score) == (("passed", 2) if words is None else ("failed", 0))
        assert words is None or words in check.message
        assert "\n" not in (check.message or "")
