"""Remember what the network gives for the class's images: each layer's is computed once, not once a student.

The judging process computes, from the instructor's own network; a kernel gets a mapping that is its own to change. What it
can ask for is what it can compute by itself: it has to hold the same model of the same layer, and the same images.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from autograder.errors import AutograderError
from autograder.sandbox.inside.wire import send
from autograder.sandbox.sealed_files import SealedArray, SealedFile

__all__ = ["PredictionCache"]

_MOST_BYTES = 2**27  # of all that is remembered: the largest layer's and a few of the usual ones


class PredictionCache:
    """Predictions by digest, in sealed memory that kernels can map and can't change; used by several threads.

    Args:
        keys: returns the digests that there is an answer to.
        predict: (digest) -> the prediction.
    """

    def __init__(self, keys: Callable[[], frozenset[str]], predict: Callable[[str], SealedArray | None]) -> None:
        self._keys = keys
        self._predict = predict
        self._files: dict[str, SealedArray | None] = {}  # None for what would be too much
        self._bytes = 0
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let everything go."""
        with self._lock:
            self._files.clear()

    def answer(self, kernel: socket.socket, key: object) -> None:
        """Send a kernel what it asks for: a header, and a file behind it; an empty header where there is no answer."""
        found = self._find(key) if isinstance(key, str) else None
        if found is None:
            send(kernel, {}, b"")
            return
        send(kernel, {"dtype": found.dtype, "shape": list(found.shape)}, b"")
        # A file of its own: an offset, a lock, an attribute of one that is shared would be a message to the next kernel.
        SealedFile.copied(found.file.file, found.file.size).send(kernel)

    def _find(self, key: str) -> SealedArray | None:
        """Return a prediction; None where it isn't known, or would be too much. What is known waits for nobody."""
        if key not in self._files:
            with self._lock:
                try:
                    if key not in self._files and key in self._keys():
                        self._keep(key, self._predict(key))
                except AutograderError:  # who judges will hear of it
                    return None
        return self._files.get(key)

    def _keep(self, key: str, predicted: SealedArray | None) -> None:
        """Keep a prediction; of one that is too much, that it is, so that nobody computes it again to throw it away."""
        if predicted is not None:
            fits = self._bytes + predicted.file.size <= _MOST_BYTES
            self._files[key] = predicted if fits else None
            self._bytes += predicted.file.size if fits else 0
