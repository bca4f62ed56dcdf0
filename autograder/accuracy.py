"""How right the grader is about an assignment, and the file that says so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.files import write_file

__all__ = ["ACCURACY", "FULL", "SHORT", "Accuracy", "Figure", "read_accuracy", "write_accuracy"]

ACCURACY = "accuracy.json"
"""The file's name, beside the solved notebook."""
FULL = "full"
SHORT = "short"
_FIGURES = ("accepted", "caught", "named")
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
    def share(self) -> float:
        """Which part that is, from 0 to 1; 1 of none."""
        return self.got / self.of if self.of else 1.0

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
        low, high = self.bounds
        return f"{self.got} of {self.of}, {self.share:.1%} (95%: {low:.1%} to {high:.1%})"


@dataclass(frozen=True)
class Accuracy:
    """How right the grader is about one assignment.

    Attributes:
        accepted: right specimens that passed.
        caught: wrong ones that lost their points.
        named: of the wrong ones, those whose mistake was named.
        disagreements: (specimen, what should have been said, what was).
        alike: groups of layers with the same values: which of them was taken can't be told, and all pass.
        digest: of the network, its data and the settings that the judge reads.
        form: `FULL` for every specimen, `SHORT` for those of a build.
    """

    accepted: Figure
    caught: Figure
    named: Figure
    disagreements: tuple[tuple[str, str, str], ...] = ()
    alike: tuple[tuple[str, ...], ...] = ()
    digest: str = ""
    form: str = FULL


def write_accuracy(folder: Path, accuracy: Accuracy) -> Path:
    """Write the figures into a folder, whole; return the file."""
    values: dict[str, Any] = {"form": accuracy.form, "digest": accuracy.digest}
    for name in _FIGURES:
        figure: Figure = getattr(accuracy, name)
        low, high = (round(bound, 4) for bound in figure.bounds)
        values[name] = {"got": figure.got, "of": figure.of, "low": low, "high": high}
    values |= {"disagreements": accuracy.disagreements, "alike": accuracy.alike}
    path = folder / ACCURACY
    write_file(path, json.dumps(values, indent=1, ensure_ascii=False) + "\n")
    return path


def read_accuracy(folder: Path) -> Accuracy | None:
    """Return the figures that stand in a folder; None where none do, or where they can't be read."""
    try:
        values = json.loads((folder / ACCURACY).read_text(encoding="utf-8"))
        accepted, caught, named = (Figure(int(values[name]["got"]), int(values[name]["of"])) for name in _FIGURES)
        disagreements = tuple((str(name), str(wanted), str(said)) for name, wanted, said in values["disagreements"])
        alike = tuple(tuple(map(str, group)) for group in values["alike"])
        return Accuracy(accepted, caught, named, disagreements, alike, str(values["digest"]), str(values["form"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
