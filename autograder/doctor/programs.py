"""Start what grading starts: a kernel in the sandbox, formgrader, a browser."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from autograder.doctor.findings import MachineFinding
from autograder.errors import AutograderError
from autograder.model import Isolation
from autograder.sandbox.fork import ForkFailedError
from autograder.sandbox.forkserver import Forkserver
from autograder.sandbox.kernel import Kernel, kernel_request, new_key
from autograder.sandbox.limits import Limits

__all__ = ["CHROMIUM", "examine_chromium", "examine_formgrader", "examine_kernel"]

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
"""The names of the browser, by system."""

_START_SECONDS = 600.0  # formgrader takes three; a busy machine takes its time
_ATTEMPTS = 3
_TEST_CODE = "print(6 * 7)"


def examine_kernel(level: Isolation) -> MachineFinding:
    """Return whether a kernel starts at a level, and runs a cell."""
    place = "without a sandbox" if level == "process" else f"at level {level}"
    try:
        output = _run_cell(level)
    except (OSError, ForkFailedError, AutograderError) as error:
        return MachineFinding(
            "kernel", "missing", f"none starts {place}: {error}", "`make demo` with --debug shows more."
        )
    if output.strip() != "42":
        return MachineFinding(
            "kernel", "missing", f"one started {place}, and did not run a cell", "Is the machine very busy?"
        )
    return MachineFinding("kernel", "good", f"one started {place}, and ran a cell")


def _run_cell(level: Isolation) -> str:
    """Return what a small cell prints in a kernel of its own."""
    limits, key = Limits(), new_key()
    with (
        tempfile.TemporaryDirectory(prefix="autograder-doctor-") as release,
        Forkserver(Path(release), isolation=level, modules=()) as server,
        Kernel(server.fork(kernel_request(key, limits)), key, limits) as kernel,
    ):
        kernel.wait_until_ready()
        return "".join(output.get("text", "") for output in kernel.run(_TEST_CODE).outputs)


def examine_formgrader() -> MachineFinding:
    """Return whether a Jupyter server with nbgrader's formgrader starts and shows a page.

    It is tried again: Jupyter looks for a free port, and another program may take it before Jupyter does.
    """
    reason = ""
    for _ in range(_ATTEMPTS):
        with tempfile.TemporaryDirectory(prefix="autograder-doctor-") as folder:
            try:
                _open_formgrader(Path(folder))
            except OSError as error:
                reason = str(error)
            else:
                return MachineFinding("formgrader", "good", "starts, and shows its page")
    advice = "Written answers can be marked without it: `autograder report OUT --marking`."
    return MachineFinding("formgrader", "missing", f"does not start: {reason}", advice)


def _open_formgrader(folder: Path) -> None:
    """Start a server on a free port of the loopback, and ask for formgrader's page.

    Raises:
        OSError: it does not start, or does not answer with a page.
    """
    own = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = os.environ | own | {"HOME": str(folder), "IPYTHONDIR": str(folder / "ipython"), "PATH": programs}
    settings = {"ip": "127.0.0.1", "port": 0, "open_browser": False, "allow_root": True, "root_dir": str(folder)}
    extensions = {"jpserver_extensions": {"nbgrader.server_extensions.formgrader": True}}
    config = folder / "config.json"
    config.write_text(json.dumps({"ServerApp": settings | extensions, "IdentityProvider": {"token": ""}}), "utf-8")
    command = [sys.executable, "-m", "jupyter_server", f"--config={config}"]
    log = folder / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=file, stderr=file)
    try:
        with urllib.request.urlopen(f"{_address(process, folder)}/formgrader", timeout=_START_SECONDS) as page:  # noqa: S310 (ours)
            if b"formgrader" not in page.read().lower():
                raise OSError("it shows another page")
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        process.kill()


def _address(process: subprocess.Popen[bytes], folder: Path) -> str:
    """Return the address of a server once it has written it down.

    Raises:
        OSError: it ended, or took too long.
    """
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        for file in (folder / "runtime").glob("jpserver-*.json"):
            with contextlib.suppress(ValueError, KeyError):
                return str(json.loads(file.read_text("utf-8"))["url"]).rstrip("/")
        time.sleep(0.05)
    lines = (folder / "log").read_text("utf-8", "replace").strip().splitlines()
    raise OSError(lines[-1] if lines else f"it said nothing for {_START_SECONDS:.0f} s")


def examine_chromium() -> MachineFinding:
    """Return whether a browser is there that takes pictures of pages."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        advice = "Only `make pictures` and tests of pages use it (on Debian: apt-get install chromium)."
        return MachineFinding("Chromium", "note", "not installed", advice)
    return MachineFinding("Chromium", "good", program)
