"""Give feedback back: what a learning management system takes for a class at once."""

from autograder.give_back.give_back import GiveBackRequest, Given, give_back
from autograder.give_back.lms import find_systems

__all__ = ["GiveBackRequest", "Given", "find_systems", "give_back"]
