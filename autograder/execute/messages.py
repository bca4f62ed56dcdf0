"""The messages between the grader and the process that reads and runs one submission."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.execute.notebook_run import Execution, SharedOutputs
from autograder.judging.messages import TestOutcome
from autograder.sandbox.fork import KernelFiles
from autograder.sandbox.limits import Limits

__all__ = ["Collected", "ExecutedNotebook", "Finish", "Onward", "OpenedNotebook", "RunReport", "RunRequest"]


@dataclass(frozen=True)
class OpenedNotebook:
    """The first word on a notebook that can be run.

    Attributes:
        note: what was put right in it; "" when nothing was.
        first_cells: of the code cells that it begins with, index and `grade_id`; "" for a student's own.
        begun: the exercises that the student wrote anything in.
    """

    note: str
    first_cells: tuple[tuple[int, str], ...]
    begun: frozenset[str]


@dataclass(frozen=True)
class RunRequest:
    """Asks for the notebook to be run in a kernel, whose files follow: report, answers, guard, the service's clock.

    Attributes:
        key: signs the kernel's messages.
        limits: what it may use.
        shared_outputs: the cells that have run in it already.
        onward: whether to go on behind what an earlier kernel came to; from the beginning otherwise.
        files: where the kernel writes, where it has no file system of its own.
        waits: whether a service answers it, whose clock follows.
    """

    key: str
    limits: Limits
    shared_outputs: SharedOutputs
    onward: bool
    files: KernelFiles | None
    waits: bool


@dataclass(frozen=True)
class Collected:
    """Answers were taken out; their file follows where one was written.

    Attributes:
        tests: the ids of the tests that look at it.
        written: whether there is a file.
        calls: whether the tests call functions: the kernel waits for `CallRequest`s then, and goes on at `Onward`.
    """

    tests: tuple[str, ...]
    written: bool
    calls: bool = False


class Onward:
    """Lets the notebook go on behind tests that call functions."""


@dataclass(frozen=True)
class RunReport:
    """The last word on a run.

    Attributes:
        ready: whether the kernel ever answered; nothing was run where it didn't.
        execution: what came of running.
        fatal: the cells that ended a kernel, as people call them.
        peak: the most memory that the kernel was seen to use, in bytes.
        seconds: how long it took, without what it waited for others.
    """

    ready: bool
    execution: Execution
    fatal: tuple[str, ...] = ()
    peak: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Finish:
    """Asks for the executed notebook, with what the tests said.

    Attributes:
        outcomes: by the tests' ids.
    """

    outcomes: dict[str, TestOutcome]


@dataclass(frozen=True)
class ExecutedNotebook:
    """The last word: the executed notebook, whose file follows.

    Attributes:
        blank: the written answers that were left as they were given.
        words: what was written as each written answer.
    """

    blank: frozenset[str]
    words: Mapping[str, str]
