"""Readings of a map: the images that a student names, and the pairs of classes."""

from __future__ import annotations

import itertools
import numbers
from collections.abc import Iterable, Sequence

import numpy as np

from .cards import Card
from .failure import CheckFailed
from .meanings import Diagnosis
from .public import silent
from .values import is_missing

__all__ = ["indices", "pairs", "read_indices", "read_pairs"]

_MOST = 10_000  # values of a reading: nobody names as many
_PAIR = 2


@silent
def indices(value: object, name: str, *, below: int) -> Card:
    """Require a list of images' indices; that it is one is all that is looked at.

    Args:
        value: a list, tuple, set or array of whole numbers.
        name: its variable.
        below: how many images there are to name.

    Raises:
        CheckFailed: `missing` or `wrong_type`.
    """
    found = read_indices(value, name, below)
    return Card("passed", f"`{name}` names {_count(len(found), 'image')}.")


@silent
def pairs(value: object, name: str, *, labels: object) -> Card:
    """Require a list of pairs of different labels, such as `[(3, 5), (4, 9)]`; that it is one is all that is looked at.

    Args:
        value: a list, tuple, set or array of pairs.
        name: its variable.
        labels: the labels of the images, (n,).

    Raises:
        CheckFailed: `missing` or `wrong_type`.
    """
    found = read_pairs(value, name, np.unique(np.asarray(labels)).tolist())
    return Card("passed", f"`{name}` names {_count(len(found), 'pair')}.")


def read_indices(value: object, name: str, below: int) -> tuple[int, ...]:
    """Return the images that are named, each once, in their order.

    Args:
        value: what the student assigned.
        name: the variable, for messages.
        below: how many images there are to name.

    Raises:
        CheckFailed: `missing` or `wrong_type`.
    """
    found = [_whole(item) for item in _flat(value, name, "whole numbers, such as [17, 230, 404]")]
    for item, number in zip(_flat(value, name, ""), found, strict=True):
        if number is None or not 0 <= number < below:
            raise CheckFailed(
                Diagnosis.WRONG_TYPE,
                f"`{name}` holds {str(item)[:40]!r}. Expected indices of images: whole numbers from 0 to {below - 1}.",
            )
    return tuple(dict.fromkeys(number for number in found if number is not None))


def read_pairs(
    value: object, name: str, labels: Sequence[int], classes: Sequence[str] = ()
) -> tuple[tuple[int, int], ...]:
    """Return the pairs of labels that are named, each once, the smaller label first.

    Args:
        value: what the student assigned.
        name: the variable, for messages.
        labels: those that there are.
        classes: their names, by label, which will do in their place.

    Raises:
        CheckFailed: `missing` or `wrong_type`.
    """
    example = f"pairs of labels, such as [({labels[0]}, {labels[-1]})]"
    flat = [_label(item, classes) for item in _flat(value, name, example)]
    known = set(labels)
    good = [label for label in flat if label is not None and label in known]
    found = list(zip(good[::2], good[1::2], strict=False))
    if len(good) < len(flat) or len(flat) % _PAIR or any(one == other for one, other in found):
        raise CheckFailed(
            Diagnosis.WRONG_TYPE,
            f"`{name}` holds something else than pairs. Expected {example}: each of two different labels that there are.",
        )
    return tuple(dict.fromkeys((min(one, other), max(one, other)) for one, other in found))


def _flat(value: object, name: str, example: str) -> list[object]:
    """Return the values of nested lists, tuples, sets and arrays, one after the other.

    Raises:
        CheckFailed: it is nothing of the kind.
    """
    if is_missing(value):
        raise CheckFailed(
            Diagnosis.MISSING, f"`{name}` has no value: it was not assigned, or it is None. Assign your answer to it."
        )
    convert = getattr(value, "numpy", None) if not isinstance(value, np.ndarray) else None
    whole = convert() if callable(convert) else value
    if not isinstance(whole, (list, tuple, set, frozenset, range, np.ndarray, numbers.Number)):
        raise CheckFailed(
            Diagnosis.WRONG_TYPE, f"`{name}` is of type {type(value).__name__[:60]}. Expected a list of {example}."
        )
    found = list(itertools.islice(_leaves(whole), _MOST + 1))
    if len(found) > _MOST:
        raise CheckFailed(Diagnosis.WRONG_TYPE, f"`{name}` holds more than {_MOST} values. Expected a few: {example}.")
    return found


def _leaves(value: object) -> Iterable[object]:
    """Yield what is no list, tuple, set or array."""
    if isinstance(value, np.ndarray):
        yield from value.reshape(-1).tolist()
    elif isinstance(value, (set, frozenset)):
        for item in sorted(value, key=str):
            yield from _leaves(item)
    elif isinstance(value, (list, tuple, range)):
        for item in value:
            yield from _leaves(item)
    else:
        yield value


def _whole(value: object) -> int | None:
    """Return a number as a whole one; None where it is none."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        return None
    number = float(value) if isinstance(value, (float, np.floating)) else int(value)
    return int(number) if isinstance(number, int) or number.is_integer() else None


def _label(value: object, classes: Sequence[str]) -> int | None:
    """Return the label that is meant; None where it can't be told."""
    if isinstance(value, str):
        text = value.strip()
        if text in classes:
            return list(classes).index(text)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
    return _whole(value)


def _count(count: int, what: str) -> str:
    """Return a count in words."""
    return f"{count} {what}{'s' * (count != 1)}"
