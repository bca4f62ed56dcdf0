"""Drive nbgrader and otter-grader from outside."""
