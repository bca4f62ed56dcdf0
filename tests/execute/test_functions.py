"""Tests that call a student's function: it runs in the student's kernel, and plain values come back."""

import dataclasses
import shutil
import time
from pathlib import Path

import nbformat
import pytest

from autograder import checks
from autograder.execute.engine import Engine
from autograder.model import Submission

from .conftest import LIGHT, LIMITS
from .small import make_small

SOLUTION = """\
import matplotlib.pyplot as plt
calls = 0
def square(x):
    "Squares."
    global calls
    calls += 1
    return x * x
def twice(x):
    return 2 * square(x)
def change(values, table, array):
    values.append(9)
    table["new"] = values
    array *= 2
def speak(word="hello"):
    print(word)
def draw(points):
    _, axes = plt.subplots()
    for number, (x, y) in enumerate(points):
        axes.text(x, y, str(number))
def refuse(x):
    raise KeyError(x)
def kinds():
    return {1, 2}, (3, [4.5, None]), {"a": np.arange(3)}, 1j, "é"
"""
TEST = """\
import contextlib, io
import numpy as np
import pytest
from checks import call
assert square(3) == 9 and square(x=2.5) == 6.25 and square.__doc__ == "Squares."
assert type(square(3)) is int and callable(square)
assert np.array_equal(square(np.arange(4.0)), [0, 1, 4, 9])
values, table, array = [1], {}, np.ones(2)
assert change(values, table, array) is None
assert values == [1, 9] and table == {"new": [1, 9]} and array.tolist() == [2, 2]
with contextlib.redirect_stdout(io.StringIO()) as said:
    speak("ohé")
assert said.getvalue() == "ohé\\n"
assert call(speak).printed == "hello\\n"
drawn = call(draw, [(0, 1), (2, 3)]).plots
assert len(drawn) == 1 and drawn[0].labels == ("0", "1") and drawn[0].points.tolist() == [[0, 1], [2, 3]]
with pytest.raises(KeyError, match="nothing"):
    refuse("nothing")
ones, pair, named, number, text = kinds()
assert ones == {1, 2} and pair == (3, [4.5, None]) and named["a"].tolist() == [0, 1, 2] and number == 1j and text == "é"
kept = square
del square
try:
    twice(3)
except NameError:
    pass
else:
    assert False, "twice does not use square"
finally:
    square = kept
assert twice(3) == 18
assert [square(n) for n in range(50)] == [n * n for n in range(50)]
"""
LATER = "assert answer == 7 and square(2) == 4"
WRONG_TEST = "assert square(2) == 4"
CELLS = [
    ("intro", "given", "markdown", "# Functions", "", 0),
    ("setup", "given", "code", "import numpy as np", "", 0),
    ("functions", "solution", "code", "def square(x): ...", SOLUTION, 0),
    ("functions_test", "test", "code", WRONG_TEST, TEST, 5),
    ("after", "solution", "code", "answer = None", "answer = 7\nsquare = str", 0),
    ("again", "solution", "code", "", "def square(x):\n    return x * x", 0),
    ("again_test", "test", "code", "", LATER, 2),
    ("plain_test", "test", "code", "", "assert answer == 7", 1),
]
CALLS = dataclasses.replace(LIMITS, call_seconds=2.0, calls_seconds=3.0, calls=100)


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    """An assignment whose tests call functions, with the checks in its release."""
    plan = make_small(tmp_path_factory.mktemp("functions"), CELLS, "functions")
    shutil.copytree(Path(checks.__file__).parent, plan.release / "checks")
    return plan


@pytest.fixture(scope="module")
def engine(plan):
    """An engine without a sandbox: what is asked of a kernel is the same in each."""
    with Engine(plan, isolation="process", limits=CALLS, threads=1, modules=LIGHT) as engine:
        yield engine


@pytest.fixture
def grade(engine, plan, tmp_path):
    """Grade a submission with these functions; returns the checks by name."""

    def run(functions=SOLUTION, answer="answer = 7", again="def square(x):\n    return x * x"):
        notebook = nbformat.read(plan.release / "functions.ipynb", as_version=4)
        for cell in notebook.cells:
            written = {"functions": functions, "after": answer, "again": again}
            cell.source = written.get(cell.metadata.nbgrader.grade_id, cell.source)
        path = tmp_path / "student.ipynb"
        nbformat.write(notebook, path)
        result = engine.run(Submission("student", plan.name, path, str(path))).result
        return {check.name: check for check in result.checks}

    return run


def test_right_functions_have_all_points(grade):
    """What they return, change, print and draw is looked at; each test calls what stands above it."""
    checks = grade()
    assert {name: (check.status, check.message) for name, check in checks.items()} == {
        "functions_test": ("passed", None),
        "again_test": ("passed", None),
        "plain_test": ("passed", None),
    }


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return x + 1", "came out as `3 == 4` (where 3 = square(2))"),
        ("return 1 / 0", "`square` raised ZeroDivisionError: division by zero."),
        ("raise NotImplementedError", "`square` raised NotImplementedError."),
        ("while True: pass", "`square` did not return within 2 s."),
        ("import os; os._exit(3)", "`square` ended its process, which"),
        ("return object()", "object"),
        ("return 'x' * 200_000", "str too long"),
        ("class Odd(ValueError): pass\n    raise Odd('no')", "`square` raised Odd: no."),
        ("raise SystemExit", "`square` raised SystemExit."),
        ("return square(x)", "`square` raised RecursionError"),
    ],
)
def test_wrong_functions_say_what_they_did(grade, body, said):
    """It costs their own test, and no other."""
    checks = grade(f"def square(x):\n    {body}\n")
    assert checks["functions_test"].status == "failed"
    assert said in checks["functions_test"].message
    assert checks["plain_test"].status == "passed"


def test_a_function_that_is_missing_or_none(grade):
    """A name that is not there is missing; a number can't be called."""
    checks = grade("x = 1")
    assert checks["functions_test"].diagnosis == "missing"
    checks = grade("square = 4")
    assert checks["functions_test"].status == "failed"
    assert "not callable" in checks["functions_test"].message


def test_the_function_that_stands_above_a_test_is_called(grade):
    """Not one of the same name further down."""
    checks = grade(again="square = 3")
    assert checks["functions_test"].status == "passed"
    assert checks["again_test"].status == "failed"


def test_an_argument_that_is_no_plain_data_is_told(tmp_path):
    """That is the test's fault, and flagged: it can't be judged so."""
    public = "assert square(1) == 1"
    cells = [
        ("functions", "solution", "code", "", "def square(x):\n    return 1\ndef other(x): ...", 0),
        *(
            (f"test_{n}", "test", "code", public, f"square({bad})", 1)
            for n, bad in enumerate(["print", "bytes(2**25)", "2)\nsquare = 3\nother(2"])
        ),
    ]
    plan = make_small(tmp_path, cells, "bad")
    with Engine(plan, isolation="process", limits=CALLS, threads=1, modules=LIGHT) as engine:
        result = engine.run(Submission("student", "bad", plan.source / "bad.ipynb", "x")).result
    assert [check.status for check in result.checks] == ["error", "error", "error"]
    assert "with a builtin_function_or_method, which is no plain data" in result.checks[0].message
    assert "32 MB of arguments; at most 16 MB" in result.checks[1].message
    assert "puts something else in the place of `square`" in result.checks[2].message


def test_calls_are_counted(grade):
    """A test that calls a slow function a hundred times does not hold up the class."""
    begin = time.monotonic()
    checks = grade(SOLUTION.replace("    calls += 1\n", "    calls += 1\n    import time; time.sleep(0.2)\n"))
    assert time.monotonic() - begin < 30
    assert "`square` did not return within 3 s in all." in checks["functions_test"].message
