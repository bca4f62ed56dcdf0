"""Run a notebook's given cells once, in a process from which kernels are forked."""

from __future__ import annotations

import json
import os
import socket
import threading
from typing import Any

from nbformat import NotebookNode

from autograder.assignment.plan import AssignmentPlan, PlannedCell
from autograder.execute.messages import OpenedNotebook
from autograder.sandbox.fork import Fork, ForkFailedError, receive_fork
from autograder.sandbox.forkserver import Forkserver
from autograder.sandbox.inside.request import THREADS, WARM, KernelRequest
from autograder.sandbox.kernel import CellResult, add_output
from autograder.sandbox.limits import Limits
from autograder.sandbox.outputs import read_output

__all__ = ["SharedStart", "leading_given_cells", "start_shared"]


def leading_given_cells(plan: AssignmentPlan) -> tuple[PlannedCell, ...]:
    """Return the code cells that every notebook begins with: the instructor's, before the student's first."""
    cells = [cell for cell in plan.cells if cell.cell_type == "code" and cell.source.strip()]
    first = next((place for place, cell in enumerate(cells) if cell.kind != "given"), len(cells))
    return tuple(cells[:first])


class SharedStart:
    """Forks kernels in which the given cells have run; used by several threads.

    Args:
        control: the grader's end.
        cells: the cells that have run.
        outputs: what each of them showed.
        whole: whether kernels have everything that the process has: no thread of it stays behind.
    """

    def __init__(
        self,
        control: socket.socket,
        cells: tuple[PlannedCell, ...],
        outputs: tuple[tuple[NotebookNode, ...], ...],
        *,
        whole: bool,
    ) -> None:
        self.whole = whole
        self._control = control
        self._lock = threading.Lock()
        self._cells = cells
        self._outputs = outputs

    def covers(self, opened: OpenedNotebook) -> dict[int, tuple[NotebookNode, ...]]:
        """Return what the notebook's first cells showed, by index; nothing where it begins with others.

        Lines that a student added to a given cell bind nothing that given cells read: they may run behind all of these.
        """
        first = opened.first_cells[: len(self._cells)]
        same = [name for _, name in first] == [cell.grade_id for cell in self._cells]
        return dict(zip((index for index, _ in first), self._outputs, strict=True)) if same else {}

    def fork(self, request: KernelRequest, maps: socket.socket | None = None) -> Fork:
        """Fork a kernel, as `Forkserver.fork` does.

        Raises:
            ForkFailedError: the process is gone, or the kernel could not be confined.
        """
        try:
            return receive_fork(self._control, self._lock, request, maps)
        except OSError as error:
            raise ForkFailedError(str(error)) from error

    def close(self) -> None:
        """End the process, once its kernels have."""
        self._control.close()


def start_shared(
    forkserver: Forkserver, cells: tuple[PlannedCell, ...], service: socket.socket | None, limits: Limits
) -> SharedStart:
    """Run given cells in a process forked from the warm one; return when they have run.

    Args:
        forkserver: the warm process.
        cells: the cells.
        service: what answers for maps and predictions meanwhile; None for nothing.
        limits: how long it may take.

    Raises:
        ForkFailedError: a cell failed, or took too long.
    """
    control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    file = os.memfd_create("given")
    try:
        with theirs, os.fdopen(os.dup(file), "wb") as stream:
            stream.write(json.dumps([cell.source for cell in cells]).encode())
            stream.flush()
            forkserver.begin([theirs.fileno(), file, *([service.fileno()] if service else [])])
        control.settimeout(limits.seconds)
        word = control.recv(2000)
        if word not in (WARM, THREADS):
            raise ForkFailedError(word.decode(errors="replace"))
        messages = json.loads(os.pread(file, os.fstat(file).st_size, 0))
    except (OSError, ValueError) as error:
        control.close()
        raise ForkFailedError(str(error) or type(error).__name__) from error
    except ForkFailedError:
        control.close()
        raise
    finally:
        os.close(file)
    control.settimeout(30)
    return SharedStart(control, cells, tuple(tuple(_outputs(each)) for each in messages), whole=word == WARM)


def _outputs(messages: list[dict[str, Any]]) -> list[NotebookNode]:
    """Return the messages of one cell as a notebook holds them."""
    result = CellResult()
    for message in messages:
        output = read_output(message)
        if output is not None:
            add_output(result.outputs, output)
    return result.outputs
