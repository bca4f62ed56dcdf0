"""Answers are dealt out evenly, the same each time, some of them to two."""

from collections import Counter

import pytest

from autograder.report.marking.dealing import deal

CLASS = {"ex1_written": [f"s{n}" for n in range(100)], "ex2_written": [f"s{n}" for n in range(30)]}


@pytest.mark.parametrize("markers", [("ada", "ben"), ("ada", "ben", "carl")])
@pytest.mark.parametrize("overlap", [0.0, 0.1, 1.0])
def test_everything_is_dealt(markers: tuple[str, ...], overlap: float) -> None:
    """Each answer to somebody, that share to two people, never twice to one; nobody has much more than others."""
    dealt = deal("hw", CLASS, markers, overlap)
    counts = Counter(answer for one in dealt for answer in one.answers)
    assert set(counts) == {(student, cell) for cell, students in CLASS.items() for student in students}
    assert sorted(counts.values()) == [1] * round(130 * (1 - overlap)) + [2] * round(130 * overlap)
    sizes = [len(one.answers) for one in dealt]
    assert max(sizes) - min(sizes) <= 4


def test_it_is_the_same_each_time() -> None:
    """Whatever order the class comes in; another assignment is dealt otherwise."""
    backwards = {cell: students[::-1] for cell, students in CLASS.items()}
    assert deal("hw", CLASS, ("ada", "ben"), 0.1) == deal("hw", backwards, ("ada", "ben"), 0.1)
    assert deal("hw", CLASS, ("ada", "ben"), 0.1) != deal("hw2", CLASS, ("ada", "ben"), 0.1)
