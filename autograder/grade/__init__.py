"""Grade a folder of submissions: find them, run them in a sandbox, and write what comes of it."""

from autograder.grade.grade import GradeRequest, grade
from autograder.sandbox.isolation import choose_isolation
from autograder.sandbox.limits import Limits

__all__ = ["GradeRequest", "Limits", "choose_isolation", "grade"]
