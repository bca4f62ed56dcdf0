"""The main job on sample submissions: build the assignment, grade a class of eight, show the results."""

from autograder.demo.run import run_demo

__all__ = ["run_demo"]
