"""Gradescope: feedback is what the autograder shows, and nothing is uploaded for a class."""

from __future__ import annotations

from autograder.give_back.systems import NoSystem

__all__ = ["SYSTEM"]

SYSTEM = NoSystem(
    name="gradescope",
    title="Gradescope",
    next_step=(
        "Gradescope takes no feedback files: students see what its autograder said, maps included. Rerun Autograders gives "
        "the whole class the results of a new zip; `--lms folder` makes pages for a web server."
    ),
)
