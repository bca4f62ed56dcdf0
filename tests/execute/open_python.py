"""Run a command where every user can read this Python, wherever it lies: in a mount namespace of its own, as root can."""

from __future__ import annotations

import shlex
import stat
import sys
from pathlib import Path

__all__ = ["closed_folder", "in_the_open"]


def closed_folder() -> Path | None:
    """Return the topmost folder on the way to this Python that others can't enter; None where there is none."""
    for prefix in (sys.base_prefix, sys.prefix):
        for folder in reversed(Path(prefix).resolve().parents):
            if not folder.stat().st_mode & stat.S_IXOTH:
                return folder
    return None


def in_the_open(command: list[str]) -> list[str]:
    """Return a command that runs another one; the closed folder is empty there, but for Python and this checkout."""
    closed = closed_folder()
    if closed is None:
        return command
    # A parent comes before what lies in it: the environment may lie in the checkout.
    places = sorted({str(Path(__file__).parents[2]), sys.base_prefix, sys.prefix})
    prefixes = [place for place in places if Path(place).resolve().is_relative_to(closed)]
    script = ["set -e", "kept=$(mktemp -d)"]
    for number, prefix in enumerate(prefixes):
        script += [f"mkdir $kept/{number}", f"mount --bind {shlex.quote(prefix)} $kept/{number}"]
    script += [f"mount -t tmpfs -o mode=755 tmpfs {shlex.quote(str(closed))}"]
    for number, prefix in enumerate(prefixes):
        script += [f"mkdir -p {shlex.quote(prefix)}", f"mount --bind $kept/{number} {shlex.quote(prefix)}"]
    script += [f"exec {shlex.join(command)}"]
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(script)]
