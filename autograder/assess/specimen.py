"""Values that somebody might hand in, and what should be said of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Specimen"]


@dataclass(frozen=True)
class Specimen:
    """Values that somebody might hand in.

    Attributes:
        name: what they are.
        check: which of the judge's checks they are for.
        ask: hands them to it; one of a written zoo brings its own judge.
        said: the diagnoses that name the mistake; empty where there is none.
        of: what right values are of: a role and a layer.
    """

    name: str
    check: str
    ask: Callable[[Any], object]
    said: frozenset[str] = field(default=frozenset())
    of: str = ""
