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
from autograder.judging.claims import Function, Room, parse_claims
from autograder.sandbox.calls import Call
from autograder.sandbox.limits import Limits

__all__ = ["FUNCTIONS", "CalledError", "Calls", "NeedsObjectError", "StudentFunction"]

FUNCTIONS = " functions"
"""The name in a test's namespace, no name of Python, that has all of a student's functions by their names."""

_PLAIN = (bool, int, float, complex, str, bytes, type(None), np.generic, range, slice)
_CONTAINERS = (list, tuple, set, frozenset)
_MOST_PLOTS = 20
_MOST_CHANGED = 2**28  # bytes of a test's own data that calls change, as they were before
_NEVER = (StopIteration, StopAsyncIteration)  # they end a loop of the test's in silence, as if all had been looked at


class NeedsObjectError(AttributeError):
    """A check asked for more of an answer than plain data has."""


class CalledError(Exception):
    """A call raised an exception, or came to no end; its class is called as the exception's, and derived from what that is.

    Attributes:
        sentence: what happened, for students.
    """

    def __init__(self, text: str, sentence: str) -> None:
        Exception.__init__(self, text)  # some of Python's own want other arguments
        self._text = text
        self.sentence = sentence

    def __str__(self) -> str:
        """Return the exception's own text."""
        return self._text


class Calls:
    """All calls of one submission: how they are sent, and what they take and change.

    What a test hands to a function may be data of the given cells, which every submission is judged by: what a call makes of
    it holds for that test, and is put back behind it.

    Args:
        ask: sends a call: a name, and pickled arguments in base 64.
        limits: how large arguments and results may be.
    """

    def __init__(self, ask: Call, limits: Limits) -> None:
        self.ask = ask
        self.limits = limits
        self.room = Room.of_calls(limits)
        self._before: dict[int, tuple[Any, Any]] = {}
        self._changed = 0

    def change(self, ours: Any, theirs: Any) -> None:
        """Change an argument to what a call made of it.

        Raises:
            NeedsObjectError: that is more than can be kept for being put back.
        """
        if type(ours) is not type(theirs) or not isinstance(ours, (list, dict, np.ndarray)):
            return
        if type(ours) is np.ndarray and np.array_equal(ours, theirs):
            return
        if id(ours) not in self._before:
            before = ours.copy()
            self._changed += sys.getsizeof(before)
            if self._changed > _MOST_CHANGED:
                raise NeedsObjectError(f"calls change more than {_MOST_CHANGED / 2**20:.0f} MB of the check's own data")
            self._before[id(ours)] = ours, before
        _put(ours, theirs)

    def put_back(self) -> None:
        """Give a test's own data the values that they had before its calls; the latest first: arrays may share memory."""
        while self._before:
            _put(*self._before.popitem()[1])
        self._changed = 0


class StudentFunction:
    """Calls a function in the student's own process; a test can use it like the function itself.

    Args:
        name: the student's name for it.
        claim: what it says of itself.
        calls: sends them.
        namespace: the test's, in which it stands: names of functions that the test deletes are not there for a call either.
    """

    def __init__(self, name: str, claim: Function, calls: Calls, namespace: dict[str, Any]) -> None:
        self.__name__ = self.__qualname__ = claim.name
        self.__doc__ = claim.doc
        self._name = name
        self._calls = calls
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
        result = self._calls.ask(self._name, self._pack(arguments, keywords))
        sys.stdout.write(result.printed)
        names = ("value", "raised", "changed", *(f"plot {number}" for number in range(_MOST_PLOTS)))
        claims = parse_claims(result.claims, names, self._calls.limits, self._calls.room)
        if "raised" in claims:
            raise _error(self._name, claims["raised"])
        if "value" not in claims:
            stopped = result.stopped or "gave back nothing that can be read"
            raise _timeout()(stopped, f"`{self._name}` {stopped}.")
        changed = claims.get("changed")
        for ours, theirs in zip(arguments, changed if type(changed) is list else (), strict=False):
            self._calls.change(ours, theirs)
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
        most = self._calls.limits.arguments
        if len(packed) > most:
            raise NeedsObjectError(
                f"the check calls `{self._name}` with {len(packed) / 2**20:.0f} MB of arguments; at most "
                f"{most / 2**20:.0f} MB can be sent"
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
    """Return a class of that name, derived from the first of Python's own exceptions that is named and can be."""
    known = (getattr(builtins, name, None) for name in names)
    base = next((one for one in known if isinstance(one, type) and _is_derivable(one)), Exception)
    return type(title, (CalledError,) if base is Exception else (CalledError, base), {})


def _is_derivable(kind: type) -> bool:
    """Return whether an exception of the student's may be one of that kind in a test."""
    return issubclass(kind, Exception) and not issubclass(kind, (*_NEVER, BaseExceptionGroup))


def _put(ours: Any, theirs: Any) -> None:
    """Put values into a list, a dictionary or an array."""
    if type(ours) is list:
        ours[:] = theirs
    elif type(ours) is dict:
        ours.clear()
        ours.update(theirs)
    elif ours.shape == theirs.shape and ours.flags.writeable:
        ours[...] = theirs
