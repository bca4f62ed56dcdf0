"""Have the judge look at an assignment's specimens, and count what it says."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

from autograder.accuracy import FULL, SHORT, Accuracy, Figure
from autograder.assess.specimens import Bench, Specimen, one_of_each, specimens
from autograder.assignment.policy import network_digest, read_tables
from autograder.checks.failure import CheckFailed, CheckSkipped
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
    right: list[bool] = []
    caught: list[bool] = []
    named: list[bool] = []
    disagreements = []
    for number, specimen in enumerate(every, start=1):
        said = _said(judge, specimen)
        if number % 25 == 0:
            say(f"{number} specimens judged")
        if specimen.said:
            caught.append(said != "passed")
            named.append(said in specimen.said)
        else:
            right.append(said == "passed")
        if (said not in specimen.said) if specimen.said else said != "passed":
            disagreements.append((specimen.name, " or ".join(sorted(specimen.said)) or "passed", said))
    accepted, lost, told = (Figure(sum(each), len(each)) for each in (right, caught, named))
    return Accuracy(accepted, lost, told, tuple(disagreements), alike)


def _said(judge: Judge, specimen: Specimen) -> str:
    """Return what the judge says: a diagnosis, "skipped", or "passed"."""
    try:
        specimen.ask(judge)
    except CheckSkipped:
        return "skipped"
    except CheckFailed as failure:
        return str(failure.diagnosis)
    return "passed"


def _alike(judge: Judge) -> tuple[tuple[str, ...], ...]:
    """Return the groups of layers with the same values."""
    groups: dict[str, list[str]] = {}
    for name, layer in judge.reference.layers.items():
        if name != PIXELS:
            groups.setdefault(layer.first, []).append(name)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)
