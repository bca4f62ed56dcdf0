"""Have the judge look at an assignment's specimens, and count what it says."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

from autograder.accuracy import FULL, SHORT, Accuracy
from autograder.assess.specimen import Specimen
from autograder.assess.specimens import Bench, one_of_each, specimens
from autograder.assess.verdicts import Verdict, count, judge_specimen
from autograder.assignment.policy import network_digest, read_tables
from autograder.errors import SourceError
from autograder.hidden.judge import Judge
from autograder.hidden.reference import PIXELS
from autograder.reuse.map_process import compute_quickly

__all__ = ["assess"]


def assess(folder: Path, say: Callable[[str], None], form: str = FULL) -> Accuracy:
    """Measure an assignment.

    Args:
        folder: its source.
        say: takes lines of progress.
        form: `FULL` for every specimen, `SHORT` for one of each kind.

    Raises:
        SourceError: the assignment has no network.
    """
    if "model" not in read_tables(folder):
        raise SourceError(f"{folder.name} has no network: there is nothing to make specimens of.")
    with tempfile.TemporaryDirectory(prefix="autograder-assess-") as scratch:
        for entry in folder.iterdir():
            if entry.is_file() and entry.suffix != ".ipynb":
                shutil.copy(entry, scratch)
        compute_quickly()
        judge = Judge.load(folder=scratch)
        bench = Bench(judge)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            every = specimens(bench)
            counted = _count(judge, one_of_each(every) if form == SHORT else every, _alike(judge), say)
    return dataclasses.replace(counted, digest=network_digest(folder), form=form)


def _count(
    judge: Judge, every: Iterable[Specimen], alike: tuple[tuple[str, ...], ...], say: Callable[[str], None]
) -> Accuracy:
    """Judge each specimen, and count."""
    verdicts = list[Verdict]()
    for number, specimen in enumerate(every, start=1):
        verdicts.append(judge_specimen(judge, specimen))
        if number % 25 == 0:
            say(f"{number} specimens judged")
    disagreements = tuple((one.specimen.name, one.wanted, one.said) for one in verdicts if not one.agrees)
    return Accuracy(*count(verdicts), disagreements, alike)


def _alike(judge: Judge) -> tuple[tuple[str, ...], ...]:
    """Return the groups of layers with the same values."""
    groups: dict[str, list[str]] = {}
    for name, layer in judge.reference.layers.items():
        if name != PIXELS:
            groups.setdefault(layer.first, []).append(name)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)
