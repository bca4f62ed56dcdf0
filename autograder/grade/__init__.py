"""Grade a folder of submissions: find them, run them in a sandbox, and write what comes of it."""

from autograder.grade.grade import Request, grade
from autograder.sandbox.isolation import choose_isolation
from autograder.sandbox.limits import Limits

__all__ = ["Limits", "Request", "choose_isolation", "grade"]
