"""What was found out about a large answer, for as long as the answer is there and stays as it is.

Several checks look at the same numbers: the public one and the hidden one of the same name, and
those of the answers that build on it. What they share is found once. An answer is known by its
place in memory; that place is looked through again whenever an answer is read, so that a test cell
that writes into it is noticed.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from .parallel import in_two_threads

__all__ = ["are_linked", "link", "memoised", "refresh"]

Array = np.ndarray[Any, np.dtype[Any]]
Result = TypeVar("Result")
Place = tuple[int, int, str]
Mark = tuple[int, bytes]

_LARGE = 2**20  # bytes: what is smaller is looked at anew
_SAMPLES = 4096  # words that are compared one by one, besides the sum of all: rows that change places are noticed


@dataclass
class _Facts:
    """What is known of the numbers in one place.

    Attributes:
        mark: what the place looked like.
        results: what was found out, by name.
    """

    mark: Mark
    results: dict[object, Any] = field(default_factory=dict)


_facts: dict[Place, _Facts] = {}


def refresh(array: Array) -> bool:
    """Look whether an answer is as it was, and forget what was known of it where it isn't.

    Args:
        array: base-class, of numbers, of any shape.

    Returns:
        Whether things can be known of it: it is large, lies in one piece, and its
            memory tells when it goes.
    """
    owner = _owner(array)
    if owner is None:
        return False
    place, mark = _place(array), _mark(array)
    if place not in _facts:
        weakref.finalize(owner, _facts.pop, place, None)
        _facts[place] = _Facts(mark)
    elif _facts[place].mark != mark:
        _facts[place] = _Facts(mark)
    return True


def memoised(array: Array, what: object, compute: Callable[[], Result]) -> Result:
    """Return what `compute` finds out about an array: remembered where it was looked at, else computed.

    Args:
        array: as it was given to `refresh`, or a view of all of it.
        what: the name of the result, with all that it depends on besides the numbers.
        compute: the function; its result must not be a view of the array, which could not go then.
    """
    facts = _facts.get(_place(array)) if array.flags.c_contiguous else None
    if facts is None:
        return compute()
    if what not in facts.results:
        facts.results[what] = compute()
    result: Result = facts.results[what]
    return result


def link(one: Array, other: Array) -> None:
    """Let two arrays that were found to hold the same numbers know the same from here on."""
    ours, theirs = (_facts.get(_place(array)) for array in (one, other))
    if ours is not None and theirs is not None:
        theirs.results = ours.results = theirs.results | ours.results


def are_linked(one: Array, other: Array) -> bool:
    """Tell whether two arrays are known to hold the same numbers."""
    ours, theirs = (_facts.get(_place(array)) for array in (one, other))
    return ours is not None and theirs is not None and ours.results is theirs.results


def _place(array: Array) -> Place:
    """Return where an array lies, and as what."""
    return array.__array_interface__["data"][0], array.nbytes, array.dtype.str


def _mark(array: Array) -> Mark:
    """Return a fingerprint of an array's content.

    It is no defence against a forger: nobody can change an answer by then.
    """
    content = array.reshape(-1).view(np.uint8)
    words = content[: content.size // 8 * 8].view(np.uint64)
    some = words[:: max(1, words.size // _SAMPLES)].tobytes() + content[words.size * 8 :].tobytes()
    return sum(in_two_threads(lambda half: int(np.add.reduce(words[half])), words.size, words.size)), some


def _owner(array: Array) -> object:
    """Return the object whose memory an array lies in; None where nothing can be known of it."""
    if array.nbytes < _LARGE or not array.flags.c_contiguous:
        return None
    owner: object = array
    while getattr(owner, "base", None) is not None:
        owner = owner.base  # type: ignore[attr-defined]
    if isinstance(owner, memoryview):
        owner = owner.obj
    try:
        weakref.ref(owner)
    except TypeError:  # bytes, say
        return None
    return owner
