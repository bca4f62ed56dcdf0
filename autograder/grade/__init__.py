"""Grade a folder of submissions: find them, run an engine over them, and write what it says as it comes."""

from autograder.grade.engine import Graded, Limits
from autograder.grade.grade import Request, grade

__all__ = ["Graded", "Limits", "Request", "grade"]
