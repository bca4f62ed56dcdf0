"""The sandbox is tested through the engine that the tests of running use."""

from tests.execute.conftest import engine, grade, plan

__all__ = ["engine", "grade", "plan"]
