"""Points stand in the cells alone: texts take them from there, and what contradicts them is told with its line."""

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.assignment.points import fill_points, find_point_mistakes, find_size_mistakes


def _cell(kind: str, name: str, source: str, points: float | None = None, *, written: bool = False) -> NotebookNode:
    marks = {"grade_id": name, "grade": points is not None, "solution": written, "locked": not written}
    new = new_code_cell if kind == "code" else new_markdown_cell
    return new(source, metadata={"nbgrader": marks | ({} if points is None else {"points": points})})


def _notebook(text: str, scheme: str = "") -> NotebookNode:
    """Return a notebook of two exercises with a text in front, and a mark scheme behind."""
    return new_notebook(
        cells=[
            _cell("markdown", "intro", text),
            _cell("markdown", "ex1_text", text),
            _cell("code", "ex1_test", "assert answer", 3),
            _cell("code", "ex1_more", "assert answer", 0.5),
            _cell("markdown", "ex1_written", scheme, 2, written=True),
            _cell("code", "ex2_test", "assert answer", 4),
        ]
    )


@pytest.mark.parametrize(
    ("field", "number"),
    [
        ("ex1", "5.5"),
        ("ex1.checks", "3.5"),
        ("ex1.written", "2"),
        ("ex1_more", "0.5"),
        ("ex2", "4"),
        ("ex2.written", None),
        ("ex3", None),
        ("", None),
        ("ex1.spoken", None),
    ],
)
def test_a_field_takes_the_cells_points(field: str, number: str | None) -> None:
    """A cell's, an exercise's, or a part of it; what names nothing stays, and is told."""
    text = f"**{{points:{field}}}**"
    notebook = fill_points(_notebook(text))
    assert notebook.cells[0].source == (text if number is None else f"**{number}**")
    told = [message for index, _, message in find_point_mistakes(notebook.cells) if index == 0]
    assert len(told) == (number is None)


def test_code_is_left_alone() -> None:
    """Braces in a program are a program's."""
    notebook = _notebook("")
    notebook.cells[2].source = "f'{points:ex1}'"
    assert fill_points(notebook).cells[2].source == "f'{points:ex1}'"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("# Exercise 1 (5.5 points)", ""),
        ("# Exercise 1 (3.5 + 2 points)", ""),
        ("one\n# Exercise 1 (4 points)", "line 2: it says 4 points, and the cells of ex1 have 5.5"),
        ("# Exercise 1 (1 point)", "line 1: it says 1 points"),
        ("# Exercise 1 (3.5 + 3 points of bonus)", "line 1: it says 3.5 + 3 points"),
        ("A number (4 of 5) that is none, and (4) another", ""),
    ],
)
def test_a_heading_that_says_otherwise(text: str, told: str) -> None:
    """Numbers typed into an exercise's heading are compared with its cells."""
    found = [
        f"line {line}: {message}" for index, line, message in find_point_mistakes(_notebook(text).cells) if index == 1
    ]
    assert found == [] if not told else told in found[0]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("| 1 | a map | 5.5 |", ""),
        ("| 2 (bonus) | a map | 4 |", ""),
        ("| 1 | a map | 3 + 2 |", "it says 3 + 2 points, and the cells of ex1 have 5.5"),
        ("| 3 | a map | 2 |", "it names exercise 3, of which no cell carries points"),
        ("| all | a map | 99 |", ""),
    ],
)
def test_a_table_that_says_otherwise(row: str, told: str) -> None:
    """A table of exercises with a column of points is compared row by row."""
    text = f"| exercise | what | points |\n| --- | --- | --- |\n{row}"
    found = [message for index, line, message in find_point_mistakes(_notebook(text).cells) if (index, line) == (0, 3)]
    assert found == [] if not told else told in found[0]


@pytest.mark.parametrize(
    ("items", "told"),
    [
        ("**Mark scheme (2 points)**\n\n* 1 point: so.\n* 1 point: and so.", ""),
        ("* 1.5 points: so.\n* 0.5 points: and so.", ""),
        ("* 1 point: so.\n* 2 points: and so.", "add up to 3, and this cell has 2"),
        ("* 1 point: so.\n* more for what is said well.", ""),
        ("**Mark scheme (4 points)**", "it says 4 points, and this cell has 2"),
    ],
)
def test_a_mark_scheme_that_says_otherwise(items: str, told: str) -> None:
    """Its items add up to the cell's points, where each has some."""
    scheme = f"### BEGIN SOLUTION\nSo.\n### BEGIN MARK SCHEME\n{items}\n### END MARK SCHEME\n### END SOLUTION"
    found = [message for index, _, message in find_point_mistakes(_notebook("", scheme).cells) if index == 4]
    assert found == [] if not told else told in found[0]


@pytest.mark.parametrize(("rows", "told"), [(1000, 0), (500, 1), ("many", 0)])
def test_a_size_that_the_settings_contradict(rows: object, told: int) -> None:
    """What the checks are asked to look for is what `assignment.toml` says; the name's own line is told."""
    cells = [
        new_code_cell("x = 1\nrows = 1000"),
        _cell("code", "ex1_test", "check(answer, images=rows)", 1),
        _cell("code", "ex1_more", "check(answer, images=rows, points=unknown)", 1),
    ]
    found = list(find_size_mistakes(cells, {"images": rows, "points": 5}))
    assert [(index, line) for index, line, _ in found] == [(0, 2)] * told
