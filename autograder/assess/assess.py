"""Have the judge look at an assignment's specimens, and count what it says."""

from __future__ import annotations

import dataclasses
import json
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.assess.specimens import Bench, Specimen, specimens
from autograder.assignment.policy import ACCURACY, network_digest, read_tables
from autograder.checks.failure import CheckFailed, CheckSkipped
from autograder.errors import SourceError
from autograder.files import write_file
from autograder.hidden.judge import Judge
from autograder.hidden.reference import PIXELS
from autograder.reuse.map_process import compute_quickly

__all__ = ["Accuracy", "Figure", "assess", "write_accuracy"]

_Z = 1.96  # of 95 %


@dataclass(frozen=True)
class Figure:
    """So many of so many.

    Attributes:
        got: how many.
        of: of how many.
    """

    got: int
    of: int

    @property
    def bounds(self) -> tuple[float, float]:
        """Wilson's bounds: 95 % of the intervals that are made so hold the true share."""
        if not self.of:
            return 0.0, 1.0
        share, squared = self.got / self.of, _Z**2 / self.of
        middle, half = share + squared / 2, _Z * ((share * (1 - share) + squared / 4) / self.of) ** 0.5
        return max(0.0, (middle - half) / (1 + squared)), min(1.0, (middle + half) / (1 + squared))

    def __str__(self) -> str:
        """Return the figure with its share and bounds, as a table shows it."""
        share = self.got / self.of if self.of else 0.0
        low, high = self.bounds
        return f"{self.got} of {self.of}, {share:.1%} (95%: {low:.1%} to {high:.1%})"


@dataclass(frozen=True)
class Accuracy:
    """How right the grader is about one assignment.

    Attributes:
        accepted: right specimens that passed.
        caught: wrong ones that lost their points.
        named: of the wrong ones, those whose mistake was named.
        disagreements: (specimen, what should have been said, what was).
        alike: groups of layers with the same values: which of them was taken can't be told, and all pass.
        digest: of the network, its data and the settings.
    """

    accepted: Figure
    caught: Figure
    named: Figure
    disagreements: tuple[tuple[str, str, str], ...]
    alike: tuple[tuple[str, ...], ...]
    digest: str = ""


def assess(folder: Path, say: Callable[[str], None]) -> Accuracy:
    """Measure an assignment.

    Args:
        folder: its source.
        say: takes lines of progress.

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
            counted = _count(judge, specimens(bench), _alike(judge), say)
    return dataclasses.replace(counted, digest=network_digest(folder))


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


def write_accuracy(folder: Path, accuracy: Accuracy) -> Path:
    """Write the figures into a folder, whole; return the file."""
    figures = {
        name: {
            "got": figure.got,
            "of": figure.of,
            "low": round(figure.bounds[0], 4),
            "high": round(figure.bounds[1], 4),
        }
        for name, figure in (("accepted", accuracy.accepted), ("caught", accuracy.caught), ("named", accuracy.named))
    }
    values = {"digest": accuracy.digest} | figures | {"disagreements": accuracy.disagreements, "alike": accuracy.alike}
    path = folder / ACCURACY
    write_file(path, json.dumps(values, indent=1, ensure_ascii=False) + "\n")
    return path
