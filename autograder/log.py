"""Write down what happened: on the terminal, and in `OUT/logs`, one file for each kind of process."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, TextIO, get_args

from autograder.lifeline import lifeline
from autograder.texts import printable

__all__ = [
    "LOGGER",
    "LoggedProcess",
    "hold_log",
    "keep_logs",
    "log_anew",
    "log_suppressed",
    "logged_suppress",
    "show_log",
]

ProcessName = Literal["judging", "maps", "reading", "sandbox"]

LOGGER = "autograder"
"""The name of the logger of everything here."""
_PROCESS = "autograder.process."  # and a `ProcessName`: the logger of what such processes write
_MAX_BYTES = 2**20  # of a file; one more, `<name>.log.1`, has what came before
_RECORD_CHARACTERS = 20_000  # a traceback has a few thousand; what a student's text made longer is cut off
_LINE_BYTES = 4000  # of a line that a process writes; a longer one is cut in several
_TAIL_LINES = 20
_MAX_HELD_RECORDS = 1000
_JOIN_SECONDS = 1.0
_LOGGED: set[tuple[type[BaseException], str]] = set()


class _Format(logging.Formatter):
    """Formats a record without the characters that a terminal obeys.

    Lines after its first are indented.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the text of a record."""
        return "\n    ".join(map(printable, super().format(record)[:_RECORD_CHARACTERS].split("\n")))


class _Terminal(logging.StreamHandler[TextIO]):
    """Writes to whatever standard error is at that moment: a progress bar stands in for it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        self.stream = sys.stderr
        super().emit(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the name is of `logging`)
        """Say nothing where standard error is gone: this handler has no other place to say it."""


class _File(RotatingFileHandler):
    """A bounded file that its owner alone may read; it is made by the first record.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, maxBytes=_MAX_BYTES, backupCount=1, encoding="utf-8", delay=True)
        line = "%(asctime)s %(levelname)s %(worker)s %(name)s: %(message)s"
        self.setFormatter(_Format(line, defaults={"worker": "-"}))  # Dask says which worker a record is from

    def _open(self) -> TextIOWrapper:
        """Open the file; a new one is private."""
        number = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return open(number, "a", encoding="utf-8")  # noqa: PTH123 (a file that is open)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the name is of `logging`)
        """Say nothing where the disk is full: who writes results says it, in a sentence."""


_TERMINAL = _Terminal()
_TERMINAL.setFormatter(_Format("%(levelname)s %(name)s: %(message)s"))


def show_log(verbosity: int) -> None:
    """Write the log to standard error too.

    At 0 warnings, at 1 what processes say and what was passed over, at 2 everything.
    """
    _TERMINAL.setLevel({0: logging.WARNING, 1: logging.INFO}.get(verbosity, logging.DEBUG))
    logger = logging.getLogger(LOGGER)
    logger.setLevel(_TERMINAL.level)
    logger.addHandler(_TERMINAL)


class _Held(logging.Handler):
    """Keeps the last records in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.records: deque[logging.LogRecord] = deque(maxlen=_MAX_HELD_RECORDS)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        self.records.append(record)


@contextlib.contextmanager
def hold_log() -> Iterator[deque[logging.LogRecord]]:
    """Hold what is logged meanwhile, for `keep_logs`: a folder for logs may not be there yet."""
    logger, held = logging.getLogger(LOGGER), _Held()
    level = logger.level
    logger.addHandler(held)
    logger.setLevel(logging.DEBUG)
    _LOGGED.clear()
    try:
        yield held.records
    finally:
        logger.removeHandler(held)
        logger.setLevel(level)


@contextlib.contextmanager
def keep_logs(folder: Path, earlier: Iterable[logging.LogRecord] = ()) -> Iterator[None]:
    """Write everything into a folder meanwhile: `grade.log`, and a file for each kind of process.

    Args:
        folder: is there, and its owner's alone.
        earlier: what was held before, to be written first.
    """
    ours = _File(folder / "grade.log")
    ours.addFilter(lambda record: not record.name.startswith(_PROCESS))
    files = {LOGGER: ours}
    files |= {f"{_PROCESS}{name}": _File(folder / f"{name}.log") for name in get_args(ProcessName)}
    logger = logging.getLogger(LOGGER)
    level = logger.level
    for name, file in files.items():
        logging.getLogger(name).addHandler(file)
    for record in tuple(earlier):
        ours.handle(record)
    logger.setLevel(logging.DEBUG)
    _LOGGED.clear()
    try:
        logger.debug("A run begins, process %d.", os.getpid())
        yield
        logger.debug("The run has ended.")
    except BaseException:
        logger.info("The run has ended with an exception.", exc_info=True)
        raise
    finally:
        logger.setLevel(level)
        for name, file in files.items():
            logging.getLogger(name).removeHandler(file)
            file.close()


def log_anew() -> None:
    """Log from here on, as if nothing had been logged before: a cluster's worker serves several runs."""
    logging.getLogger(LOGGER).setLevel(logging.INFO)
    _LOGGED.clear()


def log_suppressed(error: BaseException) -> None:
    """Log an exception that is suppressed, by its class and place: once for each class and function."""
    trace = error.__traceback__
    if trace is None:
        return
    function = f"{trace.tb_frame.f_globals['__name__']}.{trace.tb_frame.f_code.co_qualname}"
    if (type(error), function) not in _LOGGED:
        _LOGGED.add((type(error), function))
        where = f"{function}, line {trace.tb_lineno}"
        logging.getLogger(LOGGER).info("%s suppressed in %s: %.20000s", type(error).__name__, where, error)


class logged_suppress(contextlib.suppress):  # noqa: N801 (as `contextlib.suppress` is written)
    """Suppress exceptions as `contextlib.suppress` does, and log each."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        """Log what is suppressed."""
        suppressed = super().__exit__(kind, error, trace)
        if suppressed and error is not None:
            log_suppressed(error)
        return suppressed


class LoggedProcess(subprocess.Popen[bytes]):
    """A process whose standard error is logged line by line; it has no other input or output.

    What it writes is read here and never by name, so that the process itself can't read the log.
    It ends with the process that started it, however that ends, and so do its forks.

    Args:
        name: its kind, which names the file.
        command: its command line.
        options: as for `subprocess.Popen`.
    """

    def __init__(self, name: ProcessName, command: Sequence[str], **options: Any) -> None:
        nothing = subprocess.DEVNULL
        # A session of its own: what a terminal sends is for the grader. A sandbox ends with its sockets, and holds
        # nothing that kernels would share.
        options |= {
            "bufsize": 0,
            "stdin": nothing,
            "stdout": nothing,
            "stderr": subprocess.PIPE,
            "start_new_session": True,
        }
        with lifeline() as (reading, writing, tie):
            tied = () if name == "sandbox" else (reading,)
            super().__init__(command, **options | {"pass_fds": [*options.get("pass_fds", ()), *tied]})
            tie(self.pid)
        self._let_go = weakref.finalize(self, os.close, writing)
        self._logger = logging.getLogger(f"{_PROCESS}{name}")
        self._logger.info("Started as process %d.", self.pid)
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def end(self) -> None:
        """End the process and its forks, and wait until its last words are logged."""
        self._let_go()
        self.kill()
        self.wait()
        self._reader.join(_JOIN_SECONDS)

    def last_words(self) -> str:
        """Return the last lines that the process wrote, once it has ended."""
        self._reader.join(_JOIN_SECONDS)
        return "\n".join(self._tail)

    def _read(self) -> None:
        """Log lines until nobody is left who could write one."""
        if self.stderr is None:
            raise TypeError("a logged process has a pipe")
        line = b""
        with self.stderr as pipe:
            while chunk := pipe.read(2**16):
                *lines, line = (line + chunk).split(b"\n")
                for whole in lines:
                    self._log(whole)
                if len(line) > _LINE_BYTES:
                    self._log(line)
                    line = b""
        self._log(line)
        self._logger.info("Process %d ended with exit code %d.", self.pid, self.wait())

    def _log(self, line: bytes) -> None:
        """Log one line, in pieces where it is long."""
        for start in range(0, len(line), _LINE_BYTES):
            text = line[start : start + _LINE_BYTES].decode(errors="replace")
            self._tail.append(text)
            self._logger.info("%s", text)
