"""Cut a forked process off from everything that is not its own, and limit what it may use."""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import shutil
import stat
import sys
from pathlib import Path

from . import system
from .request import KernelRequest
from .syscalls import refuse_ways_round

__all__ = [
    "Places",
    "become_harmless",
    "become_nobody",
    "build_room",
    "close_streams",
    "enter_namespaces",
    "is_read_only",
    "open_files_anew",
]

_TEMPORARY = "/tmp"  # noqa: S108 (inside the sandbox)

_TERMINALS = 64  # of one kernel: the system has 3072 for everybody, and each `!command` of a notebook takes one

RELEASE = "/release"
"""Where the release's files lie inside a sandbox that has a file system of its own; read-only."""


class Places:
    """Where a kernel finds its files.

    Args:
        folder: the folder for both; "" where each is a file system of its own.
    """

    def __init__(self, folder: str) -> None:
        self.scratch = f"{folder}/scratch" if folder else "/scratch"
        self.answers = f"{folder}/answers" if folder else "/answers"
        self.release = f"{folder}/release" if folder else RELEASE


def become_nobody(user: int) -> None:
    """Mount /proc, as root alone can, and go on as a user without any right."""
    system.mount("proc", "/proc")
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def enter_namespaces() -> None:
    """Enter new namespaces, in which the next child lives."""
    system.show_to_self()
    system.unshare()
    system.become_single_user()


def build_room(request: KernelRequest, places: Places) -> None:
    """Give the kernel its folders: file systems of bounded size, gone with the last process in them."""
    if request.confinement == "namespaces":
        _mount_all(request, places)
    for entry in os.scandir(places.release):
        copy = shutil.copytree if entry.is_dir() else shutil.copyfile
        copy(entry.path, f"{places.scratch}/{entry.name}")
    if request.confinement == "user":
        _give_away(places.scratch, request.user)
    os.chdir(places.scratch)


def _give_away(folder: str, user: int) -> None:
    """Make a user the owner of everything in a folder that nobody else has seen yet."""
    for path, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(f"{path}/{name}", user, user, follow_symlinks=False)


def _mount_all(request: KernelRequest, places: Places) -> None:
    """Mount what belongs to this kernel alone over what the forkserver's other children could see."""
    system.remount_quiet()
    _mount_temporary(request.scratch_bytes)
    for target in (places.scratch, "/dev/shm"):  # noqa: S108 (a file system of this kernel's own)
        system.mount("tmpfs", target, f"size={request.scratch_bytes},nr_inodes=20000,mode=700")
    with contextlib.suppress(OSError):  # without terminals of its own, it has none
        system.mount("devpts", "/dev/pts", f"newinstance,ptmxmode=666,mode=620,max={_TERMINALS}")
    system.mount("tmpfs", places.answers, f"size={request.answers_bytes},nr_inodes=100,mode=700")
    system.mount("proc", "/proc")
    with contextlib.suppress(OSError):  # a second wall: a kernel that has no user namespaces can't be attacked by them
        Path("/proc/sys/user/max_user_namespaces").write_text("0", encoding="ascii")


def _mount_temporary(size: int) -> None:
    """Mount this kernel's own /tmp; where Python itself lies below /tmp, it is shown there again."""
    prefixes = {prefix for prefix in (sys.prefix, sys.base_prefix) if Path(prefix).is_relative_to(_TEMPORARY)}
    folders = {prefix: os.open(prefix, os.O_PATH) for prefix in sorted(prefixes)}
    system.mount("tmpfs", _TEMPORARY, f"size={size},nr_inodes=20000,mode=700")
    for prefix, folder in folders.items():
        Path(prefix).mkdir(parents=True, exist_ok=True)
        system.show_again(folder, prefix)
        os.close(folder)


def become_harmless(request: KernelRequest) -> None:
    """Limit this process, and drop every privilege for good."""
    system.forget_keyring()
    _set_limits(request)
    if request.confinement == "user":
        os.setgroups([])
        os.setresgid(request.user, request.user, request.user)
        os.setresuid(request.user, request.user, request.user)
    if request.confinement != "process":
        system.drop_capabilities()
        with contextlib.suppress(OSError):  # a system without filters keeps every other limit
            refuse_ways_round()


def is_read_only(number: int) -> bool:
    """Tell whether what is open under a number is a file on disk, and open for reading alone."""
    reading = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
    return reading and stat.S_ISREG(os.fstat(number).st_mode)


def open_files_anew() -> None:
    """Reopen each file that was open for reading before the fork, at its position.

    Processes would share the position otherwise.

    matplotlib, for one, keeps the fonts open that it has drawn with; who moved their position would spoil others' letters.
    """
    for number in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208 (no Path here)
        try:
            alone = not is_read_only(number)
        except OSError:  # the listing's own, closed by now
            continue
        if not alone:
            anew = os.open(f"/proc/self/fd/{number}", os.O_RDONLY)
            os.lseek(anew, os.lseek(number, 0, os.SEEK_CUR), os.SEEK_SET)
            os.dup2(anew, number, inheritable=os.get_inheritable(number))
            os.close(anew)


def close_streams() -> None:
    """Let standard input, output and error lead nowhere: the forkserver's own lead to the grader's log."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)


def _set_limits(request: KernelRequest) -> None:
    """Set the limits that the kernel of the system itself keeps."""
    limits = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: max(request.scratch_bytes, request.answers_bytes),
        resource.RLIMIT_NOFILE: request.open_files,
        resource.RLIMIT_CPU: request.cpu_seconds,
        resource.RLIMIT_DATA: _private_bytes() + request.memory_bytes,
    }
    if request.confinement != "process":  # there the user is the grader's own, with all its other processes
        limits[resource.RLIMIT_NPROC] = request.processes
    for limit, most in limits.items():
        hard = resource.getrlimit(limit)[1]
        bounded = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (bounded, bounded))


def _private_bytes() -> int:
    """Return the private memory that this process has from its forkserver."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 2**30
