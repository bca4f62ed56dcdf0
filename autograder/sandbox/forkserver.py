"""Start the warm process in its sandbox, and have it fork kernels."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from autograder.log import LoggedProcess
from autograder.model import Isolation
from autograder.sandbox.bubblewrap import NOBODY, bubblewrap_command
from autograder.sandbox.fork import Fork, ForkFailedError, KernelFolder, receive_fork
from autograder.sandbox.inside.request import GIVEN, PLAIN, WARM, Confinement, KernelRequest
from autograder.sandbox.isolation import probe_bubblewrap
from autograder.sandbox.unprivileged import Users
from autograder.threads import thread_limits

__all__ = ["MODULES", "Forkserver"]

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


class Forkserver:
    """A warm process in a sandbox, from which kernels are forked; used by several threads.

    Args:
        release: the folder of the files that travel with the notebook.
        isolation: "bubblewrap", "user" for a user of its own, or "process" for no sandbox at all.
        modules: what is imported before the first fork.
        threads: how many threads numerical libraries start.
        plain: whether other libraries' functions stay as they are.
    """

    def __init__(
        self,
        release: Path,
        *,
        isolation: Isolation = "bubblewrap",
        modules: tuple[str, ...] = MODULES,
        threads: int = 0,
        plain: bool = False,
    ) -> None:
        self._release = release.resolve()
        self._isolation = isolation
        self._modules = modules
        self._threads = threads
        self._plain = plain
        self._users = Users() if isolation == "user" else None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._copy = stack.enter_context(_readable_copy(self._release))
            self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            stack.callback(self._control.close)
            with theirs:
                self._process = self._start(theirs.fileno())
            self._stack = stack.pop_all()
        self._control.settimeout(_WARM_SECONDS)
        self._warm = False
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._stack.close()

    @property
    def alive(self) -> bool:
        """Whether the warm process runs."""
        return self._process.poll() is None

    def kill(self) -> None:
        """Kill the warm process; with bubblewrap, its kernels die with it."""
        self._process.kill()
        self._process.wait()  # for the program that made the sandbox: what is in it ends with its sockets

    def _start(self, control: int) -> LoggedProcess:
        """Start the warm process; it imports by itself."""
        return LoggedProcess("sandbox", self._command(control), env=self._environment(), cwd="/", pass_fds=[control])

    def fork(self, request: KernelRequest, maps: socket.socket | None = None) -> Fork:
        """Fork a kernel, and return when its room is ready.

        Args:
            request: what is wanted.
            maps: the kernel's end of the service that remembers maps; it stays open here.

        Raises:
            ForkFailedError: the warm process is gone, or the kernel could not be confined.
        """
        kernel_folder = None if self._isolation == "bubblewrap" else KernelFolder(self._copy, self._users)
        try:
            if kernel_folder is not None:
                request = self._in_folder(request, kernel_folder)
            with self._lock:
                self._wait_until_warm()
            return receive_fork(self._control, self._lock, request, maps, kernel_folder)
        except (OSError, ForkFailedError) as error:
            if kernel_folder is not None:
                kernel_folder.close()
            raise ForkFailedError(str(error) or type(error).__name__) from error

    def begin(self, files: list[int]) -> None:
        """Ask for a process in which given cells have run.

        Args:
            files: its end of a socket, the file with the cells, the service that remembers maps; they stay open here.

        Raises:
            OSError: the warm process is gone.
            ForkFailedError: it never came to be.
        """
        with self._lock:
            self._wait_until_warm()
            socket.send_fds(self._control, [GIVEN], files)

    def _in_folder(self, request: KernelRequest, kernel_folder: KernelFolder) -> KernelRequest:
        """Return the request for a kernel that has a folder and no file system of its own."""
        confinement: Confinement = "process" if self._users is None else "user"
        return dataclasses.replace(request, confinement=confinement, folder=kernel_folder.path, user=kernel_folder.user)

    def _wait_until_warm(self) -> None:
        """Wait for the imports, once."""
        if not self._warm:
            if self._control.recv(100) != WARM:
                raise ForkFailedError(self._complaint())
            self._control.settimeout(30)
            self._warm = True

    def _complaint(self) -> str:
        """Return the last lines that the warm process wrote."""
        self._process.wait()
        return self._process.last_words()[-1000:].strip() or "the forkserver ended"

    def _command(self, control: int) -> list[str]:
        """Return the command line of the warm process."""
        alone = self._isolation == "bubblewrap"
        user = NOBODY if alone and os.geteuid() == 0 else -1
        start = _START.format(inside="/autograder" if alone else str(Path(__file__).parent))
        release = "/release" if alone else str(self._copy)
        way = PLAIN if self._plain else ""
        inner = [sys.executable, "-I", "-c", start, str(control), str(user), release, way, *self._modules]
        return bubblewrap_command(probe_bubblewrap().program, self._copy, inner) if alone else inner

    def _environment(self) -> dict[str, str]:
        """Return the environment of everything in the sandbox: nothing of the grader's own."""
        return {
            "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": "/scratch",
            "LANG": "C.UTF-8",
            "MPLCONFIGDIR": "/tmp/matplotlib"  # noqa: S108 (inside the sandbox)
            if self._isolation == "bubblewrap"
            else f"{self._copy.parent}/matplotlib",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "CUDA_VISIBLE_DEVICES": "-1",
            # TensorFlow's own allocator keeps what was needed once: 190 MB for 500 images.
            "TF_ONEDNN_USE_SYSTEM_ALLOCATOR": "1",
            # Large arrays come and go: pages of 2 MB cost half as much as pages of 4 KB.
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
