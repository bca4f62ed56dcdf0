"""Write the source of a new assignment from a trained network and its data."""

from autograder.new.create import NewAssignment, create

__all__ = ["NewAssignment", "create"]
