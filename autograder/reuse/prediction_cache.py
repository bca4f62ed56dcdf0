"""Remember what the network gives for the class's images: each layer's is computed once.

The judging process computes, from the instructor's own network; a kernel gets a mapping that is its own to change. What it
can ask for is what it can compute by itself: it has to hold the same model of the same layer, and the same images.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from autograder.errors import AutograderError
from autograder.log import log_suppressed
from autograder.sandbox.sealed_files import SealedArray

__all__ = ["PredictionCache"]

_MOST_BYTES = 2**27  # of all that is remembered: the largest layer's and a few of the usual ones


class PredictionCache:
    """A thread-safe cache of predictions by digest, in sealed memory that kernels can't change."""

    def __init__(self) -> None:
        self._files: dict[str, SealedArray | None] = {}  # None for what would be too much
        self._bytes = 0
        self._lock = threading.Lock()
        self.close()

    def offer(self, keys: frozenset[str], predict: Callable[[str], SealedArray | None]) -> None:
        """Have these predictions computed when they are first asked for.

        Args:
            keys: their digests.
            predict: (digest) -> the prediction.
        """
        self._keys, self._predict = keys, predict

    def close(self) -> None:
        """Let everything go; nothing more is computed."""
        self.offer(frozenset(), lambda _: None)
        with self._lock:
            self._files.clear()

    def find(self, key: object) -> SealedArray | None:
        """Return a prediction; None where there is none, or too much. What is cached waits for nobody."""
        if not isinstance(key, str):
            return None
        if key not in self._files:
            with self._lock:
                try:
                    if key not in self._files and key in self._keys:
                        self._keep(key, self._predict(key))
                except AutograderError as error:  # who judges will hear of it
                    log_suppressed(error)
                    return None
        return self._files.get(key)

    def _keep(self, key: str, predicted: SealedArray | None) -> None:
        """Cache a prediction, or remember that it is too large to cache."""
        if predicted is not None:
            fits = self._bytes + predicted.file.size <= _MOST_BYTES
            self._files[key] = predicted if fits else None
            self._bytes += predicted.file.size if fits else 0
