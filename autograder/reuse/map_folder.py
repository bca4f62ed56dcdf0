"""Keep maps on disk, so that a later run computes none twice."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from autograder.files import write_file
from autograder.log import logged_suppress

__all__ = ["CachedMap", "MapFolder"]


@dataclass(frozen=True)
class CachedMap:
    """One map.

    Attributes:
        attributes: what the fitted estimator knows besides: `kl_divergence_`, `n_iter_`, `learning_rate_`.
        dtype: of the embedding, as NumPy writes it.
        shape: of the embedding.
        values: its bytes.
    """

    attributes: Mapping[str, float]
    dtype: str
    shape: tuple[int, ...]
    values: bytes


class MapFolder:
    """One file a map, named by what it was computed from; the ones not used for longest go first.

    Args:
        folder: is made when the first map is kept. Another version of scikit-learn computes its own maps.
        most: how many maps are kept.
    """

    def __init__(self, folder: Path, most: int) -> None:
        self._folder = folder / f"scikit-learn-{version('scikit-learn')}"
        self._most = most
        self._count: int | None = None

    def read(self, key: str) -> CachedMap | None:
        """Return a map; None where it isn't there, or the file is damaged."""
        path = self._folder / key
        with logged_suppress(OSError, ValueError, KeyError, TypeError), contextlib.suppress(FileNotFoundError):
            head, _, values = path.read_bytes().partition(b"\n")
            header = json.loads(head)
            if header["bytes"] == len(values):
                os.utime(path)
                return CachedMap(header["attributes"], header["dtype"], tuple(header["shape"]), values)
        return None

    def write(self, key: str, embedding: CachedMap) -> None:
        """Keep a map; a disk that is full or read-only costs the memory and nothing else."""
        header = {"attributes": dict(embedding.attributes), "dtype": embedding.dtype, "shape": embedding.shape}
        head = json.dumps({**header, "bytes": len(embedding.values)}).encode()
        with logged_suppress(OSError):
            write_file(self._folder / key, head + b"\n" + embedding.values)
            self._forget()

    def _forget(self) -> None:
        """Remove the oldest maps where there are too many; the folder is counted once and then kept count of."""
        self._count = self._count + 1 if self._count is not None else sum(1 for _ in self._folder.iterdir())
        if self._count > self._most:
            maps = sorted(self._folder.iterdir(), key=lambda path: path.stat().st_mtime)
            for path in maps[: len(maps) - self._most * 9 // 10]:
                path.unlink(missing_ok=True)
            self._count = None
