"""Grade what arrives in a folder, as soon as it is whole."""

from autograder.watch.loop import watch
from autograder.watch.request import WatchRequest

__all__ = ["WatchRequest", "watch"]
