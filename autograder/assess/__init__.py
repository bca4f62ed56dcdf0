"""Measure how right the grader is about one assignment, before anybody is graded."""

from autograder.assess.assess import assess

__all__ = ["assess"]
