"""The exceptions that the package raises for people: one sentence each, and a tip where there is one."""

from __future__ import annotations

__all__ = ["AutograderError", "BuildError", "GateError", "GradeError", "OutOfTimeError", "SourceError"]

_LAST_LINES = 20


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


class OutOfTimeError(AutograderError):
    """Our own limit of time stopped what we ran; that says nothing about what it was given.

    Args:
        what: the command, as a person types it, or what else ran.
        seconds: how long it may take.
        output: all that it printed; the message ends with the last lines.
    """

    def __init__(self, what: str, seconds: float, output: str) -> None:
        lines = output.strip().splitlines()
        printed = "\n".join(["It had printed:", *lines[-_LAST_LINES:]]) if lines else "It had printed nothing."
        super().__init__(
            f"{what} was stopped: it may take {seconds:g} s, and had not ended by then. {printed}",
            "A machine that is busy with other work is slow: try again when it is less so.",
        )
