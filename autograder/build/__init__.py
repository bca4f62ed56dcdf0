"""Compile an instructor's source into what students, graders and teaching assistants get."""

from autograder.build.compiler import build

__all__ = ["build"]
