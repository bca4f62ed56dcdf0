"""Show the accuracy of an assignment's grader in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.accuracy import Accuracy

__all__ = ["lines_of"]


def lines_of(accuracy: Accuracy) -> Iterator[str]:
    """Yield what was measured, each disagreement, and which layers can't be told apart."""
    yield f"right values accepted   {accuracy.accepted}"
    yield f"wrong values caught     {accuracy.caught}"
    yield f"mistakes named rightly  {accuracy.named}"
    for name, wanted, said in accuracy.disagreements:
        yield f"  {name}: said {said}, and not {wanted}"
    for group in accuracy.alike:
        yield f"the same values, so that each counts as the others: {', '.join(group)}"
