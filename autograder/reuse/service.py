"""Answer each process that asks for maps or predictions.

Kernels and the judging process ask. The process of maps computes maps; predictions lie on disk, and wait for nobody.

A kernel can ask for a map and nothing else: what is remembered is computed here, from the values asked for, so that no
submission can put anything in.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import math
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from autograder.log import logged_suppress
from autograder.reuse.map_cache import Asker, MapCache
from autograder.reuse.map_folder import CachedMap
from autograder.sandbox.inside.patches.tsne import TSNE_PARAMETERS
from autograder.sandbox.inside.wire import WANTED, receive_header, receive_into, send
from autograder.sandbox.sealed_files import SealedFile, StoredArray
from autograder.sandbox.stopwatch import ServiceClock

__all__ = ["ReuseService", "ServiceEnd"]

_MOST_BYTES = 2**28  # of one array of vectors: 1000 float64 rows of the largest layer have 173 MB
_MOST_ROWS, _MOST_COLUMNS, _MOST_AXES, _MOST_STEPS = 2000, 2**17, 3, 10_000
_MOST_QUESTIONS = 120  # of one submission, two for a map that is new; what it asks beyond, it computes itself


class ServiceEnd(NamedTuple):
    """What a process gets that is answered.

    Attributes:
        peer: the socket that it asks over.
        clock: how long it was kept waiting.
    """

    peer: socket.socket
    clock: ServiceClock


class ReuseService:
    """Owns the cache of maps; a context manager that leaves no process behind.

    What kernels may ask the network's predictions by is put into `predictions`: digests, and the files. What a kernel
    can ask for is what it can compute by itself: it has to hold the same model of the same layer, and the same images.

    Args:
        folder: keeps maps for later runs; None forgets them at the end. It must be the grader's alone.
        at_once: how many maps are computed side by side.
    """

    def __init__(self, *, folder: Path | None = None, at_once: int = 1) -> None:
        self.maps = MapCache(folder=folder, at_once=at_once)
        self.predictions: Mapping[str, StoredArray] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.predictions = {}
        self.maps.close()

    @contextlib.contextmanager
    def connect(self, *, trusted: bool = False) -> Iterator[ServiceEnd]:
        """Answer one process; yields what is handed to it, open until the process has ended.

        Args:
            trusted: whether the process is no student's: it may ask as often as it likes, and comes first.
        """
        ours, theirs = socket.socketpair()
        clock, asker = ServiceClock.new(), Asker(ours, trusted=trusted)
        server = threading.Thread(target=self._serve, args=(ours, asker, clock), daemon=True)
        server.start()
        try:
            yield ServiceEnd(theirs, clock)
        finally:
            with contextlib.suppress(OSError):
                ours.shutdown(socket.SHUT_RDWR)
            theirs.close()

    def _serve(self, peer: socket.socket, asker: Asker, clock: ServiceClock) -> None:
        """Answer until the process is gone, or sends what it shouldn't."""
        with peer, logged_suppress(ValueError, RecursionError), contextlib.suppress(OSError, EOFError):
            for _ in itertools.count() if asker.trusted else range(_MOST_QUESTIONS):
                header, size = receive_header(peer, most=_MOST_BYTES)
                # Who asks sends, and takes the answer, in its own time: it may leave off in the middle of either.
                file = SealedFile.filled(size, functools.partial(receive_into, peer))
                begin = time.thread_time()
                with clock:
                    answer = self._answer(asker, header, file)
                asker.seconds += time.thread_time() - begin  # digests and comparisons of 256 MB count, too
                answer.send(peer)

    def _answer(self, asker: Asker, header: dict[str, Any], file: SealedFile) -> _Answer:
        """Answer one question: for a prediction, or for a map by its digest or its vectors."""
        if "prediction" in header:
            return _as_prediction(self._prediction(header["prediction"]), asker)
        if "map" in header:
            return _as_map(self.maps.recall(header["map"], asker), WANTED)
        return _as_map(self.maps.find(header, file, asker) if _is_sound(header, file.size) else None, {})

    def _prediction(self, key: object) -> StoredArray | None:
        """Return where the prediction for a digest lies; None where there is none."""
        return self.predictions.get(key) if isinstance(key, str) else None


class _Answer(NamedTuple):
    """What goes back to who asked: a header, the bytes that it is about, and a file behind them."""

    header: dict[str, Any]
    body: bytes = b""
    file: SealedFile | None = None

    def send(self, peer: socket.socket) -> None:
        """Send it all."""
        send(peer, self.header, self.body)
        if self.file is not None:
            self.file.send(peer)


def _as_prediction(prediction: StoredArray | None, asker: Asker) -> _Answer:
    """Return the answer with a prediction; an empty one where there is none, or it had so many already."""
    if prediction is None or prediction.size > asker.room:
        return _Answer({})
    with logged_suppress(OSError):
        # A copy for each: offset, lock or attribute of a shared file would be a message to the next kernel.
        copy = prediction.sealed().read_only()
        asker.room -= copy.size
        return _Answer({"dtype": prediction.dtype, "shape": list(prediction.shape)}, file=copy)
    return _Answer({})


def _as_map(cached: CachedMap | None, otherwise: dict[str, Any]) -> _Answer:
    """Return the answer with a map, or what is said where there is none."""
    if cached is None:
        return _Answer(otherwise)
    header = {"attributes": dict(cached.attributes), "dtype": cached.dtype, "shape": list(cached.shape)}
    return _Answer(header, cached.values)


def _is_sound(header: dict[str, Any], size: int) -> bool:
    """Return whether a request describes an array of that size, and settings that can be computed in time."""
    settings, shape = header.get("settings"), header.get("shape")
    if header.keys() != {"settings", "dtype", "shape"} or header["dtype"] not in ("<f4", "<f8"):
        return False
    if not isinstance(settings, dict) or settings.keys() != set(TSNE_PARAMETERS):
        return False
    if not isinstance(shape, list) or len(shape) != 2 or not all(type(n) is int and n > 0 for n in shape):
        return False
    plain = all(value is None or isinstance(value, (bool, int, float, str)) for value in settings.values())
    steps = settings["max_iter"]
    axes = settings["n_components"]
    small = shape[0] <= _MOST_ROWS and shape[1] <= _MOST_COLUMNS and type(axes) is int and 0 < axes <= _MOST_AXES
    sound = plain and small and type(settings["random_state"]) is int and type(steps) is int and steps <= _MOST_STEPS
    return sound and math.prod(shape) * int(header["dtype"][2]) == size
