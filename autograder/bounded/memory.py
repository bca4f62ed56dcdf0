"""How much memory this process may take."""

from __future__ import annotations

import resource
from pathlib import Path

__all__ = ["address_space", "limit_memory"]


def address_space() -> int:
    """Return how many bytes of address space this process has."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    return pages * resource.getpagesize()


def limit_memory(most: int) -> None:
    """Have the system refuse this process more bytes of address space than that."""
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))
