"""Choose how submissions are cut off from everything else: the strongest way that works, shown by trying it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from autograder.errors import AutograderError
from autograder.execute.bubblewrap import bubblewrap_command
from autograder.execute.unprivileged import Users
from autograder.model import Isolation

__all__ = ["Probe", "choose_isolation", "probe_bubblewrap", "probe_user"]

_SECONDS = 60.0

# Run in the sandbox: does what the forkserver does for each kernel, and then looks for what should be out of reach.
_PROBE = """
import os, socket, sys
sys.path.insert(0, "/autograder")
from inside import confine, system
from inside.request import KernelRequest
user, port, secret = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
if user >= 0:
    confine.become_nobody(user)
if os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
confine.enter_namespaces()
if os.fork():
    sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
request = KernelRequest("", "namespaces", "", -1, 2**20, 2**20, 64, 64, 10, 2**30)
confine.build_room(request, confine.Places(""))
confine.become_harmless(request)
found = []
try:
    socket.create_connection(("127.0.0.1", port), 2)
    found.append("network")
except OSError:
    pass
if os.path.exists(secret):
    found.append("files")
if len([name for name in os.listdir("/proc") if name.isdigit()]) > 1:
    found.append("processes")
print("reached:", *found)
"""


class Probe(NamedTuple):
    """What trying a sandbox showed.

    Attributes:
        works: whether it keeps what it promises.
        reason: why it doesn't; "" where it does.
    """

    works: bool
    reason: str = ""


def choose_isolation(asked: str) -> Isolation:
    """Return the level to use.

    Args:
        asked: a level, or "auto" for the strongest that works; "process", which is no sandbox, is never chosen by "auto".

    Raises:
        AutograderError: the level is not known, or doesn't work here.
    """
    if asked == "process":
        return "process"
    reasons = []
    for level, probe in _PROBES.items():
        if asked in (level, "auto"):
            tried = probe()
            if tried.works:
                return level
            reasons.append(tried.reason)
    if not reasons:
        raise AutograderError(f"There is no isolation level {asked!r}.", f"Levels: {', '.join(_PROBES)}, process.")
    raise AutograderError(
        f"{'No sandbox works here' if asked == 'auto' else f'Isolation by {asked!r} does not work here'}: "
        f"{'; '.join(reasons)}.",
        "Install bubblewrap (on Debian: apt-get install bubblewrap) and allow user namespaces, or use --isolation process "
        "for submissions that you trust.",
    )


@cache
def probe_bubblewrap() -> Probe:
    """Run something in bubblewrap that tries to reach the network, a file and a process outside."""
    if sys.platform != "linux":
        return Probe(works=False, reason="bubblewrap needs Linux")
    if shutil.which("bwrap") is None:
        return Probe(works=False, reason="bubblewrap (the program bwrap) is not installed")
    try:
        return _judge(_try())
    except (OSError, subprocess.SubprocessError) as error:
        return Probe(works=False, reason=f"bubblewrap can't be tried: {error}")


def _try() -> subprocess.CompletedProcess[str]:
    """Run the probe, with a file and a listener outside for it to look for."""
    with (
        tempfile.NamedTemporaryFile(prefix="autograder-probe-") as secret,
        tempfile.TemporaryDirectory(prefix="autograder-probe-") as release,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        Path(release).chmod(0o755)
        user = "65534" if os.geteuid() == 0 else "-1"
        inner = [sys.executable, "-I", "-c", _PROBE, user, str(listener.getsockname()[1]), secret.name]
        command = bubblewrap_command(Path(release), inner)
        return subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)


def _judge(tried: subprocess.CompletedProcess[str], level: str = "bubblewrap") -> Probe:
    """Return what the probe's output means."""
    if tried.stdout.strip() == "reached:":
        return Probe(works=True)
    if tried.stdout.startswith("reached:"):
        return Probe(works=False, reason=f"in {level}, a program still reaches {tried.stdout.strip()[9:]}")
    last = (tried.stderr.strip().splitlines() or ["it ended without a word"])[-1]
    return Probe(works=False, reason=f"{level} doesn't work: {last}")


# Run as another user: looks for what should be out of reach.
_USER_PROBE = """
import os, sys
found = []
try:
    open(sys.argv[1]).close()
    found.append("files")
except OSError:
    pass
try:
    os.kill(int(sys.argv[2]), 0)
    found.append("processes")
except OSError:
    pass
print("reached:", *found)
"""


@cache
def probe_user() -> Probe:
    """Run something as a user of its own that tries to reach a file and a process of the grader's."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return Probe(works=False, reason="a user for each submission needs a grader that is root on Linux")
    users = Users()
    user = users.take()
    try:
        with tempfile.NamedTemporaryFile(prefix="autograder-probe-") as secret:
            inner = [sys.executable, "-I", "-c", _USER_PROBE, secret.name, str(os.getpid())]
            tried = subprocess.run(
                inner,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
                user=user,
                group=user,
                extra_groups=[],
                cwd="/",
            )
        users.release(user)
        return _judge(tried, "a user for each submission")
    except OSError as error:
        return Probe(works=False, reason=f"a user for each submission can't run {sys.executable}: {error.strerror}")
    finally:
        users.release(user)


_PROBES: dict[Isolation, Callable[[], Probe]] = {"bubblewrap": probe_bubblewrap, "user": probe_user}
