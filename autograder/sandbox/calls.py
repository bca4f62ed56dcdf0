"""What comes of calling a student's function in its kernel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from autograder.sandbox.sealed_files import SealedFile

__all__ = ["Call", "CallResult"]


@dataclass(frozen=True)
class CallResult:
    """What came of a call.

    Attributes:
        claims: what the kernel wrote about it; None where it wrote nothing that can be read.
        printed: what the call wrote to stdout.
        stopped: what it did instead of coming to an end, after the function's name; "" where there are claims.
    """

    claims: SealedFile | None
    printed: str = ""
    stopped: str = ""


Call = Callable[[str, str], CallResult]
"""Calls a function: its name, and its arguments, pickled and in base 64."""
