"""Grade a folder of submissions: find them, run them in a sandbox, and write what comes of it."""

from autograder.execute.isolation import choose_isolation
from autograder.execute.limits import Limits
from autograder.grade.grade import Request, grade

__all__ = ["Limits", "Request", "choose_isolation", "grade"]
