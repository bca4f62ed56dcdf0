"""Look at a folder that others write into, and know which files in it are whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from autograder.collect.tree import MAX_ENTRIES
from autograder.watch.stamps import Stamp, scan
from autograder.watch.whole import is_partial, is_whole

__all__ = ["Inbox"]


class Inbox:
    """A folder, as it was at the last look.

    A file is finished when two looks find it the same, and its content ends where it should. One that stays half for
    long is finished, too: then the collect stage says what is wrong with it.

    Args:
        folder: an absolute path.
        patience: seconds that a file which is half may stay the same.
        clock: tells the seconds.

    Attributes:
        has_news: whether the last look saw anything else than the one before.
    """

    def __init__(self, folder: Path, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder, self._patience, self._clock = folder, patience, clock
        self._seen: dict[str, Stamp] = {}
        self._since: dict[str, float] = {}
        self._finished: dict[str, Stamp] = {}
        self._half: dict[str, Stamp] = {}
        self._crowded: set[str] = set()
        self.has_news = False

    def look(self) -> bool:
        """Look again; return whether other files are finished than before.

        Raises:
            OSError: the folder is gone, or can't be listed.
        """
        seen, now = scan(self._folder), self._clock()
        same = {path for path, stamp in seen.items() if self._seen.get(path) == stamp}
        self._since = {path: self._since[path] if path in same else now for path in seen}
        finished = {path: stamp for path, stamp in seen.items() if path in same and self._is_ready(path, stamp, now)}
        changed, self.has_news = finished != self._finished, seen != self._seen
        self._half = {path: stamp for path, stamp in self._half.items() if seen.get(path) == stamp}
        self._seen, self._finished = seen, finished
        self._crowded = self._tops_of_many() if len(seen) >= MAX_ENTRIES else set()
        return changed

    def _is_ready(self, path: str, stamp: Stamp, now: float) -> bool:
        """Return whether a file that was found the same twice is finished."""
        if self._finished.get(path) == stamp or now - self._since[path] >= self._patience:
            return True
        if path not in self._half and not (stamp.is_file and is_partial(path.rpartition("/")[2])):
            if is_whole(path, stamp):
                return True
            self._half[path] = stamp
        return False

    @property
    def all_finished(self) -> bool:
        """Whether nothing is being written, as far as can be seen."""
        return len(self._finished) == len(self._seen)

    def is_finished(self, path: Path) -> bool:
        """Return whether nobody writes a file or folder any more."""
        return str(path) in self._finished or (self._top(str(path)) in self._crowded and str(path) not in self._seen)

    def stamp(self, path: Path) -> Stamp | None:
        """Return what a file was at the last look; None where it wasn't there."""
        return self._seen.get(str(path))

    def _tops_of_many(self) -> set[str]:
        """Return the entries of the folder that have more below them than is looked at."""
        counts: dict[str, int] = {}
        for path in self._seen:
            top = self._top(path)
            counts[top] = counts.get(top, 0) + 1
        return {top for top, count in counts.items() if count > MAX_ENTRIES}

    def _top(self, path: str) -> str:
        """Return the name of the folder's entry that a path lies in."""
        return path[len(str(self._folder)) + 1 :].partition("/")[0]
