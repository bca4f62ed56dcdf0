"""What one submission may use: every limit, its default, and the reason for it, in one place."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Limits"]

MIB = 2**20
GIB = 2**30


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        seconds: time for the whole notebook, without what it waits for the grader, or for a processor. The solution of the
            first assignment takes 25 s on two slow cores; ten minutes leave room for exact t-SNE with 3000 steps.
        cell_seconds: the same for one cell; after it, the cell is interrupted, and the notebook goes on. None is half of
            the whole, so that one endless loop leaves time for the other questions.
        memory: GiB held by all its processes, measured from outside and shared pages counted once. TensorFlow, the data
            and a map take 1.
        processes: processes and threads. TensorFlow starts a handful for each core.
        scratch: bytes of its scratch folder, of /tmp, and of /dev/shm, each; they lie in memory, beside what `memory` counts.
        open_files: files and sockets open at a time; IPython and TensorFlow need 60.
        output: bytes of everything that it prints or shows. A plot has 0.2 MB.
        message: bytes of one message of its kernel: the largest figure that can be shown.
        answer: bytes of one array. The activations of the largest layer in the first assignment, in float64, have 173 MB.
        answers: bytes of all arrays that are taken out after one question.
        claims: bytes of all that is taken out of one submission. The largest layer's activations in each of eight questions
            have 700 MB.
        entries: values in lists and dictionaries, all of one question's together; and as many points of its plots.
        text: characters of one text.
        calls: of the student's functions by tests, in all.
        call_seconds: the same as `cell_seconds` for one call; nobody else is judged meanwhile.
        calls_seconds: for all calls together.
        arguments: bytes of one call's arguments.
        results: bytes of all that calls give back: tests may hold on to it.
        grace: seconds that an interrupted cell has to end.
        start: seconds until a forked kernel has to answer; it does within 0.3.
    """

    seconds: float = 600.0
    cell_seconds: float | None = None
    memory: float = 4.0
    processes: int = 512
    scratch: int = 256 * MIB
    open_files: int = 1024
    output: int = 20 * MIB
    message: int = 16 * MIB
    answer: int = 256 * MIB
    answers: int = 512 * MIB
    claims: int = 768 * MIB
    entries: int = 100_000
    text: int = 100_000
    calls: int = 2000
    call_seconds: float = 10.0
    calls_seconds: float = 30.0
    arguments: int = 16 * MIB
    results: int = 256 * MIB
    grace: float = 5.0
    start: float = 30.0

    @property
    def seconds_of_a_cell(self) -> float:
        """The time that one cell may take."""
        return self.seconds / 2 if self.cell_seconds is None else min(self.cell_seconds, self.seconds)

    @property
    def memory_bytes(self) -> int:
        """The memory in bytes."""
        return int(self.memory * GIB)
