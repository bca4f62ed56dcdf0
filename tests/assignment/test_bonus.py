"""Bonus stands in the cells alone, as their tag: what says otherwise is told with its line."""

from typing import Any

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.assignment.bonus import find_bonus_mistakes
from autograder.assignment.cells import is_bonus


def _cells(*, tags: Any = ("bonus",), text: str = "", test: str = "assert b") -> list[NotebookNode]:
    """Return two exercises, the second of which has these tags; text stands above each, and in front of both."""

    def marks(name: str, **more: Any) -> dict[str, Any]:
        return {"nbgrader": {"grade_id": name, "grade": False, "solution": False, "locked": True} | more}

    return [
        new_markdown_cell(text, metadata=marks("intro")),
        new_markdown_cell("", metadata=marks("ex1_text")),
        new_code_cell("assert a", metadata=marks("ex1_test", grade=True, points=3)),
        new_markdown_cell(text, metadata=marks("ex2_text")),
        new_code_cell(test, metadata=marks("ex2_test", grade=True, points=4) | {"tags": list(tags)}),
    ]


def _told(**fields: Any) -> list[tuple[int, int]]:
    return [(index, line) for index, line, _ in find_bonus_mistakes(_cells(**fields))]


@pytest.mark.parametrize(
    ("text", "with_tag", "without"),
    [
        ("## Exercise 2 (4 points)", [(3, 1)], []),
        ("## Bonus exercise 2 (4 points)", [], [(3, 1)]),
        ("# Exercise 2\n### Bonus", [], [(3, 2)]),
        ("## Exercise 2\n### A hint", [], []),
        ("no bonus word is meant\n4 points", [], []),
        ("| | what | points |\n| --- | --- | --- |\n| 1 | a | 3 |\n| 2 (bonus) | b | 4 |", [], [(0, 4), (3, 4)]),
        ("| | what | points |\n| --- | --- | --- |\n| 2 | b | 4 |", [(0, 3), (3, 3)], []),
        ("| | layer |\n| --- | --- |\n| 2 | dense |", [], []),
    ],
)
def test_texts_and_tags_agree(text: str, with_tag: list[tuple[int, int]], without: list[tuple[int, int]]) -> None:
    """Headings that tell points or speak of bonus, and rows of tables of points."""
    assert _told(text=text) == with_tag
    assert _told(text=text, tags=()) == without


def test_a_test_and_its_tag_agree() -> None:
    """The first line of a test is told to students."""
    assert _told(test="# Bonus: b.\nassert b") == []
    assert _told(test="# Points: b.\nassert b") == [(4, 1)]
    assert _told(test="# Bonus: b.\nassert b", tags=()) == [(4, 1)]


def test_a_tag_without_points_is_told() -> None:
    """On the solution's cell it would say nothing."""
    cells = _cells(tags=())
    cells[3].metadata["tags"] = ["bonus"]
    assert [(index, line) for index, line, _ in find_bonus_mistakes(cells)] == [(3, 1)]


@pytest.mark.parametrize(
    ("tags", "bonus"), [(["bonus"], True), (["x", "Bonus "], True), ([], False), ("bonus", False), ([3], False)]
)
def test_the_tag(tags: Any, bonus: bool) -> None:
    """Whatever its case; other values of the metadata are none."""
    assert is_bonus({"metadata": {"tags": tags}}) is bonus
    assert is_bonus({"metadata": tags}) is False
