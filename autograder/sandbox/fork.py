"""One forked kernel, as seen from outside, and how a warm process is asked for it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import psutil

from autograder.sandbox.inside.request import UNFIT, KernelRequest
from autograder.sandbox.unprivileged import Users, owned_files, take_more_than

__all__ = ["Fork", "ForkFailedError", "KernelFiles", "KernelFolder", "receive_fork"]


class ForkFailedError(Exception):
    """A kernel could not be forked; the text says why."""


class Fork:
    """A forked kernel, as seen from outside.

    Args:
        report: the guard's other end.
        answers: the folder that is shared with the kernel, open.
        guard: process 1 of the kernel's world, open: it can't be mistaken for a later process with the same number.
        files: where it writes, where it has no file system of its own.
        kernel_folder: what goes with it, in the process that made it.
    """

    def __init__(
        self,
        report: socket.socket,
        answers: int,
        guard: int,
        files: KernelFiles | None = None,
        kernel_folder: KernelFolder | None = None,
    ) -> None:
        self.report = report
        self.answers = answers
        self.guard = guard
        self.files = files
        self._kernel_folder = kernel_folder

    @property
    def pid(self) -> int:
        """The guard's process id as seen from here; -1 once it has ended."""
        text = Path(f"/proc/self/fdinfo/{self.guard}").read_text(encoding="ascii")
        return int(text.partition("\nPid:")[2].split()[0])

    def stores_more_than(self, most: int) -> bool:
        """Tell whether its files take more bytes where it may write; a file system of its own has a size."""
        return self.files is not None and self.files.take_more_than(most)

    @property
    def unfit(self) -> bool:
        """Whether it ended since threads were missing that another kernel has."""
        try:
            self.report.setblocking(False)
            return self.report.recv(64) == f"ended {UNFIT}".encode()
        except OSError:
            return False

    def interrupt(self) -> None:
        """Interrupt the cell that runs."""
        with contextlib.suppress(OSError):
            self.report.send(b"interrupt")

    def kill(self) -> None:
        """End every process of the kernel's world at once."""
        if self.files is not None:
            self._kill_one_by_one()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.guard, signal.SIGKILL)

    def _kill_one_by_one(self) -> None:
        """Kill the guard's descendants; one that forks faster than this loop may escape."""
        with contextlib.suppress(psutil.Error, OSError, ValueError):
            guard = psutil.Process(self.pid)
            while children := guard.children(recursive=True):
                for child in children:
                    with contextlib.suppress(psutil.Error):
                        child.kill()

    def close(self) -> None:
        """End it, and let its files go."""
        self.kill()
        self.report.close()
        os.close(self.answers)
        os.close(self.guard)
        if self._kernel_folder is not None:
            self._kernel_folder.close()


@dataclass(frozen=True)
class KernelFiles:
    """Where a kernel writes that has no file system of its own.

    Attributes:
        folder: the folder that it works in.
        user: the user that it is; -1 where it runs as the grader's.
    """

    folder: str
    user: int

    def take_more_than(self, most: int) -> bool:
        """Tell whether the files in the folder and the user's elsewhere take more bytes together."""
        elsewhere = () if self.user < 0 else owned_files(self.user)
        return take_more_than((Path(self.folder) / "scratch", *elsewhere), most)


class KernelFolder:
    """The folder of a kernel that has no file system of its own, and the user that it is.

    Args:
        release: the files that travel with the notebook, open to everybody.
        users: where the kernel gets a user of its own; None where it runs as the grader's.
    """

    def __init__(self, release: Path, users: Users | None) -> None:
        self._users = users
        self.user = -1 if users is None else users.take()
        self._folder = tempfile.TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True)
        self.path = self._folder.name
        for name in ("scratch", "answers"):
            (Path(self.path) / name).mkdir(mode=0o700)
            if users is not None:
                os.chown(Path(self.path) / name, self.user, self.user)
        if users is not None:
            Path(self.path).chmod(0o711)
        (Path(self.path) / "release").symlink_to(release)

    @property
    def files(self) -> KernelFiles:
        """Where the kernel writes, as another process can be told."""
        return KernelFiles(self.path, self.user)

    def close(self) -> None:
        """End what the kernel's user still runs, and remove its files."""
        if self._users is not None:
            self._users.release(self.user)
        self._folder.cleanup()


def receive_fork(
    control: socket.socket,
    lock: threading.Lock,
    request: KernelRequest,
    maps: socket.socket | None,
    kernel_folder: KernelFolder | None = None,
) -> Fork:
    """Ask a warm process for a kernel, and return it when its room is ready.

    Args:
        control: the grader's end of the warm process.
        lock: held while something is asked.
        request: what is wanted.
        maps: the kernel's end of the service that remembers maps; it stays open here.
        kernel_folder: the folder that it works in, where it has no file system of its own.

    Raises:
        ForkFailedError: the kernel could not be confined.
        OSError: the warm process is gone.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        with theirs, lock:
            files = [theirs.fileno(), *([maps.fileno()] if maps else [])]
            socket.send_fds(control, [request.to_bytes()], files)
        ours.settimeout(30)
        message, files, _, _ = socket.recv_fds(ours, 2000, 2)
        if message != b"ready":
            raise ForkFailedError(message.decode(errors="replace") or "it ended before it was ready")
        ours.settimeout(5)
        written = None if kernel_folder is None else kernel_folder.files
        return Fork(ours, files[0], files[1], written, kernel_folder)
    except (OSError, ForkFailedError):
        ours.close()
        raise
