"""Give memory back to the system, and put it onto large pages."""

from __future__ import annotations

import contextlib
import ctypes

__all__ = ["give_memory_back", "hold_little_memory", "use_large_pages"]

_libc = ctypes.CDLL(None, use_errno=True)

_LARGE_PAGE, _COLLAPSE = 2**21, 25  # bytes; from <linux/mman.h>


_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # from <malloc.h>


def hold_little_memory() -> None:
    """Let threads share their free memory, and give large arrays back at once."""
    with contextlib.suppress(AttributeError):
        _libc.mallopt(_M_ARENA_MAX, 2)
        _libc.mallopt(_M_MMAP_THRESHOLD, 2**25)


def give_memory_back() -> None:
    """Give freed memory back, which glibc keeps for later; another C library does as it likes."""
    with contextlib.suppress(AttributeError):
        _libc.malloc_trim(0)


def use_large_pages() -> None:
    """Put this process's own memory onto pages of 2 MB, where Linux can (6.1 and later).

    A fork then copies fewer page table entries.
    """
    with open("/proc/self/maps", encoding="ascii", errors="replace") as lines:  # noqa: PTH123 (no Path here)
        mappings = [line.split() for line in lines]
    for span, rights, _, _, _, *name in mappings:
        if rights == "rw-p" and name in ([], ["[heap]"]):
            start, end = (int(address, 16) for address in span.split("-"))
            for address in range(-(-start // _LARGE_PAGE) * _LARGE_PAGE, end - _LARGE_PAGE + 1, _LARGE_PAGE):
                _libc.madvise(ctypes.c_void_p(address), ctypes.c_size_t(_LARGE_PAGE), _COLLAPSE)
