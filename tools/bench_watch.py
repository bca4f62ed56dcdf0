"""Measure how long `autograder watch` takes from a file that arrives to the student's page and row; `bench.py` calls it."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
AIM_MEDIAN, AIM_MOST = 3.0, 8.0
_SHARE = 0.95
_PATIENCE = 600  # seconds for all of them; a machine that is busy is slow


@dataclass
class Delays:
    """How long hand-ins took from file to page and row.

    Attributes:
        seconds: of each, in the order in which they came.
        minutes: in which they came.
    """

    seconds: list[float]
    minutes: float

    @property
    def median(self) -> float:
        """Seconds that half of them took at most."""
        return statistics.median(self.seconds)

    @property
    def most(self) -> float:
        """Seconds that 95 of 100 took at most."""
        return sorted(self.seconds)[math.ceil(_SHARE * len(self.seconds)) - 1]

    def line(self) -> str:
        """Return what was measured, and whether it is what it should be."""
        held = self.median <= AIM_MEDIAN and self.most < AIM_MOST
        return (
            f"on hand-in: {len(self.seconds)} in {self.minutes:g} min, from file to page: median {self.median:.1f} s, "
            f"95 % under {self.most:.1f} s, longest {max(self.seconds):.1f} s "
            f"(aims: {AIM_MEDIAN:g} and {AIM_MOST:g} s; {'reached' if held else 'NOT reached'})"
        )


def measure(root: Path, notebooks: Sequence[Path], name: str, minutes: float = 1.0) -> Delays:
    """Let a class arrive one by one, evenly, while `watch` is warm and has its maps.

    Args:
        root: a repository with the assignment and its release.
        notebooks: what arrives; before that, it is all graded once under other names, so that maps are known.
        name: the assignment's.
        minutes: in which all of them arrive.
    """
    inbox, out = root / "inbox", root / "out-watched"
    inbox.mkdir()
    with _watching(root, inbox, out, name) as process:
        for notebook in notebooks:
            shutil.copyfile(notebook, inbox / f"earlier-{notebook.name}")
        _wait_for(process, out, {f"earlier-{notebook.stem}" for notebook in notebooks}, name)
        time.sleep(10)  # the class page of these
        came: dict[str, float] = {}
        done: dict[str, float] = {}
        start = time.monotonic()
        while len(done) < len(notebooks):
            now = time.monotonic()
            if len(came) < len(notebooks) and now >= start + len(came) * minutes * 60 / len(notebooks):
                notebook = notebooks[len(came)]
                shutil.copyfile(notebook, inbox / notebook.name)
                came[notebook.stem] = time.monotonic()
            there = _there(out, name)
            done |= {student: time.monotonic() for student in came.keys() & there - done.keys()}
            if now - start > _PATIENCE or process.poll() is not None:
                raise SystemExit(f"only {len(done)} of {len(notebooks)} hand-ins were graded")
            time.sleep(0.05)
    return Delays([round(done[student] - came[student], 2) for student in came], minutes)


@contextmanager
def _watching(root: Path, inbox: Path, out: Path, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command until the end of the block."""
    command = [sys.executable, "-m", "autograder", "watch", str(inbox), "--assignment", name, "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([*command, "--from", "folder", "--quiet"], cwd=root, env=environment) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(120)


def _wait_for(process: subprocess.Popen[bytes], out: Path, students: set[str], name: str) -> None:
    """Wait until all of them are graded."""
    end = time.monotonic() + _PATIENCE
    while not students <= _there(out, name):
        if time.monotonic() > end or process.poll() is not None:
            raise SystemExit("the class was not graded")
        time.sleep(0.5)


def _there(out: Path, name: str) -> set[str]:
    """Return the students who have a row and a page."""
    path = out / "results.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    students = {str(json.loads(line)["student"]) for line in lines}
    return {student for student in students if (out / "feedback" / student / f"{name}.html").exists()}
