"""Put finished folders in the place of old ones: all of them, or none."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["publish", "staging"]


@contextmanager
def staging(root: Path) -> Iterator[Path]:
    """Give an empty folder on the same file system as `root`, and remove it at the end, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix=".build-", dir=root))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish(stage: Path, root: Path, outputs: tuple[str, ...]) -> None:
    """Move `stage/<output>` to `root/<output>` for each output.

    The old ones are kept aside until all new ones are in place; when a move fails, they go back.

    Args:
        stage: a folder made by `staging`.
        root: the project's root.
        outputs: files or folders, relative to both.
    """
    aside = stage / "replaced"
    done: list[str] = []
    try:
        for output in outputs:
            _swap(stage / output, root / output, aside / output)
            done.append(output)
    except BaseException:
        for output in reversed(done):
            _swap(aside / output, root / output, stage / output)
        raise


def _swap(new: Path, place: Path, aside: Path) -> None:
    """Move `place` aside if it is there, and `new` into it if there is a new one."""
    for parent in (place.parent, aside.parent):
        parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.rename(aside)
    try:
        if new.exists():
            new.rename(place)
    except OSError:
        if aside.exists():
            aside.rename(place)
        raise
