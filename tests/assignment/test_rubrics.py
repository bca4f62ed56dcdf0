"""Mark schemes are found in the source, for those who mark."""

from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.assignment.rubrics import find_rubric_mistakes, read_items, read_rubrics
from autograder.assignment.settings import read_notebook

SCHEME = "The answer.\n<!-- BEGIN MARK SCHEME -->\n* 1 point: why\n\n* 1 point: how\n<!-- END MARK SCHEME -->"


def _notebook(*cells: tuple[str, str, bool]) -> NotebookNode:
    notebook = new_notebook()
    for name, text, written in cells:
        new = new_markdown_cell if written else new_code_cell
        notebook.cells.append(new(text, metadata={"nbgrader": {"grade_id": name, "grade": True, "solution": written}}))
    return notebook


def test_a_mark_scheme_is_what_stands_between_the_markers() -> None:
    """Neither the model answer nor the markers are part of it."""
    assert read_rubrics(_notebook(("q", SCHEME, True))) == {"q": "* 1 point: why\n\n* 1 point: how"}


@pytest.mark.parametrize("cell", [("q", "No scheme.", True), ("q", SCHEME, False), ("q", "", True)])
def test_cells_without_one_are_left_out(cell: tuple[str, str, bool]) -> None:
    """An answer without a scheme has none, and what the machine scores needs none."""
    assert read_rubrics(_notebook(cell)) == {}


def test_every_written_answer_of_the_assignment_has_one(root: Path) -> None:
    """The shipped assignment's three written answers each say how they are marked."""
    found = read_rubrics(read_notebook(root / "source" / "mapping_representations"))
    assert found.keys() == {"ex1_written", "ex2_written", "ex3_written"}
    assert all("point" in scheme and "MARK SCHEME" not in scheme for scheme in found.values())


@pytest.mark.parametrize(
    ("line", "items"),
    [
        ("* 1 point: names *why*.", [(1.0, "names *why*.")]),
        ("- 2.5 points: all of it", [(2.5, "all of it")]),
        ("- **1 point**: in bold", [(1.0, "in bold")]),
        ("- **1 point:** so too", [(1.0, "so too")]),
        ("* 1 points: so", [(1.0, "so")]),
        ("* Half a point: a reason: shape", [(0.5, "a reason: shape")]),
        (
            "* Question 2, 2 points: what (1); why, as (a) or b (1).",
            [(1.0, "Question 2: what"), (1.0, "Question 2: why, as (a) or b")],
        ),
        ("* 2 points: strays (1); a cause (1). No strays gets 1 point.", [(1.0, "strays"), (1.0, "a cause")]),
        ("* 3 points: what (1); why (1)", [(3.0, "what (1); why (1)")]),
        ("* of a point's 10 nearest neighbours, 96% are of its own class.", []),
        ("1 point: no bullet", []),
    ],
)
def test_items_are_read(line: str, items: list[tuple[float, str]]) -> None:
    """Bullets that begin with points, parts in parentheses one by one where they add up; other bullets tell something."""
    assert [(item.points, item.text) for item in read_items(line)] == items


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("* 1 point: why", True),
        ("* why: 1 point", False),
        ("* up to 2 points for a reason", False),
        ("* a reason gets half a point", False),
        ("* of a point's neighbours most are near", True),
        ("Half a point where no reason is given.", True),
    ],
)
def test_what_cannot_be_ticked_is_told(line: str, read: bool) -> None:
    """A bullet that speaks of points elsewhere than at its beginning is named with its line."""
    notebook = _notebook(
        ("q", f"The answer.\n<!-- BEGIN MARK SCHEME -->\n* 1 point: x\n{line}\n<!-- END MARK SCHEME -->", True)
    )
    found = list(find_rubric_mistakes(notebook.cells))
    assert [place[:2] for place in found] == ([] if read else [(0, 4)])
