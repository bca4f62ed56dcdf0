"""Names are told apart into those that a cell binds and those that it reads from elsewhere."""

import pytest

from autograder.assignment.names import Names, names_if_python, names_of, python_of


@pytest.mark.parametrize(
    ("code", "assigned", "read"),
    [
        ("x = y + 1", {"x"}, {"y"}),
        ("import numpy as np\nnp.sum(z)", {"np"}, {"z"}),
        ("def f(a):\n    return a + b\nf(c)", {"f"}, {"b", "c"}),
        ("for i in items:\n    total = total_of(i)", {"i", "total"}, {"items", "total_of"}),
        ("[k * q for k in range(3)]", set(), {"q"}),
        ("a, (b, *c) = value", {"a", "b", "c"}, {"value"}),
        ("x += 1", {"x"}, {"x"}),
        ("with open(path) as file:\n    text = file.read()", {"file", "text"}, {"path"}),
        ("%matplotlib inline\nprint(len(y))", set(), {"y"}),
        ("try:\n    import fast\nexcept ImportError:\n    fast = None\nfast", {"fast"}, set()),
        ("(n := count)\nprint(n)", {"n"}, {"count"}),
        ("class A:\n    size = width\nA()", {"A"}, {"width"}),
    ],
)
def test_reads_and_bindings_of_a_cell(code, assigned, read):
    """Builtins and names bound before in the same cell are not reads."""
    names = names_of(code)
    assert set(names.assigned) == assigned
    assert set(names.read) == read


def test_the_line_of_the_first_use_is_known():
    """It is what the instructor looks for."""
    assert names_of("a = 1\n\nassert a == missing").lines == {"missing": 3}


def test_functions_and_classes_are_told_apart_from_data():
    """A lambda that is given a name is a function too."""
    assert names_of("def f(): ...\nclass A: ...\ng = lambda: 0\nx = 1").functions == {"f", "A", "g"}


def test_a_null_byte_is_no_python():
    """On every version of Python: 3.13's tokenizer raises a SystemError at one behind the first line."""
    with pytest.raises(SyntaxError):
        names_of("x = 1\nprint(x)\n\0")


@pytest.mark.parametrize(
    "code", ["x = a" + ".a" * 50_000, "x = " + "-" * 100_000 + "1", "x = " + "(" * 5000 + ")" * 5000]
)
def test_code_that_is_nested_too_deeply_has_no_names(code):
    """The submission that it stands in has its result, and its page."""
    assert names_if_python(code) == Names()


def test_lines_that_are_too_long_for_ipython_are_read_as_python_alone():
    """Python 3.12's tokenizer copies the line for every token, so that memory grows with its square."""
    numbers = ", ".join(["1"] * 20_000)
    assert names_of(f"x = [{numbers}]").assigned == ("x",)
    assert python_of("%time x = 1\ny = [" + ", ".join(["1"] * 1000) + "]").startswith("get_ipython()")
    with pytest.raises(SyntaxError, match="too long"):
        python_of(f"%time x = [{numbers}]")
