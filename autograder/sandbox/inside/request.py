"""The request for one kernel, with its limits."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Literal

__all__ = ["CONNECTION", "GIVEN", "PLAIN", "THREADS", "UNFIT", "WARM", "Confinement", "KernelRequest"]

Confinement = Literal["namespaces", "user", "process"]
"""How a forked kernel is cut off: namespaces of its own, an unprivileged user of its own, or a process group alone."""

CONNECTION = "kernel"
"""The kernel's sockets are this name with -1 to -5 behind it, in the folder that is shared with the grader."""


GIVEN = b"given"
"""The message that asks a warm process for another one, in which given cells have run."""

PLAIN = "plain"
"""The warm process's argument that has it replace no function of another library."""

WARM, THREADS = b"warm", b"threads"
"""What a warm process says when kernels can be forked from it; the second, when it has threads that they will lack."""

UNFIT = 86
"""The exit code of a kernel that can't do what a notebook wants, since threads are missing; another one can."""


@dataclass(frozen=True)
class KernelRequest:
    """One kernel to fork.

    Attributes:
        key: signs the kernel's messages.
        confinement: how the kernel is cut off from everything else.
        folder: where its scratch folder lies, where there is no file system of its own; "" otherwise.
        user: the user that it runs as, where it gets one of its own.
        scratch_bytes: the size of its scratch folder, of its /tmp, and of its shared memory, each.
        answers_bytes: the size of the folder in which answers are handed over.
        processes: how many processes and threads it may have.
        open_files: how many files it may have open.
        cpu_seconds: processor time of one process.
        memory_bytes: what one process may add to the memory that it was forked with.
    """

    key: str
    confinement: Confinement
    folder: str
    user: int
    scratch_bytes: int
    answers_bytes: int
    processes: int
    open_files: int
    cpu_seconds: int
    memory_bytes: int

    def to_bytes(self) -> bytes:
        """Return the request as one message."""
        return json.dumps(dataclasses.asdict(self)).encode()

    @classmethod
    def from_bytes(cls, message: bytes) -> KernelRequest:
        """Return the request that `to_bytes` wrote."""
        return cls(**json.loads(message))
