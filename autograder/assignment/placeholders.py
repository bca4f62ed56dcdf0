"""What releases put into answer cells that nobody has filled in, nbgrader's and otter's."""

from __future__ import annotations

import re

__all__ = ["OTTER_COMMENT", "OTTER_PROMPT", "evened", "is_placeholder", "without_placeholder"]

OTTER_PROMPT = "_Type your answer here, replacing this text._"
_PROMPTS = ("YOUR ANSWER HERE", OTTER_PROMPT)
_CODE = ("# YOUR CODE HERE", "raise NotImplementedError()", "...")
OTTER_COMMENT = re.compile(r"<!-- (?:BEGIN|END) QUESTION -->")


def evened(text: str) -> str:
    """Return a text with its white space evened out, without the comments that otter marks questions with."""
    return " ".join(OTTER_COMMENT.sub(" ", text).split())


def without_placeholder(text: str) -> str:
    """Return a text evened out, without what asks the student to write something in its place."""
    lines = (line for line in text.splitlines() if line.strip() not in (*_CODE, *_PROMPTS))
    return evened("\n".join(lines))


def is_placeholder(text: str, given: str | None = None) -> bool:
    """Return whether an answer's text is what it was before anybody wrote.

    Args:
        text: the answer's.
        given: the release's text; None where it isn't at hand.
    """
    rest = without_placeholder(text)
    return not rest or (given is not None and rest in (evened(given), without_placeholder(given)))
