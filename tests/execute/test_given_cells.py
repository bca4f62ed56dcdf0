"""Given cells come back as they were released; what was only added to them runs, and what was changed is shown."""

import pytest

from autograder.assignment.misplaced import difference_of, origin_of
from autograder.assignment.plan import PlannedCell
from autograder.execute.given_cells import compare, given_names
from autograder.execute.submission import prepare

from .test_submission import handed_in, order, sources  # noqa: F401 (a fixture)

GIVEN = 'import numpy as np\nn = 6\nwith open("data.txt") as file:\n    data = file.read()\n'
NAMES = {"np", "n", "file", "data"}


def _cell(source=GIVEN, cell_type="code"):
    return PlannedCell("setup", "given", cell_type, source, "{}")


@pytest.mark.parametrize(
    "theirs", [GIVEN, GIVEN.replace("\n", "\r\n"), f"\n{GIVEN}\n\n", f"<!-- BEGIN QUESTION -->\n{GIVEN}"]
)
def test_white_space_is_no_change(theirs):
    """Line ends, empty lines and the comments that otter puts around questions are not the student's."""
    assert compare(_cell(), theirs, NAMES) is None


@pytest.mark.parametrize(
    ("more", "added"),
    [
        ("import seaborn as sns", "import seaborn as sns"),
        ("# mine\nfrom math import pi\nprint(pi)", "# mine\nfrom math import pi\nprint(pi)"),
        ("%matplotlib inline", "%matplotlib inline"),
        ("def own(n):\n    n = n + 1\n    return n", "def own(n):\n    n = n + 1\n    return n"),
    ],
)
def test_lines_that_were_only_added_are_kept(more, added):
    """They stand in a cell of the student's own, as they were typed."""
    change = compare(_cell(), f"{GIVEN}{more}\n", NAMES)
    assert (change.added, change.is_python, change.whole) == (added, True, True)


@pytest.mark.parametrize(
    "more",
    [
        "n = 7",
        "n += 1",
        "data[0] = 'x'",
        "np.random.seed = 3",
        "del n",
        "for n in range(3):\n    pass",
        "import math as n",
    ],
)
def test_a_given_names_value_stays_ours(more):
    """A statement that would change it is put back, and what stands beside it runs."""
    change = compare(_cell(), f"{GIVEN}{more}\nimport math\n", NAMES)
    assert (change.added, change.whole) == ("import math", False)


@pytest.mark.parametrize(
    ("old", "new", "added"),
    [
        ("import numpy as np", "import numpy as np, pandas as pd", "import pandas as pd"),
        ("n = 6", "n = 60", ""),
        ("    data = file.read()", "    data = file.read()\n    more = 1", ""),
        ("n = 6\n", "", ""),
    ],
)
def test_what_was_changed_is_put_back(old, new, added):
    """A changed line doesn't run; of a changed import, what is new does."""
    change = compare(_cell(), GIVEN.replace(old, new), NAMES)
    assert change.added == added
    assert any(line.startswith(("+ ", "- ")) for line in change.difference)


def test_words_in_code_are_kept_as_text():
    """Prose in a given cell of code is no Python: it doesn't run, and isn't lost."""
    change = compare(_cell(), f"{GIVEN}I think that the ones are apart.\n", NAMES)
    assert (change.added, change.is_python) == ("I think that the ones are apart.", False)


@pytest.mark.parametrize("hostile", ["+".join(["a"] * 20_000), "(" * 40_000, "x = 1\n" * 100_000, "-" * 40_000, "\0"])
def test_hostile_code_is_text(hostile):
    """What would keep a parser busy, or end it, is kept and doesn't run."""
    change = compare(_cell(), f"{GIVEN}{hostile}", NAMES)
    assert len(change.difference) < 300
    assert sum(map(len, change.difference)) < 200_000


def test_a_long_difference_shows_what_stands_beside_changes():
    """Of equal lines, two on either side."""
    lines = [f"line {number}" for number in range(30)]
    change = compare(_cell("\n".join(lines), "markdown"), "\n".join([*lines[:15], "mine", *lines[15:]]), ())
    assert change.difference == ("  …", "  line 13", "  line 14", "+ mine", "  line 15", "  line 16", "  …")


def test_given_names_are_those_of_given_code(plan):
    """What solutions and tests bind is not among them."""
    assert given_names(plan) == NAMES


@pytest.mark.parametrize("stripped", [False, True])
def test_an_added_import_runs_with_and_without_metadata(handed_in, plan, stripped):  # noqa: F811
    """It stands behind the given cell, which is the release's, and the note names the cell."""
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in handed_in.cells]
    handed_in.cells[ids.index("setup")].source += "\nimport math\nn = 7"
    for cell in handed_in.cells if stripped else ():
        cell.metadata = {}
    prepared = prepare(handed_in, plan)
    assert order(prepared)[:4] == ["intro", "setup", "", ""]
    assert prepared.notebook.cells[2].source == "import math"
    assert origin_of(prepared.notebook.cells[2]) == "setup"
    assert "n = 7" not in sources(prepared)["setup"]
    assert "+ n = 7" in difference_of(prepared.notebook.cells[1])
    assert "A given cell that was changed was put back: `setup`." in prepared.note
    assert "What was only added to `setup` runs behind it." in prepared.note


def test_a_changed_check_is_put_back_and_named(handed_in, plan):  # noqa: F811
    """A test is the release's, whatever stands in the student's copy; the difference shows what students see of it."""
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in handed_in.cells]
    handed_in.cells[ids.index("first_test")].source = "assert True"
    prepared = prepare(handed_in, plan)
    test = next(
        c for c, p in zip(prepared.notebook.cells, prepared.cells, strict=True) if p and p.grade_id == "first_test"
    )
    assert difference_of(test) == ("- assert answer is not None, 'no answer'", "+ assert True")
    assert "`first_test`" in prepared.note
