"""A jupyter_client provisioner that forks kernels in a sandbox.

Anything that starts kernels can use it.

A kernelspec asks for it in its metadata::

    "kernel_provisioner": {
        "provisioner_name": "autograder-fork",
        "config": {"release": "/path/to/the/files/that/notebooks/find"}
    }
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import select
import signal
import threading
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Unicode

from autograder.sandbox.fork import Fork
from autograder.sandbox.forkserver import Forkserver
from autograder.sandbox.inside.request import CONNECTION
from autograder.sandbox.isolation import choose_isolation
from autograder.sandbox.kernel import kernel_request, new_key
from autograder.sandbox.limits import Limits

__all__ = ["ForkProvisioner"]

_servers: dict[tuple[str, str], Forkserver] = {}
_lock = threading.Lock()
_stack = contextlib.ExitStack()
atexit.register(_stack.close)


class ForkProvisioner(KernelProvisionerBase):
    """Forks a kernel; warm processes are started when they are first needed, and end with this process."""

    release = Unicode("", help="The folder whose files a kernel finds in its scratch folder.", config=True)
    isolation = Unicode("auto", help='"auto", "bubblewrap" or "process".', config=True)
    fork: Fork | None = None

    @property
    def has_process(self) -> bool:
        """Whether a kernel was forked and not yet let go."""
        return self.fork is not None

    async def poll(self) -> int | None:
        """Return None while the kernel runs."""
        return None if self.fork is not None and not _ended(self.fork) else 0

    async def wait(self) -> int | None:
        """Wait until the kernel has ended, and let it go."""
        if self.fork is not None:
            while not _ended(self.fork):  # noqa: ASYNC110 (a process sets no asyncio.Event)
                await asyncio.sleep(0.02)
        self._let_go()
        return 0

    async def send_signal(self, signum: int) -> None:
        """Interrupt the kernel, or end it."""
        if self.fork is None:
            return
        if signum == signal.SIGINT:
            self.fork.interrupt()
        elif signum in (signal.SIGTERM, signal.SIGKILL):
            self.fork.kill()

    async def kill(self, restart: bool = False) -> None:
        """End the kernel and everything that it started."""
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:
        """End the kernel; there is nothing in it to be asked politely."""
        await self.send_signal(signal.SIGKILL)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Return the arguments of `launch_kernel`; a forked kernel has no command."""
        arguments: dict[str, Any] = await super().pre_launch(cmd=[], **kwargs)
        return arguments

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel, and return where it listens."""
        key = new_key()
        server = _server(self.release, choose_isolation(self.isolation))
        self.fork = await asyncio.to_thread(server.fork, kernel_request(key, Limits()))
        self.connection_info = {
            "transport": "ipc",
            "ip": f"/proc/self/fd/{self.fork.answers}/{CONNECTION}",
            "key": key.encode(),  # type: ignore[typeddict-item]  # the manager compares bytes
            "signature_scheme": "hmac-sha256",
            "shell_port": 1,
            "iopub_port": 2,
            "stdin_port": 3,
            "hb_port": 4,
            "control_port": 5,
        }
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:
        """Let the kernel go."""
        self._let_go()

    def _let_go(self) -> None:
        """Close what belongs to the kernel; it ends with it."""
        if self.fork is not None:
            self.fork.close()
            self.fork = None


def _ended(fork: Fork) -> bool:
    """Tell whether a kernel's first process has ended."""
    return bool(select.select([fork.guard], [], [], 0)[0])


def _server(release: str, isolation: Any) -> Forkserver:
    """Return the warm process for a folder; start one where none is alive."""
    with _lock:
        server = _servers.get((release, isolation))
        if server is None or not server.alive:
            server = _stack.enter_context(Forkserver(Path(release or os.curdir), isolation=isolation))
            _servers[release, isolation] = server
        return server
