"""Open the archives that students handed in, in processes that are bounded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

from autograder.bounded.processes import BoundedProcesses, OutOfBoundsError
from autograder.collect.archives import is_archive, read_archives
from autograder.collect.choose import walk_own
from autograder.collect.kinds import notebook_stem
from autograder.collect.limits import STUDENT_LIMITS, StudentBudget
from autograder.collect.records import Node
from autograder.log import log_suppressed

__all__ = ["ArchiveOpener", "is_notebook"]

_MAX_ARCHIVES = 20
"""Archives of one hand-in that are opened."""
_SECONDS = 30.0  # of computing, for all of them; what they may unpack together takes five


def is_notebook(name: str) -> bool:
    """Return whether a name is a notebook's."""
    return notebook_stem(name) is not None


class ArchiveOpener:
    """Puts the members of archives that a student handed in below them.

    Args:
        store: a folder that takes what is unpacked.
        processes: where the processes come from that unpack.
    """

    def __init__(self, store: Path, processes: BoundedProcesses) -> None:
        self.store = store
        self._processes = processes

    def open(self, hand_in: Node, budget: StudentBudget) -> None:
        """Open a hand-in's archives. One that can't be opened is told, and costs itself."""
        archives = [
            node
            for node, litter in walk_own(hand_in)
            if not litter and is_archive(node.name) and node.path and not node.is_folder
        ]
        for node in archives[_MAX_ARCHIVES:]:
            node.fault = f"is one of more than {_MAX_ARCHIVES} archives, and is not opened"
        opened = archives[:_MAX_ARCHIVES]
        places = [(node.path, f"{node.place}/") for node in opened if node.path is not None]
        for node, children in zip(opened, self.read(places, budget) if places else (), strict=True):
            if children is None:
                node.fault = "can't be opened as an archive: it is damaged, or too large"
            else:
                node.children += children

    def read(self, archives: Sequence[tuple[Path, str]], budget: StudentBudget) -> list[list[Node] | None]:
        """Return the members of each archive; None of one that can't be read, or of all that take too much.

        Args:
            archives: each with what its members' places begin with.
            budget: what they may take out.
        """
        folder, limits = Path(mkdtemp(dir=self.store)), replace(STUDENT_LIMITS, total=budget.left)
        try:
            with self._processes.start() as process:
                trees: list[list[Node] | None] = process.call(
                    read_archives, archives, folder, limits, is_notebook, seconds=_SECONDS
                )
                return trees
        except OutOfBoundsError as error:
            log_suppressed(error)
            return [None] * len(archives)
        finally:
            budget.take(min(budget.left, sum(path.stat().st_size for path in folder.iterdir())))
