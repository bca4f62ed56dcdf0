"""Messages call a cell what a student can see of it."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.assignment.exercise_names import name_answer_cells


def _answer(name: str) -> nbformat.NotebookNode:
    return new_code_cell(metadata={"nbgrader": {"grade_id": name, "solution": True}})


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ([new_markdown_cell("---\n## Exercise 2: map (4 points)"), _answer("a")], ["the answer cell of Exercise 2"]),
        ([new_markdown_cell("## Bonus exercise 3"), _answer("a")], ["the answer cell of Exercise 3"]),
        (
            [new_markdown_cell("# Exercise 1"), _answer("a"), new_markdown_cell("On exercise 4."), _answer("b")],
            ["the first answer cell of Exercise 1", "the second answer cell of Exercise 1"],
        ),
        ([new_markdown_cell("# Sums"), _answer("a")], ["the cell `a`"]),
        ([new_markdown_cell("# Exercise 1"), *(_answer(f"a{i}") for i in range(10))], None),
    ],
)
def test_the_exercise_is_that_of_the_heading_above(cells: list[nbformat.NotebookNode], words: list[str] | None) -> None:
    """Several cells of one exercise are counted, up to nine; where no heading names one, the id is all there is."""
    names = list(name_answer_cells(cells).values())
    if words is None:
        assert names[8:] == ["the ninth answer cell of Exercise 1", "the cell `a9`"]
    else:
        assert names == words


def test_a_students_own_heading_names_no_exercise() -> None:
    """What stands in a written answer is the student's."""
    written = new_markdown_cell("# Exercise 9", metadata={"nbgrader": {"grade_id": "w", "solution": True}})
    assert name_answer_cells([new_markdown_cell("# Exercise 1"), written, _answer("a")]) == {
        "a": "the answer cell of Exercise 1"
    }


def test_the_assignments_cells_are_named(root: Path) -> None:
    """The code answers of the real assignment."""
    notebook = nbformat.read(
        root / "source" / "mapping_representations" / "mapping_representations.ipynb", as_version=4
    )
    assert name_answer_cells(notebook.cells) == {
        "ex2_map": "the first answer cell of Exercise 2",
        "ex2_readings": "the second answer cell of Exercise 2",
        "ex3_map": "the first answer cell of Exercise 3",
        "ex3_readings": "the second answer cell of Exercise 3",
    }
