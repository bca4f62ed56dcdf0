"""Which results a page is about."""

import pytest

from autograder.report.class_records import ReportError, of_assignment, task_of
from tests.report.classes import NAME, result


def test_the_only_assignment_needs_no_name() -> None:
    """Where one assignment was graded, it is meant; students are sorted as people sort."""
    found = of_assignment([result("bob"), result("Ada"), result("Cleo")])
    assert [one.student for one in found] == ["Ada", "bob", "Cleo"]


def test_the_later_result_of_a_student_counts() -> None:
    """A student stands once on the page."""
    (found,) = of_assignment([result(score=1.0), result(score=2.0)])
    assert found.score == 2.0


def test_one_of_several_is_chosen() -> None:
    """A name chooses."""
    results = [result(), result(assignment="other")]
    assert [one.assignment for one in of_assignment(results, NAME)] == [NAME]


@pytest.mark.parametrize(
    ("results", "name", "words"),
    [
        ([], None, "no results here"),
        ([result(), result(assignment="other")], None, "results of 'other', 'tiny'"),
        ([result()], "other", "no results of 'other', but of 'tiny'"),
    ],
)
def test_what_cannot_be_chosen_is_told(results: list, name: str | None, words: str) -> None:
    """No results, too many assignments and one that is not there are each named."""
    with pytest.raises(ReportError, match=words):
        of_assignment(results, name)


@pytest.mark.parametrize(
    ("cell", "words"),
    [("ex2_map", "Exercise 2, map"), ("exercise10_a_b", "Exercise 10, a b"), ("bonus", "Bonus"), ("q_x", "Q, x")],
)
def test_cells_have_names_for_people(cell: str, words: str) -> None:
    """A cell's id is told as its exercise and its task."""
    assert task_of(cell) == words
