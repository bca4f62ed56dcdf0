"""What a kernel does for a debugger and for windows, and nobody needs here."""

from __future__ import annotations

import sys
import types
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from .table import replaced, stand_in

__all__ = ["leave_debugger_out", "no_module_list", "no_windows"]


def leave_debugger_out() -> None:
    """Stand in for ipykernel's debugger, before ipykernel is imported."""
    debugger = types.ModuleType("ipykernel.debugger")
    debugger._is_debugpy_available = False  # type: ignore[attr-defined]  # noqa: SLF001 (ipykernel's own switch)
    debugger.Debugger = object  # type: ignore[attr-defined]
    stand_in("ipykernel.debugger", debugger)


class _NoModules:
    """Stands in for `sys`: without modules."""

    modules: ClassVar[dict[str, Any]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


def no_module_list() -> AbstractContextManager[None]:
    """Let a kernel that is made inside list no modules."""
    return replaced("ipykernel.ipkernel", {"sys": lambda _: _NoModules()})


def no_windows() -> AbstractContextManager[None]:
    """Let `%matplotlib` inside begin no event loop: there is no kernel yet that could have one."""
    return replaced("ipykernel.zmqshell", {"ZMQInteractiveShell.enable_gui": lambda _: _begin_no_loop})


def _begin_no_loop(_: object, gui: str | None = None) -> None:
    """Do what `%matplotlib` asks for: for pictures in the notebook, nothing.

    Raises:
        RuntimeError: windows are wanted.
    """
    if gui not in (None, "inline"):
        raise RuntimeError(f"there is no kernel yet that could show windows of {gui}")
