"""A student's function as a test has it: calls go to the student's kernel, and plain values come back."""

from __future__ import annotations

import builtins
import pickle
import sys
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.checks.calls import Called
from autograder.checks.read_plot import PlotData
from autograder.judging.claims import Function, parse_claims
from autograder.sandbox.calls import Call
from autograder.sandbox.limits import Limits

__all__ = ["FUNCTIONS", "CalledError", "NeedsObjectError", "StudentFunction"]

FUNCTIONS = " functions"
"""The name in a test's namespace, no name of Python, that has all of a student's functions by their names."""

_PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic, range, slice)
_CONTAINERS = (list, tuple, set, frozenset)
_MOST_PLOTS = 20


class NeedsObjectError(AttributeError):
    """A check asked for more of an answer than plain data has."""


class CalledError(Exception):
    """A call raised an exception, or came to no end; its class is called as the exception's, and derived from what that is.

    Attributes:
        sentence: what happened, for students.
    """

    def __init__(self, text: str, sentence: str) -> None:
        super().__init__(text)
        self._text = text
        self.sentence = sentence

    def __str__(self) -> str:
        """Return the exception's own text."""
        return self._text


class StudentFunction:
    """Calls a function in the student's own process; a test can use it like the function itself.

    Args:
        name: the student's name for it.
        claim: what it says of itself.
        ask: sends a call: a name, and pickled arguments in base 64.
        limits: how large arguments and results may be.
        namespace: the test's, in which it stands: names of functions that the test deletes are not there for a call either.
    """

    def __init__(self, name: str, claim: Function, ask: Call, limits: Limits, namespace: dict[str, Any]) -> None:
        self.__name__ = self.__qualname__ = claim.name
        self.__doc__ = claim.doc
        self._name = name
        self._ask = ask
        self._limits = limits
        self._namespace = namespace

    def __repr__(self) -> str:
        """Return the student's name for it: asserts without a message show it."""
        return self._name

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call it, and return what it returns.

        What it prints is printed here, and lists, dictionaries and arrays that it changes are changed here.

        Raises:
            CalledError: what it raised, as far as the exception is known here by name, and its text.
            NeedsObjectError: an argument is no plain data, or they are too large.
        """
        return self.call_from_a_check(*arguments, **keywords).value

    def call_from_a_check(self, *arguments: Any, **keywords: Any) -> Called:
        """Do the same, and return what the call printed and drew, too."""
        result = self._ask(self._name, self._pack(arguments, keywords))
        sys.stdout.write(result.printed)
        names = ("value", "raised", "changed", *(f"plot {number}" for number in range(_MOST_PLOTS)))
        claims = parse_claims(result.claims, names, self._limits)
        if "raised" in claims:
            raise _error(self._name, claims["raised"])
        if "value" not in claims:
            stopped = result.stopped or "gave back nothing that can be read"
            raise _timeout()(stopped, f"`{self._name}` {stopped}.")
        changed = claims.get("changed")
        for ours, theirs in zip(arguments, changed if type(changed) is list else (), strict=False):
            _change(ours, theirs)
        plots = tuple(plot for name in names[3:] if isinstance(plot := claims.get(name), PlotData))
        return Called(claims["value"], result.printed, plots)

    def _pack(self, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> str:
        """Return arguments as they are sent."""
        for value in (*arguments, *keywords.values()):
            if (kind := next(_unplain(value), None)) is not None:
                raise NeedsObjectError(
                    f"the check calls `{self._name}` with a {kind.__name__}, which is no plain data and can't enter the sandbox"
                )
        packed = pickle.dumps((arguments, keywords, self._deleted()))
        if len(packed) > self._limits.arguments:
            raise NeedsObjectError(
                f"the check calls `{self._name}` with {len(packed) / 2**20:.0f} MB of arguments; at most "
                f"{self._limits.arguments / 2**20:.0f} MB can be sent"
            )
        return b64encode(packed).decode()

    def _deleted(self) -> list[str]:
        """Return the names of functions that the test has deleted.

        Raises:
            NeedsObjectError: it has put something else in the place of one.
        """
        there = {name: self._namespace.get(name) for name in self._namespace[FUNCTIONS]}
        for name, function in there.items():
            if function is not None and function is not self._namespace[FUNCTIONS][name]:
                raise NeedsObjectError(
                    f"the check puts something else in the place of `{name}`, which the student's process can't be given"
                )
        return [name for name, function in there.items() if function is None]


def _unplain(value: Any) -> Iterator[type]:
    """Yield the types in a value that are no plain data."""
    if type(value) is dict:
        for part in (*value, *value.values()):
            yield from _unplain(part)
    elif type(value) in _CONTAINERS:
        for part in value:
            yield from _unplain(part)
    elif type(value) is np.ndarray:
        if value.dtype.kind == "O":
            yield from _unplain(value.reshape(-1).tolist())
    elif not isinstance(value, _PLAIN):
        yield type(value)


def _error(name: str, raised: Any) -> CalledError:
    """Return an exception like the one that the student's process tells of."""
    names, text = raised if type(raised) is list and len(raised) == 2 else ((), "")
    names = [one for one in names if type(one) is str and one.isidentifier()] if type(names) is list else []
    words = text if type(text) is str else ""
    title = names[0][:60] if names else "Exception"
    return _kind(title, names)(words, f"`{name}` raised {title}{': ' if words else ''}{words}".rstrip(".") + ".")


def _timeout() -> type[CalledError]:
    return _kind("TimeoutError", ["TimeoutError"])


def _kind(title: str, names: list[str]) -> type[CalledError]:
    """Return a class of that name, derived from the first of Python's own exceptions that is named."""
    known = (getattr(builtins, name, None) for name in names)
    base = next((one for one in known if isinstance(one, type) and issubclass(one, Exception)), Exception)
    return type(title, (CalledError,) if base is Exception else (CalledError, base), {})


def _change(ours: Any, theirs: Any) -> None:
    """Change an argument to what the call made of it."""
    if type(ours) is list and type(theirs) is list:
        ours[:] = theirs
    elif type(ours) is dict and type(theirs) is dict:
        ours.clear()
        ours.update(theirs)
    elif (
        type(ours) is np.ndarray and type(theirs) is np.ndarray and ours.shape == theirs.shape and ours.flags.writeable
    ):
        ours[...] = theirs
