"""Gradescope's container: what the grader does in it, and a root file system laid out as theirs."""
