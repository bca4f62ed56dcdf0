"""What a cell is follows from nbgrader's metadata, whatever stands there."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.assignment.cells import (
    cell_kind,
    grade_id,
    is_blank,
    is_graded,
    is_solution,
    is_test,
    is_written,
    nbgrader_metadata,
    points_of,
)

KINDS = [
    ({"grade": False, "solution": False}, "code", "given"),
    ({"grade": False, "solution": True}, "code", "solution"),
    ({"grade": True, "solution": False}, "code", "test"),
    ({"grade": True, "solution": True}, "markdown", "written"),
    ({"grade": True, "solution": True}, "code", "written"),
    (None, "markdown", "given"),
]


@pytest.mark.parametrize(("own", "cell_type", "kind"), KINDS)
def test_each_cell_is_of_one_kind(own: dict | None, cell_type: str, kind: str) -> None:
    """The other questions are about the kind; a notebook read as JSON has the same answers."""
    new = new_code_cell if cell_type == "code" else new_markdown_cell
    cell = new("", metadata={} if own is None else {"nbgrader": own})
    for each in (cell, {"cell_type": cell_type, "metadata": cell.metadata, "source": []}):
        assert cell_kind(each) == kind
        assert is_graded(each) == (kind in ("test", "written"))
        assert is_solution(each) == (kind in ("solution", "written"))
        assert (is_test(each), is_written(each)) == (kind == "test", kind == "written")


@pytest.mark.parametrize(
    "cell",
    [
        {},
        {"metadata": None},
        {"metadata": []},
        {"metadata": {"nbgrader": "x"}},
        {"metadata": {"nbgrader": {"grade_id": 3}}},
    ],
)
def test_a_strangers_metadata_is_no_ones(cell: dict) -> None:
    """A student's file may hold anything."""
    assert (grade_id(cell), cell_kind(cell), points_of(cell)) == ("", "given", 0)


def test_points_are_as_they_were_typed() -> None:
    """Whole numbers stay whole in what is written from them."""
    cell = {"metadata": {"nbgrader": {"grade_id": "q", "points": 4}}}
    assert (grade_id(cell), repr(points_of(cell))) == ("q", "4")
    assert nbgrader_metadata(cell)["points"] == 4


def test_an_answer_that_was_left_is_blank() -> None:
    """Empty, or the release's text: by the text itself, or by nbgrader's checksum of it."""
    from nbgrader.utils import compute_checksum

    own = {"grade_id": "q", "grade": True, "solution": True, "points": 1, "locked": False, "schema_version": 3}
    cell = new_markdown_cell("Your answer.", metadata={"nbgrader": own | {"cell_type": "markdown", "task": False}})
    cell.metadata.nbgrader["checksum"] = compute_checksum(cell)
    assert is_blank(cell)
    assert is_blank(cell, given="Your answer.\n")
    assert not is_blank(cell, given="Another text.")
    cell.source = "Because."
    assert not is_blank(cell)
    assert not is_blank(cell, given="Your answer.")
    cell.source = " \n"
    assert is_blank(cell)
    assert is_blank(cell, given="Your answer.")
