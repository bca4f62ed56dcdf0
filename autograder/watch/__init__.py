"""Grade what arrives in a folder, as soon as it is whole."""

from autograder.watch.request import WatchRequest
from autograder.watch.start import watch

__all__ = ["WatchRequest", "watch"]
