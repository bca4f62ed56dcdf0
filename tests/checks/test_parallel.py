"""Work that two threads share is done once, and comes back in order."""

import pytest

from autograder.checks.parallel import in_two_threads


@pytest.mark.parametrize(("count", "size", "parts"), [(10, 10, 1), (7, 2**21, 2), (1, 2**22, 1)])
def test_halves_are_everything_once(count: int, size: int, parts: int) -> None:
    """Each row is worked on, by one of two or by one alone."""
    found = in_two_threads(lambda half: list(range(count))[half], count, size)
    assert len(found) == parts
    assert [place for part in found for place in part] == list(range(count))
