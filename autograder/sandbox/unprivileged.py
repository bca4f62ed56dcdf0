"""Run each submission as an unprivileged user of its own.

This is for a grader that is root where no namespaces can be had, as in a container.

The user has no name, no group, no right, and nothing before it comes; when it goes, nothing of it stays.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import random
import shutil
import stat
import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path

import psutil

from autograder.errors import AutograderError
from autograder.log import logged_suppress

__all__ = ["Users", "end_processes", "owned_files", "refuse_readable", "take_more_than"]

_NUMBERS = range(20_000, 60_000)  # containers often map 65,536 users and no more; below lie the system's and people's
_COMMON = ("/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run/lock")  # noqa: S108 (what everybody may write to)
_END_EVERYTHING = ["/bin/sh", "-c", "kill -9 -1"]
_BLOCK = 4096  # bytes of a disk's block
_REMOVE = 0  # IPC_RMID of <linux/ipc.h>


class Users:
    """Numbers of users, each given to one submission at a time; used by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users: set[int] = set()

    def take(self) -> int:
        """Return a user that nobody is: no account, no process, and no other submission of ours."""
        with self._lock:
            running = {process.info["uids"].real for process in psutil.process_iter(["uids"]) if process.info["uids"]}
            in_use = running | self._users | {account.pw_uid for account in pwd.getpwall()}
            user = random.choice([number for number in _NUMBERS if number not in in_use])  # noqa: S311 (no secret)
            self._users.add(user)
            return user

    def release(self, user: int) -> None:
        """End every process of a user, and remove what it left where everybody may write."""
        end_processes(user)
        _remove_files(user)
        _remove_shared_memory(user)
        with self._lock:
            self._users.discard(user)


def end_processes(user: int) -> None:
    """End every process of a user at once.

    A process that is that user signals all that it may, however fast they fork.
    """
    if user not in _NUMBERS:
        raise ValueError(f"user {user} is none of ours")
    subprocess.run(
        _END_EVERYTHING,
        user=user,
        group=user,
        extra_groups=[],
        cwd="/",
        env={},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=30,
        check=False,
    )


def refuse_readable(paths: tuple[Path, ...]) -> None:
    """Raise where a file or folder that submissions must not see can be read by everybody.

    Raises:
        AutograderError: with the first of them, and what to do.
    """
    for path in paths:
        if path.exists() and _readable_by_all(path.resolve()):
            raise AutograderError(
                f"At isolation level 'user', submissions could read {path}: its permissions allow it to everybody.",
                f"Run `chmod go-rwx {path}`, or use bubblewrap.",
            )


def _readable_by_all(path: Path) -> bool:
    """Tell whether any user can read a path: it, and every folder on the way to it, is open to others."""
    on_the_way = all(parent.stat().st_mode & stat.S_IXOTH for parent in path.parents)
    return on_the_way and bool(path.stat().st_mode & (stat.S_IROTH | stat.S_IXOTH))


def owned_files(user: int) -> tuple[Path, ...]:
    """Return a user's files in the folders that everybody may write to.

    Of a folder, its content is not listed.
    """
    paths: list[Path] = []
    for folder in _COMMON:
        with contextlib.suppress(OSError):
            paths += [Path(one.path) for one in os.scandir(folder) if _owner(one) == user]
    return tuple(paths)


def take_more_than(paths: Iterable[Path], most: int) -> bool:
    """Tell whether files and folders take more bytes on the disk together.

    Links are not followed.

    Each file counts as one block at least, so that a million empty ones are too many as well.
    """
    total, waiting = 0, list(paths)
    while waiting and total <= most:
        with contextlib.suppress(OSError):
            place = waiting.pop()
            status = place.lstat()
            total += max(_BLOCK, status.st_blocks * 512)
            if stat.S_ISDIR(status.st_mode):
                waiting += place.iterdir()
    return total > most


def _owner(entry: os.DirEntry[str]) -> int:
    """Return who owns an entry; -1 where it has gone."""
    try:
        return entry.stat(follow_symlinks=False).st_uid
    except OSError:
        return -1


def _remove_files(user: int) -> None:
    """Remove a user's files from the folders that everybody may write to; follow no links."""
    for path in owned_files(user):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with logged_suppress(OSError):
                path.unlink(missing_ok=True)


def _remove_shared_memory(user: int) -> None:
    """Remove a user's System V shared memory, semaphores and message queues."""
    libc = ctypes.CDLL(None)
    for kind, more in {"shm": (_REMOVE, None), "sem": (0, _REMOVE), "msg": (_REMOVE, None)}.items():
        with logged_suppress(OSError, ValueError, IndexError):
            head, *rows = [line.split() for line in Path(f"/proc/sysvipc/{kind}").read_text("ascii").splitlines()]
            for row in rows:
                if int(row[head.index("uid")]) == user:
                    libc[f"{kind}ctl"](int(row[1]), *more)
