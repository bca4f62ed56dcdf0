"""Start the warm process in its sandbox, and have it fork kernels."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil

from autograder.execute.bubblewrap import NOBODY, bubblewrap_command
from autograder.execute.inside.request import Confinement, KernelRequest
from autograder.execute.unprivileged import Users, owned_files, take_more_than
from autograder.model import Isolation
from autograder.threads import thread_limits

__all__ = ["MODULES", "Fork", "ForkFailedError", "Forkserver"]

MODULES = (
    "matplotlib.pyplot",
    "matplotlib.offsetbox",
    "scipy.stats",
    "sklearn.manifold",
    "sklearn.decomposition",
    "h5py",
    "tensorflow",
    "keras",
    "pandas",
)
"""What notebooks import; what isn't installed is left out."""

_START = "import sys; sys.path.insert(0, {inside!r}); from inside.forkserver import main; del sys.path[0]; main(sys.argv[1:])"
_WARM_SECONDS = 120.0  # importing takes 5; a cold disk takes its time


class ForkFailedError(Exception):
    """A kernel could not be forked; the text says why."""


class Fork:
    """A forked kernel, as seen from outside.

    Args:
        report: the guard's other end.
        answers: the folder that is shared with the kernel, open.
        guard: process 1 of the kernel's world, open: it can't be mistaken for a later process with the same number.
        room: the folder that it works in, where it has no file system of its own.
    """

    def __init__(self, report: socket.socket, answers: int, guard: int, room: Room | None) -> None:
        self.report = report
        self.answers = answers
        self.guard = guard
        self._room = room

    @property
    def pid(self) -> int:
        """The guard's number as this process sees it; -1 once it has ended."""
        text = Path(f"/proc/self/fdinfo/{self.guard}").read_text(encoding="ascii")
        return int(text.partition("\nPid:")[2].split()[0])

    def stores_more_than(self, most: int) -> bool:
        """Tell whether its files take more bytes where it may write; a file system of its own has a size."""
        return self._room is not None and self._room.stores_more_than(most)

    def interrupt(self) -> None:
        """Interrupt the cell that runs."""
        with contextlib.suppress(OSError):
            self.report.send(b"interrupt")

    def kill(self) -> None:
        """End every process of the kernel's world at once."""
        if self._room is not None:
            self._kill_one_by_one()
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.guard, signal.SIGKILL)

    def _kill_one_by_one(self) -> None:
        """End what the guard has below it; a process that forks faster than this looks may escape."""
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
        if self._room is not None:
            self._room.close()


class Room:
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

    def stores_more_than(self, most: int) -> bool:
        """Tell whether the files in it and the user's elsewhere take more bytes together."""
        elsewhere = () if self._users is None else owned_files(self.user)
        return take_more_than((Path(self.path) / "scratch", *elsewhere), most)

    def close(self) -> None:
        """End what the kernel's user still runs, and remove its files."""
        if self._users is not None:
            self._users.release(self.user)
        self._folder.cleanup()


class Forkserver:
    """A warm process in a sandbox, from which kernels are forked; used by several threads.

    Args:
        release: the folder of the files that travel with the notebook.
        isolation: "bubblewrap", "user" for a user of its own, or "process" for no sandbox at all.
        modules: what is imported before the first fork.
        threads: how many threads numerical libraries start.
    """

    def __init__(
        self,
        release: Path,
        *,
        isolation: Isolation = "bubblewrap",
        modules: tuple[str, ...] = MODULES,
        threads: int = 0,
    ) -> None:
        self._release = release.resolve()
        self._isolation = isolation
        self._modules = modules
        self._threads = threads
        self._users = Users() if isolation == "user" else None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._log: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())
            self._shown = stack.enter_context(_readable_copy(self._release))
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            stack.callback(self._control.close)
            with theirs:
                self._process = self._start(theirs.fileno())
            self._stack = stack.pop_all()
        self._control.settimeout(_WARM_SECONDS)
        self._warm = False
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self._process.kill()
        self._process.wait()
        self._stack.close()

    @property
    def alive(self) -> bool:
        """Whether the warm process runs."""
        return self._process.poll() is None

    def _start(self, control: int) -> subprocess.Popen[bytes]:
        """Start the warm process; it imports by itself."""
        return subprocess.Popen(
            self._command(control),
            env=self._environment(),
            cwd="/",
            pass_fds=[control],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )

    def fork(self, request: KernelRequest, maps: socket.socket | None = None) -> Fork:
        """Fork a kernel, and return when its room is ready.

        Args:
            request: what is wanted.
            maps: the kernel's end of the service that remembers maps; it stays open here.

        Raises:
            ForkFailedError: the warm process is gone, or the kernel could not be confined.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        room = None if self._isolation == "bubblewrap" else Room(self._shown, self._users)
        asked = request if room is None else self._in_room(request, room)
        try:
            with theirs, self._lock:
                self._wait_until_warm()
                files = [theirs.fileno(), *([maps.fileno()] if maps else [])]
                socket.send_fds(self._control, [asked.to_bytes()], files)
            return self._ready(ours, room)
        except (OSError, ForkFailedError) as error:
            ours.close()
            if room is not None:
                room.close()
            raise ForkFailedError(str(error) or type(error).__name__) from error

    def _in_room(self, request: KernelRequest, room: Room) -> KernelRequest:
        """Return the request for a kernel that has a folder and no file system of its own."""
        confinement: Confinement = "process" if self._users is None else "user"
        return dataclasses.replace(request, confinement=confinement, folder=room.path, user=room.user)

    def _ready(self, report: socket.socket, room: Room | None) -> Fork:
        """Wait for the guard's word."""
        report.settimeout(30)
        message, files, _, _ = socket.recv_fds(report, 2000, 2)
        if message != b"ready":
            raise ForkFailedError(message.decode(errors="replace") or "it ended before it was ready")
        report.settimeout(5)
        return Fork(report, files[0], files[1], room)

    def _wait_until_warm(self) -> None:
        """Wait for the imports, once."""
        if not self._warm:
            if self._control.recv(100) != b"warm":
                raise ForkFailedError(self._complaint())
            self._control.settimeout(30)
            self._warm = True

    def _complaint(self) -> str:
        """Return the last lines that the warm process wrote."""
        self._process.wait()
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-1000:].strip() or "the forkserver ended"

    def _command(self, control: int) -> list[str]:
        """Return the command line of the warm process."""
        alone = self._isolation == "bubblewrap"
        user = NOBODY if alone and os.geteuid() == 0 else -1
        start = _START.format(inside="/autograder" if alone else str(Path(__file__).parent))
        release = "/release" if alone else str(self._shown)
        inner = [sys.executable, "-I", "-c", start, str(control), str(user), release, *self._modules]
        return bubblewrap_command(self._shown, inner) if alone else inner

    def _environment(self) -> dict[str, str]:
        """Return the environment of everything in the sandbox: nothing of the grader's own."""
        return {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": "/scratch",
            "LANG": "C.UTF-8",
            "MPLCONFIGDIR": "/tmp/matplotlib"  # noqa: S108 (inside the sandbox)
            if self._isolation == "bubblewrap"
            else f"{self._shown.parent}/matplotlib",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
            # Large arrays come and go: by pages of 2 MB that costs half as much as by pages of 4 KB.
            "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
            **thread_limits(self._threads or os.cpu_count() or 1),
        }


@contextlib.contextmanager
def _readable_copy(release: Path) -> Iterator[Path]:
    """Yield a copy of the release that everybody may read: in the sandbox, nobody is its owner."""
    with tempfile.TemporaryDirectory(prefix="autograder-release-") as folder:
        copy = Path(folder) / "release"
        shutil.copytree(release, copy, copy_function=shutil.copyfile)
        for path in (Path(folder), copy, *copy.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        yield copy
