"""The exceptions that the package raises for people: one sentence each, and a tip where there is one."""

from __future__ import annotations

__all__ = ["AutograderError", "BuildError", "GateError", "GradeError", "SourceError"]


class AutograderError(Exception):
    """Say what went wrong in one sentence; the command line prints it without a traceback.

    Args:
        message: what happened, where, and how far from what is allowed.
        tip: what to try next.
    """

    def __init__(self, message: str, tip: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.tip = tip


class SourceError(AutograderError):
    """An instructor's source has mistakes; the message lists every one with file, cell and line."""


class BuildError(AutograderError):
    """A tool that the build drives failed, or an output could not be written."""


class GateError(AutograderError):
    """What was built breaks one of the gate's promises."""


class GradeError(AutograderError):
    """`grade` was called wrongly, or its results cannot be written."""
