"""How systems name what students hand in: one module for each, and this list of them.

A convention reads all names of a folder together. Only what the system itself writes says whose
work a file is; what a student chose, such as the original file's name behind it, never does.
"""

from __future__ import annotations

from autograder.collect.conventions.blackboard import Blackboard
from autograder.collect.conventions.by_hand import ByHand
from autograder.collect.conventions.canvas import Canvas
from autograder.collect.conventions.d2l import D2L
from autograder.collect.conventions.github import GitHub
from autograder.collect.conventions.gradescope import GradescopeExport
from autograder.collect.conventions.moodle import Moodle
from autograder.collect.conventions.nbgrader import Nbgrader
from autograder.collect.records import Convention

__all__ = ["BY_HAND", "CONVENTIONS", "NAMES"]

BY_HAND = ByHand()
CONVENTIONS: tuple[Convention, ...] = (
    GradescopeExport(),
    Moodle(),
    D2L(),
    Blackboard(),
    GitHub(),
    Nbgrader(),
    Canvas(),
)
"""All but `BY_HAND`, which takes any name; the ones whose marks are hardest to mistake come first."""

NAMES = ("auto", "nbgrader", "canvas", "moodle", "blackboard", "d2l", "gradescope", "github", "folder")
"""What `--from` takes."""
