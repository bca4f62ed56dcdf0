"""Drive nbgrader from outside: configuration of our course folder, and private courses to grade in."""

from autograder.peers.nbgrader.config import CELL_SECONDS, course_config
from autograder.peers.nbgrader.course import Course, Run
from autograder.peers.nbgrader.gradebook import open_gradebook
from autograder.peers.nbgrader.new_gradebook import make_gradebook, update_gradebook

__all__ = ["CELL_SECONDS", "Course", "Run", "course_config", "make_gradebook", "open_gradebook", "update_gradebook"]
