"""The incumbents, driven from outside: nbgrader and otter-grader."""
