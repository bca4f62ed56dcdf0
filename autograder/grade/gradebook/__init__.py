"""nbgrader's gradebook of a class: made, filled with scores, read, and given the marks of people."""
