"""Take a file with claims apart, so that equal arrays are kept once, and put it together again.

Nothing in it is read: where its arrays lie is known from judging them.
"""

from __future__ import annotations

import hashlib
import itertools
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from autograder.sandbox.sealed_files import SealedFile, StoredArray

__all__ = ["GoneError", "LayerFiles", "PackedClaims", "Packing", "Part", "TooMuchError", "pack", "unpack"]

_LEAST_BYTES = 4096  # of an array that is kept by itself
_MOST_PARTS = 1000
_LEVEL = 1  # of compression: activations lose half of their bytes, and higher levels a tenth more


class GoneError(Exception):
    """Bytes that claims are made of are not there any more; the text says which."""


class TooMuchError(Exception):
    """Claims are more than may be kept."""


@dataclass(frozen=True)
class Part:
    """Consecutive bytes of a file with claims.

    Attributes:
        start: where they begin.
        size: how many they are.
        digest: of the bytes.
        layer: the layer of the network's whose activations they are; "" where they are kept by themselves.
    """

    start: int
    size: int
    digest: str
    layer: str = ""


@dataclass(frozen=True)
class PackedClaims:
    """A file with claims, taken apart.

    Attributes:
        size: how many bytes it has.
        parts: its larger arrays, in order; none lies over another.
        rest: the digest of all other bytes, one after the other.
    """

    size: int
    parts: tuple[Part, ...]
    rest: str

    @property
    def kept(self) -> frozenset[str]:
        """The digests of the bytes that are kept for it."""
        return frozenset({self.rest, *(part.digest for part in self.parts if not part.layer)})


class LayerFiles:
    """The network's own activations, found by their bytes.

    Args:
        layers: where each layer's lie, by its name.
    """

    def __init__(self, layers: Mapping[str, StoredArray]) -> None:
        self._layers = layers
        self._digests: dict[str, str] = {}

    def name_of(self, content: bytes) -> str:
        """Return the layer whose activations these bytes are; "" for none."""
        names = [name for name, stored in self._layers.items() if stored.size == len(content)]
        digest = _digest(content) if names else ""
        return next((name for name in names if self._digest(name) == digest), "")

    def find(self, part: Part) -> StoredArray:
        """Return where the bytes of a part lie.

        Raises:
            GoneError: the network is another one, or its activations are computed in another way.
        """
        stored = self._layers.get(part.layer)
        if stored is None or stored.size != part.size or self._digest(part.layer) != part.digest:
            raise GoneError(f"the activations of {part.layer!r} are not what they were")
        return stored

    def _digest(self, name: str) -> str:
        """Return the digest of a layer's activations."""
        if name not in self._digests:
            self._digests[name] = _digest(self._layers[name].path.read_bytes())
        return self._digests[name]


@dataclass
class Packing:
    """What is kept of one submission's files with claims, while they are taken apart.

    Attributes:
        layers: the network's own activations, which need not be kept.
        have: whether bytes of a digest are kept already.
        room: how many more bytes may be kept, before they are compressed.
        kept: what is to be kept, compressed, by digest.
    """

    layers: LayerFiles
    have: Callable[[str], bool]
    room: int
    kept: dict[str, bytes] = field(default_factory=dict)

    def add(self, content: bytes) -> str:
        """Keep bytes, unless they are kept already, and return their digest.

        Raises:
            TooMuchError: there is no room for them.
        """
        digest = _digest(content)
        if digest not in self.kept and not self.have(digest):
            self.room -= len(content)
            if self.room < 0:
                raise TooMuchError
            self.kept[digest] = zlib.compress(content, _LEVEL)
        return digest


def pack(file: SealedFile, arrays: Mapping[int, int], packing: Packing) -> PackedClaims:
    """Take a file apart, and keep what it is made of.

    Args:
        file: the claims.
        arrays: how many bytes each array has, by where it begins.
        packing: takes what is to be kept.

    Raises:
        TooMuchError: it is more than may be kept.
    """
    parts, rest, end = list[Part](), list[bytes](), 0
    for start, size in sorted(arrays.items()):
        if size >= _LEAST_BYTES and start >= end and start + size <= file.size and len(parts) < _MOST_PARTS:
            content = file.read(start, size)
            layer = packing.layers.name_of(content)
            parts.append(Part(start, size, _digest(content) if layer else packing.add(content), layer))
            rest.append(file.read(end, start - end))
            end = start + size
    if sum(map(len, rest)) + file.size - end > packing.room:
        raise TooMuchError
    rest.append(file.read(end, file.size - end))
    return PackedClaims(file.size, tuple(parts), packing.add(b"".join(rest)))


def unpack(packed: PackedClaims, read: Callable[[str], bytes], layers: LayerFiles, most: int) -> SealedFile:
    """Return the file that was taken apart.

    Args:
        packed: what is known of it.
        read: returns what was kept by a digest; raises `GoneError` where it is gone.
        layers: the network's own activations.
        most: bytes that it may have.

    Raises:
        GoneError: something that it is made of is not there any more, or not what it was.
    """
    spans, end = list[tuple[int, int]](), 0
    for part in packed.parts:
        if not end <= part.start <= part.start + part.size <= packed.size:
            raise GoneError("the record of its claims is damaged")
        spans.append((end, part.start))
        end = part.start + part.size
    spans.append((end, packed.size))
    if packed.size > most:
        raise GoneError("the record of its claims is damaged")
    rest = _inflate(read(packed.rest), sum(stop - start for start, stop in spans), packed.rest)
    starts = itertools.accumulate((stop - start for start, stop in spans), initial=0)
    pieces: dict[int, bytes | StoredArray] = {
        start: rest[done : done + stop - start] for (start, stop), done in zip(spans, starts, strict=False)
    }
    for part in packed.parts:
        pieces[part.start] = layers.find(part) if part.layer else _inflate(read(part.digest), part.size, part.digest)
    try:
        return SealedFile.joined(packed.size, pieces)
    except OSError as error:
        raise GoneError("the network's activations can't be read") from error


def _inflate(content: bytes, size: int, digest: str) -> bytes:
    """Return compressed bytes as they were, and never more than that.

    Raises:
        GoneError: they are other ones.
    """
    try:
        whole = zlib.decompressobj().decompress(content, size + 1)
    except zlib.error as error:
        raise GoneError("what was kept of its claims is damaged") from error
    if len(whole) != size or _digest(whole) != digest:
        raise GoneError("what was kept of its claims is damaged")
    return whole


def _digest(content: bytes) -> str:
    """Return what tells bytes from others, in signs that name a file."""
    return hashlib.blake2b(content, digest_size=32).hexdigest()
