"""Answers that are equal or nearly equal are found, and two people's own words are not."""

import pytest

from autograder.report.marking.similar import find_alike

ANSWER = (
    "The groups of the deep layer are tighter and cleaner than those of the pixels, since the network was trained to tell "
    "the digits apart. The fours and nines still touch, because a nine with an open loop has the form of a four."
)
RESHUFFLED = ANSWER.replace("tighter and cleaner", "cleaner and tighter").replace("since", "as")
OWN = (
    "Compared with the map of raw images, each class forms its own island in the deep map. The network learned features "
    "which separate classes, so that style matters less. Some 4s lie with the 9s: they look alike."
)


@pytest.mark.parametrize(
    ("texts", "found"),
    [
        ([ANSWER, OWN], []),
        ([ANSWER, OWN, ANSWER.upper().replace(" ", "  ")], [((0, 2), True)]),
        ([OWN, ANSWER, RESHUFFLED], [((1, 2), False)]),
        ([ANSWER, RESHUFFLED, ANSWER], [((0, 1, 2), False)]),
        (["4 and 9", "4 and 7", "4 and 9"], [((0, 2), True)]),
        (["", "", " "], []),
        (["?", "?"], [((0, 1), True)]),
        ([], []),
    ],
)
def test_what_is_alike(texts: list[str], found: list[tuple[tuple[int, ...], bool]]) -> None:
    """Equal but for capitals and spaces, or nearly equal where there is enough to compare."""
    assert [(group.places, group.equal) for group in find_alike(texts)] == found
