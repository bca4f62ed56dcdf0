"""Remember t-SNE maps: the grader's side computes each map that a class asks for once."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.log import LoggedProcess, log_suppressed
from autograder.reuse.map_folder import CachedMap, MapFolder
from autograder.reuse.nearly_equal import NearlyEqual, nearly_equal
from autograder.sandbox.inside.wire import map_key, receive, send
from autograder.sandbox.sealed_files import SealedFile
from autograder.threads import thread_limits

__all__ = ["Asker", "MapCache"]

_MOST_BYTES = 2**28  # of one map
_WIDE_BYTES = 2**25  # of such vectors, a map is computed at a time: its process holds them three times
_MOST_PREDICTED_BYTES = 2**28  # all of a class's predictions together have half of it
_SECONDS = 240.0  # of computing for one submission's maps; exact t-SNE of 1000 points with 3000 steps takes 60
_LOOK_SECONDS = 0.5  # between two looks whether somebody still waits


class Asker:
    """Who asks for maps and predictions: a submission's kernel, or the grader's own judging process.

    Args:
        peer: the socket over which the answer goes; None for one that can't go away.
        trusted: whether it is the grader's own: it comes first, and may ask for as much as it likes.

    Attributes:
        seconds: of computing that it has had.
        room: bytes of predictions that it may still get: while it doesn't look at them, they count in no limit of its own.
    """

    def __init__(self, peer: socket.socket | None = None, *, trusted: bool = False) -> None:
        self.trusted = trusted
        self.seconds = 0.0
        self.room = _MOST_PREDICTED_BYTES
        self._peer = peer

    @property
    def gone(self) -> bool:
        """Whether nobody is there any more to take the answer."""
        if self._peer is None:
            return False
        if self._peer.fileno() < 0:
            return True
        watch = select.poll()
        watch.register(self._peer, select.POLLRDHUP)
        return bool(watch.poll(0))

    @property
    def left(self) -> float:
        """How many seconds of computing it may still ask for."""
        return _SECONDS if self.trusted else max(0.0, _SECONDS - self.seconds)


class _Wanted:
    """A map that is being computed, or waits for its turn, and who waits for it.

    Args:
        asker: the first of them.
    """

    def __init__(self, asker: Asker) -> None:
        self.future: Future[CachedMap | None] = Future()
        self.askers = [asker]
        self.wide = False

    @property
    def trusted(self) -> bool:
        """Whether the grader itself waits for it."""
        return any(asker.trusted for asker in self.askers)

    @property
    def abandoned(self) -> bool:
        """Whether nobody waits any more."""
        return all(asker.gone for asker in self.askers)

    @property
    def turn(self) -> tuple[bool, float]:
        """What decides whose turn it is: the grader's own first, then who has had least."""
        return not self.trusted, min(asker.seconds for asker in self.askers)


class _Turns:
    """Decides who computes: each submission in its turn, and the grader's own maps beside them.

    Args:
        at_once: how many submissions' maps are computed side by side; one more is for the grader's own.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._waiting: list[_Wanted] = []
        self._running: list[_Wanted] = []
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def turn(self, wanted: _Wanted) -> Iterator[bool]:
        """Wait for a turn, and hold it; yields False where nobody waits for that map any more."""
        with self._changed:
            self._waiting.append(wanted)
            while not (self._is_next(wanted) or wanted.abandoned):
                self._changed.wait(_LOOK_SECONDS)
            self._waiting.remove(wanted)
            self._running.append(wanted)
        try:
            yield not wanted.abandoned
        finally:
            with self._changed:
                self._running.remove(wanted)
                self._changed.notify_all()

    def _is_next(self, wanted: _Wanted) -> bool:
        """Return whether it is first among those that could begin."""
        able = [one for one in self._waiting if self._has_room(one)]
        return bool(able) and min(able, key=lambda one: one.turn) is wanted

    def _has_room(self, wanted: _Wanted) -> bool:
        """Return whether it could begin."""
        room = len(self._running) < self._at_once + wanted.trusted
        return room and (wanted.trusted or not (wanted.wide and any(one.wide for one in self._running)))


class _Computer:
    """A child of the process that computes.

    Args:
        peer: the grader's end of its socket.
        process: the child, open.
    """

    def __init__(self, peer: socket.socket, process: int) -> None:
        self._peer = peer
        self._process = process

    def ask(
        self, header: dict[str, Any], file: SealedFile, wanted: _Wanted
    ) -> tuple[dict[str, Any], bytes | bytearray]:
        """Return what it says; nothing where nobody waits for it any more.

        Raises:
            OSError, EOFError, ValueError: it has ended: it computed for too long.
        """
        send(self._peer, header, b"")
        file.send(self._peer)
        while not select.select([self._peer], [], [], _LOOK_SECONDS)[0]:
            if wanted.abandoned:
                raise EOFError("nobody waits for this map any more")
        return receive(self._peer, most=_MOST_BYTES)

    def close(self) -> None:
        """End it, whatever it computes."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
        os.close(self._process)
        self._peer.close()


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
        self._maps: OrderedDict[str, _Wanted] = OrderedDict()
        self._near = NearlyEqual()
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._process: LoggedProcess | None = None
        self._control: socket.socket | None = None
        self._turns = _Turns(at_once)
        self._computers: list[_Computer] = []  # those that compute nothing
        self.misses = 0
        self.hits = 0

    def close(self) -> None:
        """End what computes; maps stay."""
        with self._starting:
            self._end()
        while self._computers:
            self._computers.pop().close()

    def start(self) -> None:
        """Start the process that computes, so that the first map doesn't wait for it."""
        with self._starting:
            self._open_control()

    def recall(self, key: object, asker: Asker | None = None) -> CachedMap | None:
        """Return a map that was asked for before, by its digest; it may be computed at this moment."""
        cached = self._look_up(key, asker or Asker()) if isinstance(key, str) else None
        return None if cached is None else cached.future.result()

    def find(self, header: dict[str, Any], file: SealedFile, asker: Asker | None = None) -> CachedMap | None:
        """Return a map, computed now or before; None where it can't be computed.

        Args:
            header: "settings", "dtype" and "shape", sound ones.
            file: has the vectors' bytes.
            asker: who asks; None for somebody who asks for nothing else.
        """
        asker = asker or Asker()
        kind = json.dumps(header, sort_keys=True)
        vectors = file.numbers(0, tuple(header["shape"]), np.dtype(header["dtype"]))
        key = map_key(header, vectors)
        if not asker.left:
            return self.recall(key, asker)
        wanted = _Wanted(asker)
        wanted.wide = file.size > _WIDE_BYTES
        while cached := self._look_up(key, asker) or self._claim(kind, key, vectors, file, wanted):
            # Whoever asked first may have had its time, or go away: then it is computed for the next.
            if found := cached.future.result():
                return found
        found = None
        try:
            del vectors
            found = self._read_kept(key) or self._compute(key, header, file, wanted)
        finally:
            self._forget(None if found else key)
            wanted.future.set_result(found)
        return found

    def _look_up(self, key: str, asker: Asker) -> _Wanted | None:
        """Return a map that was asked for before; who asks waits for it now, too."""
        with self._lock:
            cached = self._maps.get(key)
            if cached is not None:
                self._use(key, cached, asker)
            return cached

    def _use(self, key: str, known: _Wanted, asker: Asker) -> None:
        """Note that a map is asked for again."""
        self._maps.move_to_end(key)
        if not known.future.done():
            known.askers.append(asker)
        self.hits += 1

    def _claim(self, kind: str, key: str, vectors: NDArray[Any], file: SealedFile, wanted: _Wanted) -> _Wanted | None:
        """Return a map of nearly the same vectors.

        None where there is none: the key is the wanted map's then.
        """
        rows, different = NearlyEqual.project(vectors), set[str]()
        equal = key
        while True:
            with self._lock:
                if cached := self._maps.get(equal):
                    self._maps[key] = cached
                    self._near.use(kind, equal)
                    self._use(key, cached, wanted.askers[0])
                    return cached
                different.add(equal)
                candidates = self._near.candidates(kind, rows)
                if candidates.keys() <= different:
                    self._maps[key] = wanted
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

    def _compute(self, key: str, header: dict[str, Any], file: SealedFile, wanted: _Wanted) -> CachedMap | None:
        """Have the map computed by a process of its own, when its turn has come, within what its asker has left."""
        asker = wanted.askers[0]
        if not asker.left:
            return None
        with self._turns.turn(wanted) as waited_for:
            answer, values = self._ask(header, file, wanted) if waited_for else ({}, b"")
        asker.seconds += answer.pop("seconds", asker.left)
        if "attributes" not in answer:
            return None
        embedding = CachedMap(answer["attributes"], answer["dtype"], tuple(answer["shape"]), bytes(values))
        with self._lock:
            self.misses += 1
            if self._folder is not None:
                self._folder.write(key, embedding)
        return embedding

    def _ask(
        self, header: dict[str, Any], file: SealedFile, wanted: _Wanted
    ) -> tuple[dict[str, Any], bytes | bytearray]:
        """Return what a child of the process that computes says; nothing where it ends, or nobody waits for it."""
        computer = None
        try:
            with self._starting:
                computer = self._computers.pop() if self._computers else None
            computer = computer or self._new_computer()
            answer = computer.ask({**header, "seconds": wanted.askers[0].left}, file, wanted)
        except (OSError, EOFError, ValueError) as error:
            log_suppressed(error)
            if computer is not None:
                computer.close()
            return {}, b""
        self._computers.append(computer)
        return answer

    def _new_computer(self) -> _Computer:
        """Return a new child of the process that computes."""
        ours, theirs = socket.socketpair()
        with theirs, self._starting:
            socket.send_fds(self._open_control(), [b"."], [theirs.fileno()])
        files = socket.recv_fds(ours, 1, 1)[1]
        if not files:
            ours.close()
            raise EOFError("the process that computes maps has ended")
        return _Computer(ours, files[0])

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
