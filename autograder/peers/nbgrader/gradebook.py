"""Open nbgrader's gradebook, and close it whatever happens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

__all__ = ["open_gradebook"]


def open_gradebook(path: Path) -> Any:
    """Return an open `nbgrader.api.Gradebook`, a context manager; a missing file is made.

    nbgrader leaves its connection open where a file is no gradebook, and Python 3.13 complains of it later, elsewhere.

    Args:
        path: the file, such as `gradebook.db`.

    Raises:
        sqlalchemy.exc.DatabaseError: the file is no gradebook.
    """
    from nbgrader.api import Gradebook  # four seconds to import

    class _Gradebook(Gradebook):  # type: ignore[misc]
        """A gradebook that closes its connections when it can't be opened."""

        def __init__(self, url: str) -> None:
            try:
                super().__init__(url)
            except BaseException:
                if hasattr(self, "db"):
                    self.close()
                raise

    return _Gradebook(f"sqlite:///{path.resolve()}")
