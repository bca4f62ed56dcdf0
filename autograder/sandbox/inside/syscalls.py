"""Refuse system calls that would get round the sandbox.

They are those by which memory escapes every account, and sockets that leave the machine. A limit
can bound only what a process holds.

Memory of a key or of a file without a name belongs to no process once it isn't mapped, so that nobody who looks at
processes finds it. Shared mappings without a file can be emptied into the same place. Programs that share memory by
files, in `/dev/shm`, go on as ever: these have a size.

Attributes of files are memory that no limit counts, and notes on whatever two processes have open.

Some families of sockets know no network namespace: `AF_VSOCK` reaches the machine's host, and other kernels by it. Only
those that Python programs need are left.
"""

from __future__ import annotations

import ctypes
import platform
import struct
from errno import EPERM

__all__ = ["refuse_ways_round"]

# From <linux/filter.h>, <linux/seccomp.h>, <sys/prctl.h> and <linux/audit.h>.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | EPERM
_SET_SECCOMP, _FILTER = 22, 2
# Offsets in `struct seccomp_data`; the low halves of the first and the fourth argument.
_NUMBER, _MACHINE, _FAMILY, _MMAP_FLAGS = 0, 4, 16, 40
_SHARED, _ANONYMOUS = 0x01, 0x20
_OTHER_ABI = 0x40000000  # x32 numbers its calls from here

_FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, by which programs ask for interfaces

# audit's name of the machine; mmap; socket and socketpair; shmget, memfd_create, memfd_secret; and those that set
# attributes: setxattr, lsetxattr, fsetxattr, setxattrat.
_MACHINES = {
    "x86_64": (0xC000003E, 9, (41, 53), (29, 319, 447, 188, 189, 190, 463)),
    "aarch64": (0xC00000B7, 222, (198, 199), (194, 279, 447, 5, 6, 7, 463)),
}


class _Program(ctypes.Structure):
    """A `struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def refuse_ways_round() -> None:
    """Deny such calls to this process and whatever it starts.

    On an unknown machine nothing is refused.

    Raises:
        OSError: the system has no filters; `no_new_privs` has to be set.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return
    steps = _steps(*machine)
    program = _Program(len(steps) // 8, steps)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl: no filter for system calls")


def _steps(machine: int, mmap: int, sockets: tuple[int, ...], refused: tuple[int, ...]) -> bytes:
    """Return the filter, a list of steps.

    Each is an operation, where to go if it holds, if it doesn't ("" is on), and a value.
    """
    steps = [
        ("", _LOAD, "", "", _MACHINE),
        ("", _EQUAL, "", "refuse", machine),
        ("", _LOAD, "", "", _NUMBER),
        ("", _AT_LEAST, "refuse", "", _OTHER_ABI),
        *(("", _EQUAL, "refuse", "", number) for number in refused),
        *(("", _EQUAL, "family", "", number) for number in sockets),
        ("", _EQUAL, "", "allow", mmap),
        ("", _LOAD, "", "", _MMAP_FLAGS),
        ("", _ANY_BIT, "", "allow", _ANONYMOUS),
        ("", _ANY_BIT, "refuse", "allow", _SHARED),
        ("family", _LOAD, "", "", _FAMILY),
        *(("", _EQUAL, "allow", "", family) for family in _FAMILIES),
        ("refuse", _RETURN, "", "", _REFUSE),
        ("allow", _RETURN, "", "", _ALLOW),
    ]
    places = {label: place for place, (label, *_) in enumerate(steps) if label}
    return b"".join(
        struct.pack(
            "=HBBI", operation, *(places.get(label, place + 1) - place - 1 for label in (holds, otherwise)), value
        )
        for place, (_, operation, holds, otherwise, value) in enumerate(steps)
    )
