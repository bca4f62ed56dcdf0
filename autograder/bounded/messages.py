"""The messages between the grader and a bounded process; both are ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Answer", "RefusalError", "Task"]


class RefusalError(Exception):
    """A task can't be done, for a reason that is foreseen: it is raised on the grader's side, and the process goes on."""


@dataclass(frozen=True)
class Task:
    """What a bounded process is to do.

    Attributes:
        function: is called with the process's end of the connection first if it `converses`, and with the arguments.
        arguments: plain data.
        converses: whether it talks with the grader before it answers.
        seconds: how long it may compute.
        memory: how many bytes it may take, beside those that every such process has.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    converses: bool
    seconds: float
    memory: int


@dataclass(frozen=True)
class Answer:
    """What came of a task.

    Attributes:
        value: what the function returned; None where it refused.
        error: its refusal; None where it returned.
    """

    value: Any = None
    error: RefusalError | None = None
