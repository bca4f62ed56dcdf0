"""Call a function of the student's with arguments that a test has for it, in the student's own process."""

from __future__ import annotations

import pickle
import sys
from base64 import b64decode
from typing import Any

import numpy as np

from .claims import Bounds, write_claims

__all__ = ["call_function"]

_CHANGEABLE = (list, dict, np.ndarray)


def call_function(namespace: dict[str, Any], name: str, packed: str, path: str, bounds: Bounds) -> None:
    """Call a function, and write into a new file what came of it.

    The file has the claims `raised` (the names of the exception's class and its bases, from its own on, and its text) or
    `value`; `changed`, the lists, dictionaries and arrays among the positional arguments as they are behind the call, None
    for the others; and `plots`, what was drawn into figures that the call made.

    Args:
        namespace: has the function.
        name: what it is called there.
        packed: positional and named arguments, and names that are not there meanwhile; pickled by the grader, in base 64:
            this process believes the grader.
        path: of the file.
        bounds: how large results may be.
    """
    arguments, keywords, absent = pickle.loads(b64decode(packed))  # noqa: S301 (the grader wrote it)
    figures = _figures()
    outcome: dict[str, Any] = {}
    function, hidden = namespace[name], {each: namespace.pop(each) for each in absent if each in namespace}
    try:
        outcome["value"] = function(*arguments, **keywords)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (an outcome like any other)
        outcome["raised"] = [[kind.__name__ for kind in type(error).__mro__], str(error)]
    finally:
        namespace.update(hidden)
    outcome["changed"] = [each if isinstance(each, _CHANGEABLE) else None for each in arguments]
    plots = [axes for number, figure in _figures().items() if number not in figures for axes in figure.axes]
    outcome |= {f"plot {number}": axes for number, axes in enumerate(plots)}
    write_claims(outcome, list(outcome), path, bounds)


def _figures() -> dict[int, Any]:
    """Return pyplot's open figures by number."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    managers = [] if helpers is None else helpers.Gcf.get_all_fig_managers()
    return {manager.num: manager.canvas.figure for manager in managers}
