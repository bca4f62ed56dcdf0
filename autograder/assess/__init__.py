"""Measure how right the grader is about one assignment, before anybody is graded."""

from autograder.assess.assess import Accuracy, Figure, assess

__all__ = ["Accuracy", "Figure", "assess"]
