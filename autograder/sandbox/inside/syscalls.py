"""Refuse system calls by which memory escapes every account.

A limit can bound only what a process holds.

Memory of a key or of a file without a name belongs to no process once it isn't mapped, so that nobody who looks at
processes finds it. Shared mappings without a file can be emptied into the same place. Programs that share memory by
files, in `/dev/shm`, go on as ever: these have a size.
"""

from __future__ import annotations

import ctypes
import platform
import struct
from errno import EPERM

__all__ = ["refuse_hidden_memory"]

# From <linux/filter.h>, <linux/seccomp.h>, <sys/prctl.h> and <linux/audit.h>.
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | EPERM
_SET_SECCOMP, _FILTER = 22, 2
_NUMBER, _MACHINE, _MMAP_FLAGS = 0, 4, 40  # offsets in `struct seccomp_data`; the low half of the fourth argument
_SHARED, _ANONYMOUS = 0x01, 0x20
_OTHER_ABI = 0x40000000  # x32 numbers its calls from here

# audit's name of the machine; mmap; shmget, memfd_create, memfd_secret.
_MACHINES = {"x86_64": (0xC000003E, 9, (29, 319, 447)), "aarch64": (0xC00000B7, 222, (194, 279, 447))}


class _Program(ctypes.Structure):
    """A `struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def refuse_hidden_memory() -> None:
    """Deny such memory to this process and whatever it starts.

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


def _steps(machine: int, mmap: int, refused: tuple[int, ...]) -> bytes:
    """Return the filter, a list of steps.

    Each is an operation, how many steps to skip if it holds, if it doesn't, and a value.
    """
    behind = len(refused) + 5  # steps from the first comparison of a number to the refusal
    steps = [
        (_LOAD, 0, 0, _MACHINE),
        (_EQUAL, 0, behind + 2, machine),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, behind, 0, _OTHER_ABI),
        *((_EQUAL, behind - 1 - place, 0, number) for place, number in enumerate(refused)),
        (_EQUAL, 0, 3, mmap),
        (_LOAD, 0, 0, _MMAP_FLAGS),
        (_ANY_BIT, 0, 1, _ANONYMOUS),
        (_ANY_BIT, 1, 0, _SHARED),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
