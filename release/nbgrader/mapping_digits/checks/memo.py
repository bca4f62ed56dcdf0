"""A cache of facts about large arrays. They are dropped when an array changes or goes.

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

__all__ = ["Array", "are_linked", "link", "memoised", "refresh"]

Array = np.ndarray[Any, np.dtype[Any]]
Result = TypeVar("Result")
Place = tuple[int, int, str]
Fingerprint = tuple[int, bytes]

_LARGE = 2**20  # bytes: what is smaller is looked at anew
_SAMPLES = 4096  # words that are compared one by one, besides the sum of all: rows that change places are noticed


@dataclass
class _Facts:
    """The cached results about the numbers in one place.

    Attributes:
        fingerprint: what the place looked like.
        results: what was found out, by name.
    """

    fingerprint: Fingerprint
    results: dict[object, Any] = field(default_factory=dict)


_facts: dict[Place, _Facts] = {}


def refresh(array: Array) -> bool:
    """Drop the cached results of an array that has changed.

    Args:
        array: base-class, of numbers, of any shape.

    Returns:
        Whether things can be known of it: it is large, lies in one piece, and its
            memory tells when it goes.
    """
    owner = _owner(array)
    if owner is None:
        return False
    place, fingerprint = _place(array), _fingerprint(array)
    if place not in _facts:
        weakref.finalize(owner, _facts.pop, place, None)
        _facts[place] = _Facts(fingerprint)
    elif _facts[place].fingerprint != fingerprint:
        _facts[place] = _Facts(fingerprint)
    return True


def memoised(array: Array, what: object, compute: Callable[[], Result]) -> Result:
    """Return the cached result about an array, or compute it.

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


def link(first: Array, second: Array) -> None:
    """Let two arrays that hold the same numbers share their results from here on."""
    ours, theirs = (_facts.get(_place(array)) for array in (first, second))
    if ours is not None and theirs is not None:
        theirs.results = ours.results = theirs.results | ours.results


def are_linked(first: Array, second: Array) -> bool:
    """Tell whether two arrays share their results."""
    ours, theirs = (_facts.get(_place(array)) for array in (first, second))
    return ours is not None and theirs is not None and ours.results is theirs.results


def _place(array: Array) -> Place:
    """Return an array's address, size and type."""
    return array.__array_interface__["data"][0], array.nbytes, array.dtype.str


def _fingerprint(array: Array) -> Fingerprint:
    """Return a fingerprint of an array's content.

    It is no defence against a forger: nobody can change an answer by then.
    """
    content = array.reshape(-1).view(np.uint8)
    words = content[: content.size // 8 * 8].view(np.uint64)
    some = words[:: max(1, words.size // _SAMPLES)].tobytes() + content[words.size * 8 :].tobytes()
    return sum(in_two_threads(lambda half: int(np.add.reduce(words[half])), words.size, words.size)), some


def _owner(array: Array) -> object:
    """Return the object that owns an array's memory; None where results can't be cached."""
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
