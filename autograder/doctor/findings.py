"""The record of one finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["MachineFinding", "State"]

State = Literal["good", "missing", "note"]


@dataclass(frozen=True)
class MachineFinding:
    """The finding on one thing.

    Attributes:
        name: what, such as "sandbox: bubblewrap".
        state: "good" where it is as it should be, "missing" where something is to be done, "note" where nothing follows.
        value: what is there.
        advice: how to get what is missing; "" where nothing is.
    """

    name: str
    state: State
    value: str
    advice: str = ""
