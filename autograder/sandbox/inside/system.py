"""The calls to Linux that Python has no function for: namespaces, mounts, capabilities."""

from __future__ import annotations

import ctypes
import os
import platform
import signal
from pathlib import Path

__all__ = [
    "adopt_orphans",
    "become_single_user",
    "drop_capabilities",
    "end_with",
    "forget_keyring",
    "hide_from_others",
    "leave_network",
    "mount",
    "remount_quiet",
    "show_again",
    "show_to_self",
    "unshare",
]

_libc = ctypes.CDLL(None, use_errno=True)

# From <linux/sched.h>: mounts, host name, IPC, users, processes, network.
_IPC, _NETWORK = 0x08000000, 0x40000000
_NAMESPACES = 0x00020000 | 0x04000000 | _IPC | 0x10000000 | 0x20000000 | _NETWORK
# From <sys/mount.h>.
_NOSUID, _NODEV, _NOEXEC, _NOSYMFOLLOW, _BIND, _REC, _PRIVATE = 2, 4, 8, 256, 4096, 16384, 1 << 18
# From <sys/prctl.h>.
_SET_PDEATHSIG, _SET_DUMPABLE, _CAPBSET_DROP, _SET_CHILD_SUBREAPER, _SET_NO_NEW_PRIVS = 1, 4, 24, 36, 38
_CAPABILITIES_VERSION_3 = 0x20080522
_KEYCTL = {"x86_64": 250, "aarch64": 219}
_JOIN_SESSION_KEYRING = 1


def unshare() -> None:
    """Leave every namespace of the parent; the next child is process 1 of its own.

    Raises:
        OSError: the kernel does not allow it.
    """
    _check(_libc.unshare(_NAMESPACES), "unshare")


def leave_network() -> None:
    """Leave the parent's network and its IPC objects, as root alone can.

    Raises:
        OSError: the kernel does not allow it.
    """
    _check(_libc.unshare(_IPC | _NETWORK), "unshare")


def become_single_user() -> None:
    """Map the one user and the one group that this process has to themselves, and no other."""
    user, group = os.geteuid(), os.getegid()
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


def mount(kind: str, target: str, options: str = "") -> None:
    """Mount a new file system.

    It has no device, terminals aside, and no program that changes the user; a link that leads out
    is not followed.
    """
    flags = _NOSUID | (_NOEXEC if kind in ("proc", "devpts") else _NODEV)
    flags |= _NODEV if kind == "proc" else _NOSYMFOLLOW if target == "/answers" else 0
    _check(_libc.mount(kind.encode(), target.encode(), kind.encode(), flags, options.encode()), f"mount {target}")


def show_again(folder: int, target: str) -> None:
    """Show an open folder, and what is mounted in it, at a place of its own; as read-only as it was."""
    _check(
        _libc.mount(f"/proc/self/fd/{folder}".encode(), target.encode(), None, _BIND | _REC, None), f"mount {target}"
    )


def remount_quiet() -> None:
    """Keep what is mounted from here on to this process and its children."""
    _check(_libc.mount(b"none", b"/", None, _REC | _PRIVATE, None), "mount /")


def hide_from_others() -> None:
    """Let no process of the same user trace this one or read its memory."""
    _check(_libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0), "prctl")


def show_to_self() -> None:
    """Let this process use its own files in /proc again."""
    _check(_libc.prctl(_SET_DUMPABLE, 1, 0, 0, 0), "prctl")


def drop_capabilities() -> None:
    """Give up every privilege, for this process and for whatever it starts."""
    for capability in range(64):
        _libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0)  # fails behind the last one that the kernel knows
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION_3, 0)
    _check(_libc.capset(header, (ctypes.c_uint32 * 6)()), "capset")
    _check(_libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl")


def adopt_orphans() -> None:
    """Become the parent of whatever is left behind below this process."""
    _check(_libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def end_with(parent: int) -> None:
    """Have the system end this process when its parent ends, whatever it does then; the parent may have ended before."""
    _check(_libc.prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")
    if os.getppid() != parent:
        os._exit(1)


def forget_keyring() -> None:
    """Leave the session's keyring, in which one submission could leave a note for the next."""
    number = _KEYCTL.get(platform.machine())
    if number is not None:
        _libc.syscall(number, _JOIN_SESSION_KEYRING, None)


def _check(result: int, what: str) -> None:
    """Raise the error that a call left behind."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
