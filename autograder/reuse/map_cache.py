"""Remember t-SNE maps: the grader's side computes each map that a class asks for once."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
import threading
from collections import OrderedDict
from concurrent.futures import Future
from pathlib import Path
from queue import Empty, LifoQueue
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.log import LoggedProcess, log_suppressed
from autograder.reuse.map_folder import CachedMap, MapFolder
from autograder.reuse.nearly_equal import NearlyEqual, nearly_equal
from autograder.sandbox.inside.wire import map_key, receive, send
from autograder.sandbox.sealed_files import SealedFile
from autograder.threads import thread_limits

__all__ = ["MapCache"]

_MOST_BYTES = 2**28  # of one map
_WIDE_BYTES = 2**25  # of such vectors, a map is computed at a time: its process holds them three times
_SECONDS = 300.0  # for one map; exact t-SNE of 1000 points with 3000 steps takes 60


class MapCache:
    """A thread-safe LRU cache of t-SNE embeddings, keyed by content (up to rounding) and settings.

    Args:
        most: how many maps are kept; one of 1000 points has 8 KB.
        folder: keeps maps for later runs; None forgets them at the end. It must be the grader's alone.
        at_once: how many maps are computed side by side.
    """

    def __init__(self, *, most: int = 10_000, folder: Path | None = None, at_once: int = 1) -> None:
        self._most = most
        self._folder = None if folder is None else MapFolder(folder, most)
        self._maps: OrderedDict[str, Future[CachedMap | None]] = OrderedDict()
        self._near = NearlyEqual()
        self._lock = threading.Lock()
        self._starting, self._wide = threading.Lock(), threading.Lock()
        self._process: LoggedProcess | None = None
        self._control: socket.socket | None = None
        # Sockets of the children that compute, None for one that isn't there yet; those come last.
        self._computers: LifoQueue[socket.socket | None] = LifoQueue()
        for _ in range(at_once):
            self._computers.put(None)
        self.misses = 0
        self.hits = 0

    def close(self) -> None:
        """End what computes; maps stay."""
        with self._starting:
            self._end()
        with contextlib.suppress(Empty):
            while True:
                computer = self._computers.get_nowait()
                if computer is not None:
                    computer.close()

    def start(self) -> None:
        """Start the process that computes, so that the first map doesn't wait for it."""
        with self._starting:
            self._open_control()

    def recall(self, key: object) -> CachedMap | None:
        """Return a map that was asked for before, by its digest; it may be computed at this moment."""
        cached = self._look_up(key) if isinstance(key, str) else None
        return None if cached is None else cached.result()

    def find(self, header: dict[str, Any], file: SealedFile) -> CachedMap | None:
        """Return a map, computed now or before; None where it can't be computed.

        Args:
            header: "settings", "dtype" and "shape", sound ones.
            file: has the vectors' bytes.
        """
        kind = json.dumps(header, sort_keys=True)
        vectors = file.numbers(0, tuple(header["shape"]), np.dtype(header["dtype"]))
        key = map_key(header, vectors)
        future: Future[CachedMap | None] = Future()
        cached = self._look_up(key)
        if cached is None:
            cached = self._claim(kind, key, vectors, file, future)
        if cached is not None:
            return cached.result()
        try:
            del vectors
            future.set_result(self._read_kept(key) or self._compute(key, header, file))
        except BaseException:
            future.set_result(None)
            raise
        finally:
            self._forget(key if future.result() is None else None)
        return future.result()

    def _look_up(self, key: str) -> Future[CachedMap | None] | None:
        """Return a map that was asked for before."""
        with self._lock:
            cached = self._maps.get(key)
            if cached is not None:
                self._maps.move_to_end(key)
                self.hits += 1
            return cached

    def _claim(
        self, kind: str, key: str, vectors: NDArray[Any], file: SealedFile, future: Future[CachedMap | None]
    ) -> Future[CachedMap | None] | None:
        """Return a map of nearly the same vectors.

        None where there is none: the key is this future's then.
        """
        rows, different = NearlyEqual.project(vectors), set[str]()
        equal = key
        while True:
            with self._lock:
                if cached := self._maps.get(equal):
                    self._maps[key] = cached
                    self._near.use(kind, equal)
                    self.hits += 1
                    return cached
                different.add(equal)
                candidates = self._near.candidates(kind, rows)
                if candidates.keys() <= different:
                    self._maps[key] = future
                    self._near.add(kind, key, rows, file)
                    return None
            # Nobody waits for the lock while two arrays are compared.
            other, cached_file = next(item for item in candidates.items() if item[0] not in different)
            if nearly_equal(vectors, cached_file.numbers(0, vectors.shape, vectors.dtype)):
                equal = other
            else:
                different.add(other)

    def _forget(self, failed: str | None) -> None:
        """Let go what failed, and the oldest where there are too many."""
        with self._lock:
            if failed is not None:
                self._maps.pop(failed, None)
            while len(self._maps) > self._most:
                self._maps.popitem(last=False)

    def _read_kept(self, key: str) -> CachedMap | None:
        """Return a map that an earlier run kept."""
        cached = None if self._folder is None else self._folder.read(key)
        if cached is not None:
            self.hits += 1
        return cached

    def _compute(self, key: str, header: dict[str, Any], file: SealedFile) -> CachedMap | None:
        """Have the map computed by a process of its own, in bounded time."""
        with self._wide if file.size > _WIDE_BYTES else contextlib.nullcontext():
            answer, values = self._ask(header, file)
        if not answer:
            return None
        embedding = CachedMap(answer["attributes"], answer["dtype"], tuple(answer["shape"]), bytes(values))
        with self._lock:
            self.misses += 1
            if self._folder is not None:
                self._folder.write(key, embedding)
        return embedding

    def _ask(self, header: dict[str, Any], file: SealedFile) -> tuple[dict[str, Any], bytes | bytearray]:
        """Return what a child of the process that computes says; nothing where it ends, or takes too long."""
        computer = self._computers.get()
        try:
            computer = computer or self._new_computer()
            send(computer, header, b"")
            file.send(computer)
            return receive(computer, most=_MOST_BYTES)
        except (OSError, EOFError, ValueError) as error:
            log_suppressed(error)
            if computer is not None:
                computer.close()
                computer = None
            if isinstance(error, TimeoutError):
                with self._starting:
                    self._end()  # with all that is computed at this moment: who asked for it computes it
            return {}, b""
        finally:
            self._computers.put(computer)

    def _new_computer(self) -> socket.socket:
        """Return the socket of a new child of the process that computes."""
        ours, theirs = socket.socketpair()
        with theirs, self._starting:
            socket.send_fds(self._open_control(), [b"."], [theirs.fileno()])
        ours.settimeout(_SECONDS)
        return ours

    def _open_control(self) -> socket.socket:
        """Return the socket of the process that computes; it is started when it is first needed."""
        if self._control is None or self._process is None or self._process.poll() is not None:
            self._end()
            self._control, theirs = socket.socketpair()
            with theirs:
                self._process = LoggedProcess(
                    "maps",
                    [sys.executable, "-P", "-m", "autograder.reuse.map_process", str(theirs.fileno())],
                    # More of BLAS's threads are little use here, and wait busily.
                    env={**os.environ, **thread_limits(1)},
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
        return self._control

    def _end(self) -> None:
        """End the process that computes, and its children."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is not None:
            if self._process.poll() is None:
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.end()
            self._process = None
