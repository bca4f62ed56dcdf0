"""Keep numerical libraries from starting more threads than there are cores for them."""

from __future__ import annotations

__all__ = ["thread_limits"]

_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


def thread_limits(threads: int | None) -> dict[str, str]:
    """Return the environment variables that limit a process's threads.

    None gives none, which leaves it to the libraries.
    """
    return {} if threads is None else dict.fromkeys(_VARIABLES, str(threads))
