"""A graded assignment on mapping a network's representations: its build, its checks, its grader."""
