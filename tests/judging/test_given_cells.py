"""The judging process runs of the given cells what its tests need, and everything where that can't be told."""

import pytest

from autograder.assignment.names import names_of
from autograder.assignment.plan import make_plan
from autograder.judging.given_cells import needed_cells
from autograder.judging.messages import GivenCell

SETUP = "import os\nimport numpy as np\nimport keras\nimport checks\nos.environ['A'] = 'b'"
DATA = "with np.load('data.npz') as data:\n    x, y = data['x'], data['y']\nx = x / 255\nprint(x.shape)"
MODEL = "model = keras.models.load_model('m.keras')\nnum = 10\nmodel.predict(x[:num])"


def _kept(tests, *cells):
    """Return the texts of what is kept."""
    given = tuple(GivenCell(str(number), source, needs_answers=False) for number, source in enumerate(cells))
    return [cell.source for cell in needed_cells(given, tests)]


def test_what_no_test_needs_is_left_out():
    """Names are followed to where they come from; what is called of `os` changes the process."""
    assert _kept(["checks.rows(a, num)"], SETUP, DATA, MODEL) == [
        "import os\nimport checks\nos.environ['A'] = 'b'",
        "num = 10",
    ]
    assert _kept(["assert a == x[0]"], SETUP, DATA, MODEL) == [
        "import os\nimport numpy as np\nos.environ['A'] = 'b'",
        "with np.load('data.npz') as data:\n    x, y = (data['x'], data['y'])\nx = x / 255",
    ]


@pytest.mark.parametrize(
    "test",
    [
        "assert model.count_params() == a",  # it needs the framework
        "assert eval(a) == 1",
        "exec('y = 1')",
        "assert a in globals()",
        "assert globals()[a] is None",
        "from helpers import *",
        "assert a ==",  # the build has refused it
    ],
)
def test_everything_is_kept_where_it_may_be_needed(test):
    """It runs as it did."""
    assert _kept([test], SETUP, DATA, MODEL) == [SETUP, DATA, MODEL]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("y = [3, 1]\ny.sort()", True),
        ("y = [3, 1]\nz = y", False),
        ("y = [3, 1]\nshuffle(y)", True),
        ("y = {}\ny['a'] = 1", True),
        ("y = 1\nfor i in range(3):\n    y += i", True),
        ("y = [1]\nif True:\n    del y[0]", True),
        ("y = 1\nprint(y)", False),
        ("y = f()\nz = 2", False),
        ("y = 1\ndef z():\n    global y", False),
    ],
)
def test_what_may_change_a_value_is_kept(cell, kept):
    """A name's value is also what was done to it."""
    (left,) = _kept(["assert y"], cell)
    assert (left == cell) is kept


def test_a_name_in_quotes_is_a_name():
    """Tests ask a namespace for answers that may be missing."""
    assert _kept(["f(globals().get('num'))"], SETUP, MODEL)[-1] == "num = 10"
    assert _kept(["f(globals()['num'])"], SETUP, MODEL)[-1] == "num = 10"


def test_functions_bring_what_they_use():
    """Wherever that stands."""
    cells = ("def f():\n    return g() + offset", "def g():\n    return 1", "offset = 2\nother = 3")
    assert _kept(["assert f()"], *cells) == [*cells[:2], "offset = 2"]


def test_the_assignment_needs_no_framework(root):
    """Of its given cells, the numbers of images and points are left, and the checks."""
    name = "mapping_representations"
    plan = make_plan(root / "source" / name, root / "release" / "nbgrader" / name)
    answers = {name for test in plan.tests for name in test.answers}
    given = [
        GivenCell(cell.grade_id, cell.source, needs_answers=bool(answers.intersection(names_of(cell.source).read)))
        for cell in plan.cells
        if cell.kind == "given" and cell.cell_type == "code"
    ]
    left = "\n".join(cell.source for cell in needed_cells(given, [test.check for test in plan.tests]))
    assert "num_emb = 1000" in left
    assert "num_plot = 500" in left
    assert "import checks" in left
    for word in ("keras", "TSNE(", "plot_embedding"):
        assert word not in left
