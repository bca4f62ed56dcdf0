"""`[credit]`: what may stand there, what is told of the rest, and what students see of such a test."""

import copy

import nbformat
import pytest
from nbgrader.preprocessors import ClearHiddenTests

from autograder.assignment.credit import with_credit
from autograder.assignment.settings import find_settings_problems, read_assignment, read_notebook
from autograder.errors import SourceError
from autograder.model import Credit
from tests.grade.tiny import NAME, TEST, source, write_course


@pytest.fixture
def folder(tmp_path):
    """The tiny assignment's source folder."""
    folder = write_course(tmp_path)[0].folder
    (folder / "S.md").write_text("For students.")
    return folder


def _say(folder, *lines):
    path = folder / "assignment.toml"
    path.write_text(path.read_text() + "\n".join(lines) + "\n")
    return folder


def test_what_it_says_is_read(folder):
    """A check's own share comes before the others'; 0 takes one away."""
    _say(folder, "[credit]", "wrong_layer = 0.5", "pooled = 0.25", "[credit.ex1_test]", "wrong_layer = 0.75")
    _say(folder, "pooled = 0")
    assert not find_settings_problems(folder, read_notebook(folder))
    credit = read_assignment(folder).credit
    assert credit.of("ex1_test") == {"wrong_layer": 0.75}
    assert credit.of("another") == {"wrong_layer": 0.5, "pooled": 0.25}
    assert Credit().of("ex1_test") == {}


@pytest.mark.parametrize(
    ("lines", "line", "message"),
    [
        (["[credit]", "wrong_layr = 0.5"], 10, "`wrong_layr` in [credit] is no kind of mistake"),
        (["[credit]", "wrong_layr = 0.5"], 10, "the nearest is 'wrong_layer'"),
        (["[credit]", "wrong_layer = 1.5"], 10, "is 1.5; expected: a number from 0 to below 1"),
        (["[credit]", "wrong_layer = true"], 10, "expected: a number"),
        (["[credit]", 'wrong_layer = "half"'], 10, "expected: a number"),
        (["[credit]", "missing = 0.5"], 10, "nothing was recognised"),
        (["[credit.ex9]", "wrong_layer = 0.5"], 9, "[credit.ex9] is about no test cell"),
        (["[credit]", "pooled = 0.5", "[credit.ex1_test]", "pooled = 2"], 12, "`pooled` in [credit.ex1_test] is 2"),
    ],
)
def test_mistakes_are_told_with_their_lines(folder, lines, line, message):
    """A kind that isn't one, a share that isn't one, a check that isn't there."""
    (problem,) = find_settings_problems(_say(folder, *lines), read_notebook(folder))
    assert message in problem.message
    assert problem.line == line


def test_a_tests_own_kind_may_be_named(folder):
    """An instructor's test may raise a kind of its own."""
    notebook = source()
    notebook.cells[2].source = TEST.replace("wrong_layer", "too_small")
    nbformat.write(notebook, folder / f"{NAME}.ipynb")
    assert not find_settings_problems(_say(folder, "[credit]", "too_small = 0.5"), read_notebook(folder))


def test_students_see_the_same_text():
    """Without hidden lines a test is what it was; and one without credit is left alone."""
    plain = source()
    credited = with_credit(copy.deepcopy(plain), Credit({"wrong_layer": 0.75}))
    assert credited.cells[2].source != plain.cells[2].source
    assert with_credit(copy.deepcopy(plain), Credit()) == plain
    shown = [ClearHiddenTests().preprocess(notebook, {})[0].cells[2].source.strip() for notebook in (plain, credited)]
    assert shown[0] == shown[1]


def test_a_text_with_both_quotes_is_told():
    """Nothing could stand round it."""
    notebook = source()
    notebook.cells[2].source = "a = '''b'''\nc = \"\"\"d\"\"\""
    with pytest.raises(SourceError, match="`ex1_test` holds both"):
        with_credit(notebook, Credit({"wrong_layer": 0.75}))
