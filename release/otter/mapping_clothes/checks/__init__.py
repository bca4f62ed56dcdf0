"""Check answers while a student works: types, shapes, finite values, flattening, plots.

Each check returns a card when it finds nothing wrong, and raises `CheckFailed` with an explanation
when it does. A check that passes has not looked at everything: whether the values are the right
ones is looked at after you hand in.
"""

from .calls import call
from .explore import explore
from .failure import CheckFailed, CheckSkipped
from .public import activations, embedding, flattening, plot, representations
from .readings import indices, pairs

__all__ = [
    "CheckFailed",
    "CheckSkipped",
    "activations",
    "call",
    "embedding",
    "explore",
    "flattening",
    "indices",
    "pairs",
    "plot",
    "representations",
]
