"""Make notebook outputs from a kernel's messages.

Malformed messages are left out; the others can be written as UTF-8.
"""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import output_from_msg

from autograder.log import log_suppressed
from autograder.texts import replace_surrogates

__all__ = ["read_output"]

_KINDS = ("stream", "display_data", "execute_result", "error")


def read_output(message: dict[str, Any]) -> NotebookNode | None:
    """Return the output that a message holds; None where it holds none, or a malformed one."""
    if message["msg_type"] not in _KINDS:
        return None
    try:
        output = output_from_msg({**message, "content": replace_surrogates(message["content"])})
        return output if _is_proper(output) else None
    except Exception as error:  # noqa: BLE001 (a kernel in a student's hands sends what it likes)
        log_suppressed(error)
        return None


def _is_proper(output: NotebookNode) -> bool:
    """Return whether an output's parts have the types that notebook readers expect."""
    if output.output_type == "stream":
        return output.name in ("stdout", "stderr") and isinstance(output.text, str)
    if output.output_type == "error":
        lines = output.traceback
        texts = isinstance(output.ename, str) and isinstance(output.evalue, str) and isinstance(lines, list)
        return texts and all(isinstance(line, str) for line in lines)
    data = output.data
    return isinstance(data, dict) and isinstance(output.metadata, dict) and all(map(_is_shown, data.items()))


def _is_shown(entry: tuple[str, Any]) -> bool:
    """Tell whether an entry of a display's data is a text, or JSON where its type says so."""
    kind, value = entry
    return isinstance(value, str) or kind.endswith("json")
