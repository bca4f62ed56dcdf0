"""Talk to one forked kernel: run cells within limits, and have answers written.

What the kernel sends is a student's word: it is bounded in size while it comes, and whatever is malformed is passed over.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import zmq
from jupyter_client.session import Session
from nbformat import NotebookNode
from nbformat.v4 import new_output

from autograder.log import log_suppressed
from autograder.sandbox.calls import CallResult
from autograder.sandbox.fork import Fork
from autograder.sandbox.inside.request import CONNECTION, KernelRequest
from autograder.sandbox.limits import MIB, Limits
from autograder.sandbox.outputs import read_output
from autograder.sandbox.sealed_files import read_claims
from autograder.sandbox.stopwatch import ServiceClock, Stopwatch
from autograder.sandbox.watch import Watch
from autograder.stops import Stop

__all__ = ["CellResult", "Kernel", "add_output", "kernel_request", "new_key"]

_MOST_QUEUED = 3.0  # times the notebook's limit: what it waits for a processor beyond that counts, too
_QUEUE = 64  # messages that wait in our memory; beyond it, the kernel's output is thrown away


def new_key() -> str:
    """Return a key to sign one kernel's messages with."""
    return secrets.token_hex(16)


def kernel_request(key: str, limits: Limits) -> KernelRequest:
    """Return the request for a kernel with these limits; the forkserver decides how to confine it."""
    return KernelRequest(
        key=key,
        confinement="namespaces",
        folder="",
        user=-1,
        scratch_bytes=limits.scratch,
        answers_bytes=limits.answers + 32 * MIB,
        processes=limits.processes,
        open_files=limits.open_files,
        cpu_seconds=int(limits.seconds * 8) + 60,
        memory_bytes=limits.memory_bytes,
    )


@dataclass
class CellResult:
    """The result of one cell.

    Attributes:
        outputs: as a notebook holds them.
        stop: why the kernel is gone; None while it lives.
        interrupted: True when the cell took too long and was interrupted.
    """

    outputs: list[NotebookNode] = field(default_factory=list)
    stop: Stop | None = None
    interrupted: bool = False


class Kernel:
    """The grader's connection to one kernel; a context manager that ends the kernel.

    Args:
        fork: the kernel.
        key: signs the messages.
        limits: what it may use.
        clock: how long the service keeps it waiting, which counts against no limit.
    """

    def __init__(self, fork: Fork, key: str, limits: Limits, clock: ServiceClock | None = None) -> None:
        self._fork = fork
        self._limits = limits
        self._session = Session(key=key.encode())
        self._session.digest_history_size = 100_000
        self._watch = Watch(fork, limits.memory_bytes, limits.scratch)
        self._output_left = limits.output
        self._stopwatch = Stopwatch(clock, _MOST_QUEUED * limits.seconds)
        self._deadline = self._stopwatch.now() + limits.seconds
        self._left = limits.seconds  # while it waits
        self._called = 0.0  # seconds
        self._calls = 0
        self._results_left = limits.results

    def __enter__(self) -> Self:
        self._context = zmq.Context()
        self._shell = self._connect(zmq.DEALER, 1)
        self._iopub = self._connect(zmq.SUB, 2)
        self._lost = self._iopub.get_monitor_socket(zmq.EVENT_DISCONNECTED)
        self._poller = zmq.Poller()
        for source in (self._shell, self._iopub, self._lost, self._fork.guard):
            self._poller.register(source, zmq.POLLIN)
        return self

    def __exit__(self, *_: object) -> None:
        self._fork.kill()
        self._context.destroy(linger=0)
        self._fork.close()

    @property
    def answers(self) -> int:
        """The folder that is shared with the kernel, open."""
        return self._fork.answers

    @property
    def peak(self) -> int:
        """The most memory that was seen, in bytes."""
        return self._watch.peak

    @property
    def seconds(self) -> float:
        """How long it has taken up to now, without what it waited for others."""
        return self._limits.seconds - (self._deadline - self._stopwatch.now())

    def ended(self) -> Stop | None:
        """Return why the kernel has ended, or has to; None while it may run."""
        return self._why_gone(self._poll(0))

    def wait_until_ready(self) -> bool:
        """Wait until the kernel answers and its output arrives; False when it does not in time."""
        deadline = self._stopwatch.now() + self._limits.start
        heard = answered = False
        while self._stopwatch.now() < deadline:
            self._send("kernel_info_request", {})
            until = self._stopwatch.now() + 0.5
            while self._stopwatch.now() < until and not (heard and answered):
                ready = self._poll(0.05)
                if self._fork.guard in ready:
                    return False
                answered |= self._shell in ready and self._receive(self._shell) is not None
                heard |= self._iopub in ready and self._receive(self._iopub) is not None
            if heard and answered:
                return True
        return False

    def run(self, code: str, seconds: float | None = None) -> CellResult:
        """Run one cell: interrupt it at its time limit, and kill the kernel if that fails.

        Args:
            code: the cell's text.
            seconds: how long it may take; None for as long as any cell.
        """
        result = CellResult()
        message = self._send("execute_request", _request(code))
        seconds = self._limits.seconds_of_a_cell if seconds is None else seconds
        end = min(self._stopwatch.now() + seconds, self._deadline)
        replied = idle = lost = False
        while not (replied and idle):
            ready = self._poll(0.1)
            if self._shell in ready:
                replied |= self._is_reply(self._receive(self._shell), message)
            if self._iopub in ready:
                idle |= self._collect(self._receive(self._iopub), message, result)
            if self._lost in ready:
                self._lost.recv_multipart()
                lost = True
            result.stop = self._why_stop(ready, end, result)
            if result.stop is not None:
                self._fork.kill()
                return result
            if self._stopwatch.now() > end and not result.interrupted:
                result.interrupted = True
                end = min(end + self._limits.grace, max(self._deadline, end))
                self._fork.interrupt()
            if replied and not idle and not ready:
                idle = True  # its last word was thrown away with too much output
        if lost:  # its connection was closed on an output, and is opened again
            result.outputs.append(
                new_output("stream", name="stderr", text="[An output was left out: it is too large.]\n")
            )
        return result

    def take(self, names: tuple[str, ...], file: str, functions: tuple[str, ...] = ()) -> bool:
        """Have the kernel write answers into the shared folder; return whether it did.

        Args:
            names: the answers.
            file: what it writes.
            functions: those of the names that are wanted for being called.
        """
        bounds = self._bounds(self._limits.answers)
        content = {"names": list(names), "functions": list(functions), "file": file, "bounds": bounds}
        return self._asked("take_request", content, self._limits.start)

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Count nothing of the time in which the grader decides what it wants next, but for calls.

        In a call, what the service answers is no reason to wait: a whole class waits for this kernel.
        """
        usual, self._stopwatch = self._stopwatch, Stopwatch(None, self._limits.calls_seconds)
        self._left = self._deadline - usual.now()
        try:
            yield
        finally:
            self._stopwatch, self._deadline = usual, usual.now() + self._left

    def watch_until(self, ready: Callable[[float], bool]) -> None:
        """Hold it to its limits until something is ready.

        Args:
            ready: waits for so many seconds, and tells whether it is.
        """
        while not ready(0.1):
            if self.ended() is not None:
                self._fork.kill()
                return

    def call(self, name: str, arguments: str, file: str) -> CallResult:
        """Call a function, and have the kernel write into the shared folder what came of it.

        Args:
            name: the function.
            arguments: pickled, in base 64.
            file: what it writes.
        """
        limits, self._calls = self._limits, self._calls + 1
        seconds = min(limits.call_seconds, limits.calls_seconds - self._called)
        most = f"{limits.call_seconds:g} s" if seconds == limits.call_seconds else f"{limits.calls_seconds:g} s in all"
        if self._calls > limits.calls:
            return CallResult(None, stopped=f"was called {limits.calls} times")
        if seconds <= 0:
            return CallResult(None, stopped=f"did not return within {most}")
        begin = self._stopwatch.now()
        self._deadline = begin + self._left
        try:
            return self._call(name, arguments, file, seconds, most)
        finally:
            taken = self._stopwatch.now() - begin
            self._called += taken
            self._left -= taken

    def _call(self, name: str, arguments: str, file: str, seconds: float, most: str) -> CallResult:
        """Call a function for so long; `most` says how long that is."""
        content = {"name": name, "arguments": arguments, "file": file, "bounds": self._bounds(self._results_left)}
        if not self._asked("hold_request", content, seconds):
            return CallResult(None, stopped="can't be called any more: its process has ended, or doesn't answer")
        result = self.run("get_ipython().kernel.call_held()", seconds)
        claims = read_claims(self.answers, file, self._results_left)
        self._results_left -= claims.size if claims is not None else 0
        printed = "".join(output.text for output in result.outputs if output.get("name") == "stdout")
        if result.stop is not None:
            return CallResult(claims, printed, f"ended its process, which {result.stop.event}")
        stopped = f"did not return within {most}" if result.interrupted else "gave back nothing that can be read"
        return CallResult(claims, printed, "" if claims is not None else stopped)

    def _bounds(self, size: int) -> dict[str, int]:
        """Return how large what is written may be.

        Args:
            size: bytes of all arrays.
        """
        limits = self._limits
        return {"one": limits.answer, "all": size, "entries": limits.entries, "text": limits.text}

    def _asked(self, kind: str, content: dict[str, Any], seconds: float) -> bool:
        """Ask for something of ours in the kernel; return whether it was done in time."""
        message = self._send(kind, content)
        deadline = min(self._stopwatch.now() + seconds, self._deadline + self._limits.grace)
        while self._stopwatch.now() < deadline:
            ready = self._poll(0.1)
            if self._fork.guard in ready or self._watch.exceeded():
                return False
            if self._iopub in ready:
                self._receive(self._iopub)
            if self._shell in ready and self._is_reply(self._receive(self._shell), message):
                return True
        return False

    def _why_stop(self, ready: dict[Any, int], end: float, result: CellResult) -> Stop | None:
        """Return why the running cell's kernel ended, or has to; None while it may run."""
        gone = self._why_gone(ready)
        if gone is not None:
            return gone
        if (
            result.interrupted and self._stopwatch.now() > end
        ) or self._stopwatch.now() > self._deadline + self._limits.grace:
            return Stop.TIMEOUT
        return None

    def _why_gone(self, ready: dict[Any, int]) -> Stop | None:
        """Return which limit it exceeded, or that it has ended; None while it may run."""
        exceeded = self._watch.exceeded()
        if exceeded is None and self._fork.guard in ready:
            return Stop.MEMORY if self._watch.was_close() else Stop.CRASHED
        return exceeded

    def _collect(self, message: dict[str, Any] | None, request_id: str, result: CellResult) -> bool:
        """Keep an output of the running cell; return whether the cell has ended."""
        if message is None or message["parent_header"].get("msg_id") != request_id:
            return False
        kind, content = message["msg_type"], message["content"]
        if kind == "status":
            return bool(content.get("execution_state") == "idle")
        output = read_output(message)
        if kind == "clear_output":
            result.outputs.clear()
        elif output is not None and self._output_left > 0:
            self._keep(output, message["size"], result)
        return False

    def _keep(self, output: NotebookNode, size: int, result: CellResult) -> None:
        """Add an output; say once that there was too much."""
        self._output_left -= size
        add_output(result.outputs, output)
        if self._output_left <= 0:
            text = "\n[The rest of the output was left out: there is too much of it.]\n"
            result.outputs.append(new_output("stream", name="stderr", text=text))

    def _is_reply(self, message: dict[str, Any] | None, request_id: str) -> bool:
        """Tell whether a message answers the one asked."""
        return message is not None and message["parent_header"].get("msg_id") == request_id

    def _poll(self, seconds: float) -> dict[Any, int]:
        """Return what has something to say."""
        self._stopwatch.look(self._watch.pids)
        return dict(self._poller.poll(int(seconds * 1000)))

    def _send(self, kind: str, content: dict[str, Any]) -> str:
        """Send a message, and return its id."""
        message = self._session.msg(kind, content)
        self._session.send(self._shell, message)
        return str(message["header"]["msg_id"])

    def _receive(self, source: zmq.Socket[bytes]) -> dict[str, Any] | None:
        """Return the next message; None for one that is malformed in any way."""
        try:
            parts = source.recv_multipart(zmq.NOBLOCK)
            size = sum(map(len, parts))
            _, signed = self._session.feed_identities(parts)
            message: dict[str, Any] = self._session.deserialize(signed)
            proper = isinstance(message["parent_header"], dict) and isinstance(message["content"], dict)
        except Exception as error:  # noqa: BLE001 (a kernel in a student's hands sends what it likes)
            log_suppressed(error)
            return None
        return {**message, "size": size} if proper and isinstance(message["msg_type"], str) else None

    def _connect(self, kind: int, port: int) -> zmq.Socket[bytes]:
        """Connect one channel, with bounded messages and a bounded queue."""
        channel = self._context.socket(kind)
        channel.setsockopt(zmq.LINGER, 0)
        channel.setsockopt(zmq.MAXMSGSIZE, self._limits.message)
        channel.setsockopt(zmq.RCVHWM, _QUEUE)
        channel.setsockopt(zmq.RECONNECT_IVL, 10)
        if kind == zmq.SUB:
            channel.setsockopt(zmq.SUBSCRIBE, b"")
        channel.connect(f"ipc:///proc/self/fd/{self._fork.answers}/{CONNECTION}-{port}")
        return channel


def add_output(outputs: list[NotebookNode], output: NotebookNode) -> None:
    """Add an output, a stream's to the stream before."""
    last = outputs[-1] if outputs else None
    if last is not None and output.output_type == "stream" == last.output_type and last.name == output.name:
        last.text += output.text
    else:
        outputs.append(output)


def _request(code: str) -> dict[str, Any]:
    """Return the content of a request to run a cell, as a notebook sends it."""
    return {
        "code": code,
        "silent": False,
        "store_history": True,
        "user_expressions": {},
        "allow_stdin": False,
        "stop_on_error": False,
    }
