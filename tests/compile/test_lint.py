"""Mistakes in a source are told with file, cell and line, and nothing is written."""

import pytest

from autograder.assignment.settings import read_notebook
from autograder.compile.compiler import build
from autograder.compile.lint import check_source, find_problems
from autograder.errors import SourceError
from tests.compile.small import SOLUTION, TEST, write_small_course

SETUP_CELL, SOLUTION_CELL, TEST_CELL, WRITTEN_CELL = 1, 2, 3, 4


def source_of(index, text):
    """Return a change that gives one cell another text."""

    def change(notebook):
        notebook.cells[index].source = text

    return change


def marks_of(index, **values):
    """Return a change of one cell's nbgrader metadata; None takes the key away."""

    def change(notebook):
        marks = notebook.cells[index].metadata.nbgrader
        for key, value in values.items():
            if value is None:
                marks.pop(key)
            else:
                marks[key] = value

    return change


def test_a_sound_source_has_no_problems(tmp_path):
    """The small course is sound, so that each broken variant has one cause."""
    folder = write_small_course(tmp_path)
    assert find_problems(folder) == ()
    assert check_source(folder).assignment.name == "small"


def test_an_answer_without_markers_is_a_solution_as_a_whole(tmp_path):
    """As nbgrader has it: nothing of it is published."""

    def unmark(notebook):
        source_of(SOLUTION_CELL, "total = base * 111 + 9")(notebook)
        source_of(WRITTEN_CELL, "Because.")(notebook)

    folder = write_small_course(tmp_path, unmark)
    assert find_problems(folder) == ()
    cells = read_notebook(folder).cells
    assert cells[SOLUTION_CELL].source == "### BEGIN SOLUTION\ntotal = base * 111 + 9\n### END SOLUTION"
    assert cells[WRITTEN_CELL].source == "<!-- BEGIN SOLUTION -->\nBecause.\n<!-- END SOLUTION -->"


CASES = {
    "unbalanced": (source_of(SOLUTION_CELL, SOLUTION.replace("### END SOLUTION", "")), "sum", 2, "has no END SOLUTION"),
    "stray end": (source_of(SOLUTION_CELL, SOLUTION + "\n### END SOLUTION"), "sum", 6, "has no BEGIN SOLUTION"),
    "nested": (
        source_of(SOLUTION_CELL, "total = None\n### BEGIN SOLUTION\n" + SOLUTION + "\n### END SOLUTION"),
        "sum",
        4,
        "inside the SOLUTION region that begins in line 2",
    ),
    "solution elsewhere": (
        source_of(SETUP_CELL, "base = 3\n### BEGIN SOLUTION\nx = 1\n### END SOLUTION"),
        "setup",
        2,
        "no solution cell",
    ),
    "hidden tests elsewhere": (
        source_of(SETUP_CELL, "base = 3\n### BEGIN HIDDEN TESTS\nx = 1\n### END HIDDEN TESTS"),
        "setup",
        2,
        "no test cell",
    ),
    "duplicate id": (marks_of(SETUP_CELL, grade_id="sum_test"), "sum_test", 1, "stands on 2 cells"),
    "missing id": (marks_of(TEST_CELL, grade_id=None), "#4", 1, "without a grade_id"),
    "bad id": (marks_of(TEST_CELL, grade_id="sum test"), "sum test", 1, "letters, digits"),
    "no points": (marks_of(TEST_CELL, points=None), "sum_test", 1, "points above 0; found None"),
    "zero points": (marks_of(WRITTEN_CELL, points=0), "why", 1, "points above 0; found 0"),
    "unknown metadata": (marks_of(TEST_CELL, colour="red"), "sum_test", 1, "doesn't accept"),
    "undefined name": (source_of(TEST_CELL, TEST + "\nassert tota1 > 0"), "sum_test", 5, "reads 'tota1'"),
    "untested answer": (source_of(SOLUTION_CELL, "\nmean = None\n" + SOLUTION), "sum", 2, "looks at the answer 'mean'"),
    "untested solution": (
        source_of(SOLUTION_CELL, "### BEGIN SOLUTION\nprint(base)\n### END SOLUTION"),
        "sum",
        1,
        "looks at anything",
    ),
    "syntax": (source_of(SETUP_CELL, "base = 3\nx = = 1"), "setup", 2, "not valid Python"),
    "otter ignore": (source_of(SETUP_CELL, "base = 3\nx = 1  # IGNORE"), "setup", 2, "'# IGNORE'"),
    "otter ignore cell": (source_of(0, "# Ignore the noise"), "#1", 1, "first line begins with Ignore"),
}


@pytest.mark.parametrize(("change", "cell", "line", "words"), CASES.values(), ids=CASES)
def test_each_mistake_is_told_with_its_cell_and_line(tmp_path, change, cell, line, words):
    """One broken notebook a rule; the sentence names the file too."""
    problems = find_problems(write_small_course(tmp_path, change))
    found = [problem for problem in problems if words in problem.message]
    assert found, [str(problem) for problem in problems]
    assert (found[0].cell, found[0].line) == (cell, line)
    assert f"small.ipynb: cell {cell}" in str(found[0])


def test_a_notebook_without_a_kernel_is_told(tmp_path):
    """otter ends in a KeyError there."""
    problems = find_problems(write_small_course(tmp_path, lambda notebook: notebook.metadata.pop("kernelspec")))
    assert ["kernelspec" in problem.message for problem in problems] == [True]


def test_a_notebook_without_points_is_told(tmp_path):
    """There would be nothing to grade."""

    def change(notebook):
        notebook.cells = notebook.cells[:2]

    assert [problem.message for problem in find_problems(write_small_course(tmp_path, change))] == [
        "no cell carries points."
    ]


@pytest.mark.parametrize(
    ("name", "words"), [("gone.npz", "which isn't there"), ("../secret.txt", "outside the source")]
)
def test_a_released_file_that_is_missing_or_elsewhere_is_told(tmp_path, name, words):
    """The settings' file is named, since the mistake is there."""
    folder = write_small_course(tmp_path)
    settings = folder / "assignment.toml"
    settings.write_text(settings.read_text().replace("numbers.txt", name))
    with pytest.raises(SourceError, match=words) as caught:
        build(tmp_path, "small", gate=False)
    assert f"{settings}: line 3: " in caught.value.message


def test_a_build_with_mistakes_lists_all_of_them_and_writes_nothing(tmp_path):
    """One run tells everything that has to be mended."""

    def change(notebook):
        source_of(SOLUTION_CELL, SOLUTION.replace("### END SOLUTION", ""))(notebook)
        marks_of(WRITTEN_CELL, points=None)(notebook)

    write_small_course(tmp_path, change)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SourceError, match="small has 2 mistakes") as caught:
        build(tmp_path, "small")
    assert "cell sum" in caught.value.message
    assert "cell why" in caught.value.message
    assert sorted(tmp_path.rglob("*")) == before


def test_an_unknown_assignment_is_told_with_those_there_are(tmp_path):
    """A typing error is the usual cause."""
    write_small_course(tmp_path)
    with pytest.raises(SourceError, match="no assignment 'smal'") as caught:
        build(tmp_path, "smal")
    assert "small" in caught.value.tip


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("assignment.toml", None, "is missing"),
        ("assignment.toml", "title = ", "not valid TOML"),
        ("assignment.toml", "title = 'x'", r"\[release\] is missing"),
        ("small.ipynb", None, "is missing: the source notebook"),
        ("small.ipynb", "not json", "can't be read as a notebook"),
    ],
)
def test_a_source_that_cannot_be_read_is_told(tmp_path, file, text, words):
    """Neither a traceback nor half a build."""
    from autograder.assignment.settings import read_source

    folder = write_small_course(tmp_path)
    path = folder / file
    path.unlink()
    if text is not None:
        path.write_text(text)
    with pytest.raises(SourceError, match=words):
        read_source(folder)
