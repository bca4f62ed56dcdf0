"""Replace lone surrogates so that text can be written as UTF-8.

This is separate from `outputs`, so that the judging process need not import nbformat (1 s).
"""

from __future__ import annotations

from typing import Any

__all__ = ["replace_surrogates"]

_DEEPEST = 50


def replace_surrogates(value: Any, depth: int = 0) -> Any:
    """Return a value of JSON with every text fit to be written: half characters become question marks.

    Raises:
        ValueError: it is nested too deeply for a notebook.
    """
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, list):
        return [replace_surrogates(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {replace_surrogates(key, depth + 1): replace_surrogates(item, depth + 1) for key, item in value.items()}
    return value
