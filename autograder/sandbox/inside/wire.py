"""Talk to the grader's side: a header as JSON, and the bytes that it is about."""

from __future__ import annotations

import contextlib
import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

__all__ = ["WANTED", "Service", "map_key", "receive", "receive_header", "receive_into", "send"]

WANTED: dict[str, Any] = {"vectors": "wanted"}
"""The answer to a map's digest that isn't known."""


_HEADER = 4


class Service:
    """This process's end of the service that the grader's side offers.

    A process that is forked later connects to one of its own.

    Args:
        peer: who is asked; None where that comes later.
    """

    def __init__(self, peer: socket.socket | None = None) -> None:
        self.lock = threading.Lock()
        self._peer = peer

    def connect(self, peer: socket.socket) -> None:
        """Ask this peer from now on."""
        self.lock = threading.Lock()
        self._peer = peer

    def close(self) -> None:
        """Ask nobody from now on."""
        if self._peer is not None:
            self._peer.close()
        self._peer = None

    @contextlib.contextmanager
    def silence(self) -> Iterator[None]:
        """Ask nobody meanwhile."""
        peer, self._peer = self._peer, None
        try:
            yield
        finally:
            self._peer = peer

    @contextlib.contextmanager
    def question(self) -> Iterator[socket.socket]:
        """Yield who is asked, one question at a time.

        One that is broken off, as by an interrupted cell, is the last: its answer would be taken for the next one's.

        Raises:
            OSError: nobody is there to be asked.
        """
        with self.lock:
            try:
                yield self.peer
            except BaseException:
                self.close()
                raise

    @property
    def connected(self) -> bool:
        """Whether there is somebody to ask."""
        return self._peer is not None

    @property
    def peer(self) -> socket.socket:
        """Who is asked.

        Raises:
            OSError: nobody yet.
        """
        if self._peer is None:
            raise OSError("nobody answers")
        return self._peer


def map_key(header: dict[str, Any], vectors: Any) -> str:
    """Return the digest of all that decides a map: settings, type, shape and vectors.

    The vectors are contiguous.
    """
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    digest.update(vectors.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def send(peer: socket.socket, header: dict[str, Any], body: bytes | bytearray | memoryview) -> None:
    """Send a header and the bytes that it is about."""
    text = json.dumps({**header, "bytes": len(body)}).encode()
    peer.sendall(len(text).to_bytes(_HEADER, "little") + text)
    if len(body):  # nothing more would be an error, where the other side has gone with what it has
        peer.sendall(body)


def receive(peer: socket.socket, *, most: int) -> tuple[dict[str, Any], bytearray]:
    """Receive what `send` sent; arguments and errors are those of `receive_header`."""
    header, size = receive_header(peer, most=most)
    body = bytearray(size)
    receive_into(peer, memoryview(body))
    return header, body


def receive_header(peer: socket.socket, *, most: int) -> tuple[dict[str, Any], int]:
    """Receive the header of what `send` sent, and how many bytes follow it.

    Args:
        peer: the other side; nothing about it is believed.
        most: how many bytes are accepted.

    Raises:
        EOFError: the other side is gone.
        ValueError: it sends something else, or more.
    """
    prefix = bytearray(_HEADER)
    receive_into(peer, memoryview(prefix))
    length = int.from_bytes(prefix, "little")
    if length > 100_000:
        raise ValueError("the header is too long")
    text = bytearray(length)
    receive_into(peer, memoryview(text))
    header = json.loads(text)
    if not isinstance(header, dict):
        raise ValueError("the header is no dictionary")  # noqa: TRY004 (it is a wrong value like the others)
    size = header.pop("bytes", None)
    if not isinstance(size, int) or not 0 <= size <= most:
        raise ValueError("the body is too long")
    return header, size


def receive_into(peer: socket.socket, room: memoryview) -> None:
    """Receive as many bytes as there is room for.

    Raises:
        EOFError: the other side is gone.
    """
    done = 0
    while done < len(room):
        count = peer.recv_into(room[done:])
        if not count:
            raise EOFError("the other side is gone")
        done += count
